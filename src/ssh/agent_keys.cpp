#include "ssh/agent_keys.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>

#include "ssh/agent_link.hpp"

namespace reops::ssh {
namespace {

// RFC draft-miller-ssh-agent, sections 3 and 4.
constexpr std::string_view k_request_identities("\0\0\0\1\x0b", 5);
constexpr char k_identities_answer = 12;
constexpr std::size_t k_largest_answer = 256 * 1024;

bool read_all(int fd, char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(fd, to, size);
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::size_t number_of(std::string_view bytes) {
  std::size_t number = 0;
  for (const char byte : bytes.substr(0, 4)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::string answer_of(int fd) {
  char size_bytes[4];
  if (::send(fd, k_request_identities.data(), k_request_identities.size(), MSG_NOSIGNAL) < 0 ||
      !read_all(fd, size_bytes, sizeof size_bytes))
    return "";
  const std::size_t size = number_of({size_bytes, sizeof size_bytes});
  if (size < 5 || size > k_largest_answer) return "";
  std::string answer(size, '\0');
  return read_all(fd, answer.data(), size) && answer[0] == k_identities_answer ? answer : "";
}

}  // namespace

std::set<std::string> agent_keys(const std::string& socket_path) {
  AgentLink link;
  const base::UniqueFd socket = link.connect(socket_path);
  if (!socket) return {};
  const timeval patience{2, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const std::string answer = answer_of(socket.get());
  std::set<std::string> keys;
  if (answer.empty()) return keys;
  // A count, then a blob and a comment of each.
  std::string_view rest = std::string_view(answer).substr(5);
  for (std::size_t field = 0; rest.size() >= 4; ++field) {
    const std::size_t size = number_of(rest);
    if (rest.size() - 4 < size) break;
    if (field % 2 == 0) keys.emplace(rest.substr(4, size));
    rest.remove_prefix(4 + size);
  }
  return keys;
}

}  // namespace reops::ssh
