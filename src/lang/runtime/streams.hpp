#pragma once
// Text streams: what *out*, *err* and *in* are, writers onto strings, readers of files.

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "lang/value/handle.hpp"

namespace reops::lang {

/// Takes text. Safe from several threads: what one call writes stays together.
class TextWriter : public Resource {
 public:
  /// Throws an IOException when the other side is gone or the disk is full.
  virtual void write(std::string_view text) = 0;
  virtual void flush() = 0;
  virtual void close() = 0;
  /// A stream of bytes: a number that is written to it is a byte, not a character.
  virtual bool of_bytes() const { return false; }
  /// Whether a person at a terminal sees it.
  virtual bool terminal() const { return false; }
  Shape shape() const override { return Shape::writer; }
};

/// Writes to a file descriptor through a buffer. On a terminal every line goes out at once; elsewhere when
/// the buffer is full, when the last time is a while ago, and before anything waits for input.
class FileWriter : public TextWriter {
 public:
  enum class Buffering { lines, full, none };
  FileWriter(int fd, std::string name, Buffering buffering, bool owns_fd, bool of_bytes = false);
  ~FileWriter() override;
  void write(std::string_view text) override;
  void flush() override;
  void close() override;
  bool terminal() const override;
  /// For exits: writes what is left and reports nothing.
  void flush_quietly() noexcept;
  bool of_bytes() const override { return of_bytes_; }
  std::string describe() const override { return "Writer " + name_; }

 private:
  void drain(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  int fd_;
  std::string name_;
  Buffering buffering_;
  bool owns_fd_;
  bool of_bytes_;
  std::string buffer_;
  std::chrono::steady_clock::time_point flushed_at_;
};

/// Gathers text (`with-out-str`).
class StringWriter : public TextWriter {
 public:
  void write(std::string_view text) override;
  void flush() override {}
  void close() override {}
  std::string text() const;
  /// Replaces what was gathered by what `change` makes of it.
  void edit(const std::function<void(std::string&)>& change);
  Shape shape() const override { return Shape::string_writer; }
  std::string describe() const override { return "StringWriter"; }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// Gives text, or bytes. For one thread at a time.
class TextInput : public Resource {
 public:
  explicit TextInput(bool of_bytes = false) : of_bytes_(of_bytes) {}
  /// A stream of bytes: what is read from it one by one are bytes, not characters.
  bool of_bytes() const { return of_bytes_; }
  Shape shape() const override { return Shape::reader; }
  /// The next line without its end (\n or \r\n); nullopt at the end of input.
  std::optional<std::string> read_line();
  /// Everything that is left.
  std::string read_all();
  /// The next code point, or nullopt.
  std::optional<char32_t> read_character();
  std::optional<unsigned char> read_byte();
  /// Some of what is left, as much as is at hand; empty at the end of input.
  std::string read_some();
  /// Puts text back before what is left.
  void unread(std::string_view text);
  /// The next form, as the reader options say; none() at the end of input. `consumed`, if given, gets its
  /// text.
  Ref read_form(const struct ReaderOptions& options, std::string* consumed = nullptr);
  virtual void close() {}

 protected:
  /// Appends more to `buffer`; false at the end.
  virtual bool fill(std::string& buffer) = 0;
  /// Whether it is over once fill has said so. At a terminal Ctrl-D ends only what reads now.
  virtual bool ends_for_good() const { return true; }
  /// Whether fill would return at once.
  virtual bool ready() const { return true; }

 private:
  std::string_view pending() const { return std::string_view(buffer_).substr(at_); }
  bool more();
  bool twice_as_much();
  void consume(size_t bytes);

  std::string buffer_;
  size_t at_ = 0;
  bool at_end_ = false;
  bool of_bytes_;
};

class FileInput : public TextInput {
 public:
  FileInput(int fd, std::string name, bool owns_fd, bool of_bytes = false)
      : TextInput(of_bytes), fd_(fd), name_(std::move(name)), owns_fd_(owns_fd) {}
  ~FileInput() override { close(); }
  void close() override;
  std::string describe() const override { return "Reader " + name_; }

 protected:
  bool fill(std::string& buffer) override;
  bool ready() const override;

 private:
  int fd_;
  std::string name_;
  bool owns_fd_;
};

class StringInput : public TextInput {
 public:
  explicit StringInput(std::string text, bool of_bytes = false)
      : TextInput(of_bytes), text_(std::move(text)) {}
  std::string describe() const override { return "StringReader"; }

 protected:
  bool fill(std::string& buffer) override;

 private:
  std::string text_;
};

/// The process's own streams, which *out*, *err* and *in* are until something else is bound to them.
enum class StandardStream : uint8_t { in, out, err };
/// Makes them, and makes a closed pipe an error of ours instead of the process's end. Before anything else of
/// the language; a second time changes nothing.
void make_standard_streams();
/// The stream as a value, which lives forever.
Value standard_stream(StandardStream which);
/// Before a prompt, before a wait, at exit.
void flush_standard_streams() noexcept;

/// The writer that *out* (or *err*) is bound to. Throws class-cast when it is something else.
TextWriter& current_out();
TextWriter& current_err();
TextInput& current_in();
TextWriter& writer_argument(Value v);
TextInput& input_argument(Value v);

/// Whole files. They throw IOException and FileNotFoundException that name the path.
std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view content, bool append);

}  // namespace reops::lang
