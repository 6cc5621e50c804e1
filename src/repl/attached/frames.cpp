#include "repl/attached/frames.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/errors.hpp"

namespace reops::repl {
namespace {

constexpr std::size_t k_head = 4;

union ControlBuffer {
  cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int) * k_hello_descriptors)];
};

void take_descriptors(msghdr& message, HelloDescriptors& taken) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      base::UniqueFd owned(fd);
      if (i < taken.size()) taken[i] = std::move(owned);
    }
  }
}

}  // namespace

std::string encode_frame(const Words& words) {
  std::size_t length = 0;
  for (const std::string& word : words) length += word.size() + 1;
  std::string frame;
  for (unsigned shift = 0; shift < 32; shift += 8) frame += static_cast<char>(length >> shift & 0xff);
  for (const std::string& word : words) {
    frame += word;
    frame += '\0';
  }
  return frame;
}

std::optional<Words> FrameReader::next() {
  if (broken_ || received_.size() < k_head) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < k_head; ++i)
    length |= std::size_t{static_cast<unsigned char>(received_[i])} << 8 * i;
  if (length > k_longest) broken_ = true;
  if (broken_ || received_.size() < k_head + length) return std::nullopt;
  std::string_view rest = std::string_view(received_).substr(k_head, length);
  Words words;
  for (std::size_t end; (end = rest.find('\0')) != rest.npos; rest.remove_prefix(end + 1))
    words.emplace_back(rest.substr(0, end));
  received_.erase(0, k_head + length);
  if (words.empty() || !rest.empty()) {
    broken_ = true;
    return std::nullopt;
  }
  return words;
}

base::Result<void> send_frame(int socket, const Words& words,
                              const std::array<int, k_hello_descriptors>* descriptors) {
  const std::string frame = encode_frame(words);
  for (std::size_t sent = 0; sent < frame.size();) {
    iovec part{const_cast<char*>(frame.data()) + sent, frame.size() - sent};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ControlBuffer control{};
    if (descriptors && sent == 0) {
      message.msg_control = control.bytes;
      message.msg_controllen = sizeof control.bytes;
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof *descriptors);
      std::memcpy(CMSG_DATA(header), descriptors->data(), sizeof *descriptors);
    }
    const ssize_t size = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (size >= 0) {
      sent += static_cast<std::size_t>(size);
    } else if (errno != EINTR) {
      return base::errno_error("socket", "cannot write to the other side", errno);
    }
  }
  return {};
}

bool receive_some(int socket, std::string& bytes, HelloDescriptors* descriptors) {
  char chunk[16384];
  iovec part{chunk, sizeof chunk};
  ControlBuffer control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptors) {
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
  }
  const ssize_t size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (descriptors) take_descriptors(message, *descriptors);
  bytes.append(chunk, static_cast<std::size_t>(size));
  return size > 0;
}

}  // namespace reops::repl
