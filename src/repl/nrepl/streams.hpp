#pragma once
// What *out*, *err* and *in* are in an evaluation that a client asked for.

#include <memory>
#include <mutex>
#include <string>

#include "lang/runtime/streams.hpp"
#include "repl/nrepl/channel.hpp"

namespace reops::repl {

/// Sends what is printed to the client that asked. Once that is gone, for threads that go on printing, to the
/// server's own stream.
class ClientWriter : public lang::TextWriter {
 public:
  /// `stream`: "out" or "err".
  ClientWriter(const Request& request, const char* stream);
  void write(std::string_view text) override;
  void flush() override {}
  void close() override {}
  std::string describe() const override { return std::string("Writer nREPL ") + stream_; }

 private:
  std::shared_ptr<Channel> channel_;
  Bencode::Dict frame_;
  const char* stream_;
};

/// What clients have sent for a session's *in* and nobody has read yet.
class InputQueue {
 public:
  /// An empty text ends the input for who reads now; a later evaluation may read again. False when too much
  /// waits to be read already.
  bool push(const std::string& text);
  /// Whose evaluation it is that is told when there is nothing to read.
  void set_asked(const Request& request);
  /// Appends what is there, waiting for it if need be; false at the end of the input. For interpreter
  /// threads.
  bool pull(std::string& buffer);
  bool has_something();
  /// Whether the end was reached since this was last asked.
  bool take_ended();
  /// Ends every wait, for good.
  void close();

 private:
  bool ready_locked() const { return !text_.empty() || end_ || closed_; }

  std::mutex lock_;
  std::string text_;
  bool end_ = false;    ///< after text_
  bool ended_ = false;  ///< somebody was told
  bool closed_ = false;
  std::optional<Request> asked_;
};

class ClientInput : public lang::TextInput {
 public:
  explicit ClientInput(std::shared_ptr<InputQueue> queue) : queue_(std::move(queue)) {}
  std::string describe() const override { return "Reader nREPL"; }

 protected:
  bool fill(std::string& buffer) override { return queue_->pull(buffer); }
  bool ready() const override { return queue_->has_something(); }

 private:
  std::shared_ptr<InputQueue> queue_;
};

}  // namespace reops::repl
