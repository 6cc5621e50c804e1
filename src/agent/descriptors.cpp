#include "agent/descriptors.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/errors.hpp"

namespace reops::agent {
namespace {

constexpr size_t k_most_text = 256;
constexpr size_t k_most_descriptors = 4;

union ControlBuffer {
  char bytes[CMSG_SPACE(sizeof(int) * k_most_descriptors)];
  cmsghdr align;
};

void close_range_of(unsigned from, unsigned to) {
  if (from > to) return;
  if (syscall(SYS_close_range, from, to, 0) == 0) return;
  // A kernel before 5.9.
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  auto last = static_cast<unsigned>(std::min<rlim_t>(limit.rlim_cur, 65'536));
  for (unsigned fd = from; fd <= to && fd < last; ++fd) close(static_cast<int>(fd));
}

}  // namespace

base::Result<SocketPair> make_socket_pair(int type) {
  int ends[2];
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
    return base::errno_error("agent", "cannot make a pair of sockets", errno);
  return SocketPair{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

bool send_descriptors(int socket, const std::string& text, std::initializer_list<int> descriptors) {
  iovec part{const_cast<char*>(text.data()), text.size()};
  ControlBuffer control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptors.size() > 0) {
    size_t bytes = sizeof(int) * descriptors.size();
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(header), descriptors.begin(), bytes);
  }
  ssize_t sent;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

std::optional<Received> receive_descriptors(int socket) {
  char text[k_most_text];
  iovec part{text, sizeof text};
  ControlBuffer control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  ssize_t got;
  do {
    got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
  Received received;
  if (got <= 0) return received;
  received.text.assign(text, static_cast<size_t>(got));
  for (cmsghdr* h = CMSG_FIRSTHDR(&message); h != nullptr; h = CMSG_NXTHDR(&message, h)) {
    if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
      received.descriptors.emplace_back(fd);
    }
  }
  return received;
}

void close_all_but(std::initializer_list<int> kept) {
  std::vector<unsigned> sorted;
  for (int fd : kept)
    if (fd > STDERR_FILENO) sorted.push_back(static_cast<unsigned>(fd));
  std::sort(sorted.begin(), sorted.end());
  unsigned from = STDERR_FILENO + 1;
  for (unsigned fd : sorted) {
    if (fd > from) close_range_of(from, fd - 1);
    from = fd + 1;
  }
  close_range_of(from, ~0U);
}

void detach_standard_streams(bool error_too) {
  int nothing = open("/dev/null", O_RDWR);
  int pipe_ends[2] = {-1, -1};
  if (nothing < 0 && pipe(pipe_ends) != 0) return;
  // Nobody reads from that pipe and nobody writes to it: input is at its end, output fails, and SIGPIPE is
  // ignored.
  dup2(nothing >= 0 ? nothing : pipe_ends[0], STDIN_FILENO);
  for (int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    if (fd == STDERR_FILENO && !error_too) continue;
    dup2(nothing >= 0 ? nothing : pipe_ends[1], fd);
  }
  for (int fd : {nothing, pipe_ends[0], pipe_ends[1]})
    if (fd > STDERR_FILENO) close(fd);
}

}  // namespace reops::agent
