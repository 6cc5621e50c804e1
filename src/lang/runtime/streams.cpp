#include "lang/runtime/streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "lang/reader/reader.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/memory.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/parking.hpp"

namespace reops::lang {
namespace {

constexpr size_t k_buffer = size_t{32} << 10;
constexpr size_t k_read_chunk = size_t{64} << 10;
// A line that has waited this long is not held back further for the sake of a fuller buffer.
constexpr auto k_hold_back = std::chrono::milliseconds(20);

[[noreturn]] void throw_io(const std::string& what, const std::string& name, int error) {
  throw_error(error == ENOENT ? ErrorClass::file_not_found : ErrorClass::io,
              what + " " + name + ": " + std::strerror(error));
}

// Waits until `fd` is ready, as a blocking region: an interrupt ends it.
void wait_ready(int fd, short events) {
  pollfd ready{fd, events, 0};
  if (::poll(&ready, 1, 0) > 0) return;
  int wake = ::eventfd(0, EFD_CLOEXEC);
  if (wake < 0) return;  // then the call itself blocks; nothing worse
  {
    BlockingRegion region([wake] {
      uint64_t one = 1;
      [[maybe_unused]] ssize_t written = ::write(wake, &one, sizeof one);
    });
    pollfd both[2] = {{fd, events, 0}, {wake, POLLIN, 0}};
    while (::poll(both, 2, -1) < 0 && errno == EINTR) {
      if (both[1].revents) break;
    }
  }
  ::close(wake);
  poll_after_wait();
}

void write_all(int fd, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    wait_ready(fd, POLLOUT);
    ssize_t n = ::write(fd, text.data(), text.size());
    if (n > 0) {
      text.remove_prefix(static_cast<size_t>(n));
    } else if (n < 0 && errno == EINTR) {
      poll();
    } else if (n < 0 && errno != EAGAIN) {
      if (errno == EPIPE) throw_error(ErrorClass::io, "Nobody reads " + name + " any more (broken pipe)");
      throw_io("Cannot write to", name, errno);
    }
  }
}

template <class T>
T& resource_argument(Value v, const char* expected) {
  T* found = resource_of<T>(v);
  if (!found) throw_class_cast(v, expected);
  return *found;
}

FileWriter* g_out = nullptr;
FileWriter* g_err = nullptr;
Value g_standard[3];

}  // namespace

FileWriter::FileWriter(int fd, std::string name, Buffering buffering, bool owns_fd, bool of_bytes)
    : fd_(fd), name_(std::move(name)), buffering_(buffering), owns_fd_(owns_fd), of_bytes_(of_bytes) {}

FileWriter::~FileWriter() {
  flush_quietly();
  if (owns_fd_ && fd_ >= 0) ::close(fd_);
}

void FileWriter::write(std::string_view text) {
  if (this == g_err && g_out) g_out->flush_quietly();  // what was printed before an error stands before it
  std::unique_lock lock(mutex_);
  if (fd_ < 0) throw_error(ErrorClass::io, "Cannot write to " + name_ + ": it is closed");
  buffer_ += text;
  bool line_ended = text.find('\n') != std::string_view::npos;
  bool due = buffering_ == Buffering::none || buffer_.size() >= k_buffer ||
             (line_ended && buffering_ == Buffering::lines) ||
             (line_ended && this == g_out && std::chrono::steady_clock::now() - flushed_at_ > k_hold_back);
  if (due) drain(lock);
}

// Writes without the lock, so that others may print meanwhile, and an interrupted writer leaves nothing
// locked.
void FileWriter::drain(std::unique_lock<std::mutex>& lock) {
  std::string taken;
  taken.swap(buffer_);
  flushed_at_ = std::chrono::steady_clock::now();
  if (taken.empty()) return;
  int fd = fd_;
  lock.unlock();
  write_all(fd, taken, name_);
  lock.lock();
}

bool FileWriter::terminal() const { return ::isatty(fd_) == 1; }

void FileWriter::flush() {
  std::unique_lock lock(mutex_);
  if (fd_ >= 0) drain(lock);
}

void FileWriter::flush_quietly() noexcept {
  std::unique_lock lock(mutex_);
  std::string_view rest = buffer_;
  while (fd_ >= 0 && !rest.empty()) {
    ssize_t n = ::write(fd_, rest.data(), rest.size());
    if (n > 0) {
      rest.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd ready{fd_, POLLOUT, 0};
      if (::poll(&ready, 1, 1000) <= 0) break;
    } else if (errno != EINTR) {
      break;
    }
  }
  buffer_.clear();
}

void FileWriter::close() {
  flush();
  std::unique_lock lock(mutex_);
  if (owns_fd_ && fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

void StringWriter::write(std::string_view text) {
  check_memory(text.size());
  std::lock_guard lock(mutex_);
  text_ += text;
}

std::string StringWriter::text() const {
  std::lock_guard lock(mutex_);
  return text_;
}

void StringWriter::edit(const std::function<void(std::string&)>& change) {
  std::lock_guard lock(mutex_);
  change(text_);
}

bool TextInput::more() {
  if (at_end_) return false;
  // What has been consumed is forgotten when it is most of the buffer, which keeps each byte's cost constant.
  if (at_ > buffer_.size() / 2) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  const bool filled = fill(buffer_);
  at_end_ = !filled && ends_for_good();
  return filled;
}

// More input for a form that was cut off: at least something, and as much as is there up to the double, so
// that reading again and again from its beginning costs no more than reading it a few times.
bool TextInput::twice_as_much() {
  size_t before = pending().size();
  if (!more()) return false;
  while (pending().size() < 2 * before && ready() && more()) {
  }
  return true;
}

void TextInput::consume(size_t bytes) { at_ += bytes; }

std::optional<std::string> TextInput::read_line() {
  size_t searched = 0;
  for (;;) {
    size_t end = pending().find('\n', searched);
    if (end != std::string_view::npos) {
      std::string line(pending().substr(0, end));
      consume(end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    searched = pending().size();
    if (more()) continue;
    if (pending().empty()) return std::nullopt;
    std::string line(pending());
    consume(line.size());
    return line;
  }
}

std::string TextInput::read_all() {
  while (more()) {
  }
  std::string all(pending());
  consume(all.size());
  return all;
}

std::string TextInput::read_some() {
  while (pending().empty() && more()) {
  }
  std::string some(pending());
  consume(some.size());
  return some;
}

std::optional<unsigned char> TextInput::read_byte() {
  while (pending().empty()) {
    if (!more()) return std::nullopt;
  }
  auto byte = static_cast<unsigned char>(pending()[0]);
  consume(1);
  return byte;
}

void TextInput::unread(std::string_view text) {
  buffer_.replace(0, at_, text);
  at_ = 0;
}

std::optional<char32_t> TextInput::read_character() {
  while (pending().empty()) {
    if (!more()) return std::nullopt;
  }
  // A character may lie across two fills.
  auto lead = static_cast<unsigned char>(pending()[0]);
  size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  while (pending().size() < length && more()) {
  }
  std::string_view bytes = pending().substr(0, length);
  if (!valid_utf8(bytes)) {
    consume(1);
    return U'\uFFFD';
  }
  size_t at = 0;
  char32_t c = next_code_point(bytes, at);
  consume(at);
  return c;
}

Ref TextInput::read_form(const ReaderOptions& options, std::string* consumed) {
  for (;;) {
    auto source = std::make_shared<Source>();
    source->name = describe();
    source->text = pending();
    Reader reader(source, options);
    try {
      Ref form = reader.read();
      // Nothing but blanks so far, or a token that the next piece of input may go on with.
      bool unfinished = form.get().is_none() || reader.offset() == source->text.size();
      if (unfinished && twice_as_much()) continue;
      if (consumed) consumed->assign(source->text, 0, reader.offset());
      consume(reader.offset());
      return form;
    } catch (const Thrown&) {
      if (reader.incomplete() && twice_as_much()) continue;
      consume(std::max<size_t>(reader.offset(), 1));
      throw;
    }
  }
}

void FileInput::close() {
  if (owns_fd_ && fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool FileInput::fill(std::string& buffer) {
  if (fd_ < 0) throw_error(ErrorClass::io, "Cannot read from " + name_ + ": it is closed");
  if (g_out && fd_ == STDIN_FILENO) g_out->flush_quietly();
  size_t old = buffer.size();
  for (;;) {
    wait_ready(fd_, POLLIN);
    // Some files have no end and are always ready.
    poll();
    if (old + k_read_chunk > buffer.capacity()) check_memory(2 * buffer.capacity());
    buffer.resize(old + k_read_chunk);
    ssize_t n = ::read(fd_, buffer.data() + old, k_read_chunk);
    buffer.resize(old + (n > 0 ? static_cast<size_t>(n) : 0));
    if (n >= 0) return n > 0;
    if (errno == EINTR) {
      poll();
    } else if (errno != EAGAIN) {
      throw_io("Cannot read from", name_, errno);
    }
  }
}

bool FileInput::ready() const {
  pollfd waiting{fd_, POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

bool StringInput::fill(std::string& buffer) {
  if (text_.empty()) return false;
  buffer += text_;
  text_.clear();
  return true;
}

void make_standard_streams() {
  if (g_out) return;
  std::signal(SIGPIPE, SIG_IGN);
  using Buffering = FileWriter::Buffering;
  auto out = std::make_unique<FileWriter>(
      STDOUT_FILENO, "standard output", ::isatty(STDOUT_FILENO) ? Buffering::lines : Buffering::full, false);
  auto err = std::make_unique<FileWriter>(STDERR_FILENO, "standard error", Buffering::none, false);
  g_out = out.get();
  g_err = err.get();
  // The process's own streams are never closed: whoever prints last, at exit, still finds them.
  auto keep = [](StandardStream which, Resource* resource) {
    Ref handle = make_handle(resource);
    publish(handle);
    immortalize(handle);
    g_standard[static_cast<size_t>(which)] = handle.take();
  };
  keep(StandardStream::in, new FileInput(STDIN_FILENO, "standard input", false));
  keep(StandardStream::out, out.release());
  keep(StandardStream::err, err.release());
}

Value standard_stream(StandardStream which) { return g_standard[static_cast<size_t>(which)]; }

void flush_standard_streams() noexcept {
  if (g_out) g_out->flush_quietly();
  if (g_err) g_err->flush_quietly();
}

TextWriter& writer_argument(Value v) { return resource_argument<TextWriter>(v, "a writer"); }
TextInput& input_argument(Value v) { return resource_argument<TextInput>(v, "a reader of text"); }

TextWriter& current_out() {
  return resource_argument<TextWriter>(deref(*core_vars().out), "a writer in *out*");
}
TextWriter& current_err() {
  return resource_argument<TextWriter>(deref(*core_vars().err), "a writer in *err*");
}
TextInput& current_in() {
  return resource_argument<TextInput>(deref(*core_vars().in), "a reader of text in *in*");
}

std::string read_file(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw_io("Cannot read", path, errno);
  // An ordinary file says how large it is; a pipe or a file of /proc does not, so reading to the end decides.
  FileInput input(fd, path, true);
  return input.read_all();
}

void write_file(const std::string& path, std::string_view content, bool append) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0666);
  if (fd < 0) throw_io("Cannot write", path, errno);
  FileWriter writer(fd, path, FileWriter::Buffering::full, true);
  writer.write(content);
  writer.close();
}

}  // namespace reops::lang
