#pragma once
// Channel: the way back to one client, for the loop that owns its connection and for the threads that
// evaluate.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/event_loop.hpp"
#include "repl/nrepl/bencode.hpp"

namespace reops::repl {

/// Any thread sends; the loop takes what is there and writes it. What was sent first arrives first.
///
/// Text that an evaluation prints is gathered until the loop comes to take it, so that a thousand short lines
/// are a few messages. A client that does not read is waited for (wait_until_read), never buffered for
/// without bounds.
class Channel {
 public:
  /// `flush` is posted to the loop behind `inbox` when there is something to take.
  Channel(std::shared_ptr<base::Inbox> inbox, std::function<void()> flush);

  void send(Bencode::Dict message);
  /// Text for the field `stream` ("out" or "err") of a message that otherwise is `frame`. False when the
  /// client is gone.
  bool send_text(const Bencode::Dict& frame, const char* stream, std::string_view text);
  /// Waits while the client has more than enough to read still. For interpreter threads: an interrupt ends
  /// it.
  void wait_until_read();
  bool closed() const { return closed_.load(); }

  /// The loop's side: everything sent so far, encoded.
  std::string take();
  /// How many bytes of what was taken are not written yet.
  void note_unwritten(std::size_t bytes);
  /// Nothing is sent from now on.
  void close();

 private:
  void seal_text();
  void ask_for_flush();
  bool may_go_on() const { return closed() || waiting_.load() + unwritten_.load() < k_enough; }

  static constexpr std::size_t k_enough = std::size_t{1} << 20;

  std::shared_ptr<base::Inbox> inbox_;
  std::function<void()> flush_;
  std::mutex lock_;  // guards what follows, up to `asked_`
  std::string encoded_;
  Bencode::Dict text_frame_;
  const char* text_stream_ = nullptr;
  std::string text_;
  bool asked_ = false;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> unwritten_{0};
  std::atomic<bool> closed_{false};
};

/// One message of a client, as far as answers need it.
struct Request {
  std::shared_ptr<Channel> channel;
  std::optional<Bencode> id;
  std::string session;

  /// `id` and `session`, which every answer carries.
  Bencode::Dict frame() const;
  void reply(Bencode::Dict message) const;
  /// {"status": […]} with what else the answer says.
  void reply_status(std::initializer_list<const char*> status, Bencode::Dict message = {}) const;
};

}  // namespace reops::repl
