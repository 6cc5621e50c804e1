#include "agent/frames.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace reops::agent {
namespace {

constexpr size_t k_head = 9;
constexpr size_t k_read_at_once = 64 * 1024;
// One worker that never stops writing does not keep the others waiting.
constexpr size_t k_read_in_one_go = 4 * 1024 * 1024;
// Shipped code could write whatever it likes.
constexpr uint64_t k_most = (uint64_t{1} << 30) + (uint64_t{1} << 20);
// What a buffer keeps for the next frames when a large one has gone through it.
constexpr size_t k_keep = 256 * 1024;

std::array<char, k_head> head_of(FrameKind kind, uint64_t size) {
  std::array<char, k_head> head;
  head[0] = static_cast<char>(kind);
  std::memcpy(head.data() + 1, &size, sizeof size);
  return head;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

bool read_all(int fd, char* to, size_t size) {
  while (size > 0) {
    ssize_t n = read(fd, to, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    to += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

}  // namespace

bool write_frame(int fd, FrameKind kind, std::string_view bytes, std::string_view more) {
  auto head = head_of(kind, bytes.size() + more.size());
  std::string start(head.data(), head.size());
  start += bytes;
  if (more.size() < k_read_at_once) {
    start += more;
    more = {};
  }
  return write_all(fd, start) && write_all(fd, more);
}

std::optional<Frame> read_frame(int fd) {
  std::array<char, k_head> head;
  if (!read_all(fd, head.data(), head.size())) return std::nullopt;
  uint64_t size;
  std::memcpy(&size, head.data() + 1, sizeof size);
  Frame frame{static_cast<FrameKind>(head[0]), std::string(size, '\0')};
  if (!read_all(fd, frame.bytes.data(), size)) return std::nullopt;
  return frame;
}

FrameStream::FrameStream(base::UniqueFd socket) : socket_(std::move(socket)) {
  fcntl(socket_.get(), F_SETFL, fcntl(socket_.get(), F_GETFL) | O_NONBLOCK);
}

void FrameStream::append(FrameKind kind, std::string_view bytes, std::string_view more,
                         std::string_view rest) {
  auto head = head_of(kind, bytes.size() + more.size() + rest.size());
  outgoing_.append(head.data(), head.size());
  outgoing_.append(bytes).append(more).append(rest);
}

bool FrameStream::flush() {
  while (has_unsent()) {
    ssize_t n = send(socket_.get(), outgoing_.data() + sent_, outgoing_.size() - sent_, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    sent_ += static_cast<size_t>(n);
  }
  outgoing_.clear();
  if (outgoing_.capacity() > k_keep) outgoing_.shrink_to_fit();
  sent_ = 0;
  return true;
}

bool FrameStream::receive(const std::function<void(Frame&&)>& on_frame) {
  bool open = true;
  for (size_t read_now = 0; read_now < k_read_in_one_go;) {
    size_t had = incoming_.size();
    size_t wanted = k_read_at_once;
    if (had >= k_head) {
      // A large frame is read in one piece as far as it has come.
      uint64_t size;
      std::memcpy(&size, incoming_.data() + 1, sizeof size);
      if (size > k_most) return false;
      if (size + k_head > had + wanted) incoming_.reserve(size + k_head);
    }
    incoming_.resize(had + wanted);
    ssize_t n = read(socket_.get(), incoming_.data() + had, wanted);
    incoming_.resize(had + (n > 0 ? static_cast<size_t>(n) : 0));
    if (n < 0 && errno == EINTR) continue;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) open = false;
    if (n < static_cast<ssize_t>(wanted)) break;
    read_now += wanted;
  }
  size_t at = 0;
  while (incoming_.size() - at >= k_head) {
    uint64_t size;
    std::memcpy(&size, incoming_.data() + at + 1, sizeof size);
    if (size > k_most) return false;
    if (incoming_.size() - at - k_head < size) break;
    Frame frame{static_cast<FrameKind>(incoming_[at]), incoming_.substr(at + k_head, size)};
    at += k_head + size;
    on_frame(std::move(frame));
  }
  incoming_.erase(0, at);
  if (incoming_.empty() && incoming_.capacity() > k_keep) incoming_.shrink_to_fit();
  return open;
}

}  // namespace reops::agent
