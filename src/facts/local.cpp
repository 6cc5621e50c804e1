#include "facts/local.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/unique_fd.hpp"

namespace reops::facts {
namespace {

// Of one file; a list of packages has a few megabytes.
constexpr size_t k_most = size_t{32} << 20;

// Files of /proc and /sys say nothing of their size, and some end in an error: what came before counts.
std::optional<std::string> read_text(const std::string& path, size_t most) {
  base::UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return std::nullopt;
  std::string text;
  char part[16 * 1024];
  while (text.size() < most) {
    ssize_t n = read(fd.get(), part, std::min(sizeof part, most - text.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && text.empty()) return std::nullopt;
    if (n <= 0) break;
    text.append(part, static_cast<size_t>(n));
  }
  return text;
}

void read_each(Reading& reading, const char* pattern, size_t most) {
  for (const std::string& path : base::glob_paths(pattern))
    if (auto text = read_text(path, most)) reading.put(path, std::move(*text));
}

void read_need(Reading& reading, const Need& need) {
  switch (need.kind) {
    case Need::file:
      if (auto text = read_text(need.name, k_most)) reading.put(need.name, std::move(*text));
      break;
    case Need::line:
      return read_each(reading, need.name, 4096);
    case Need::files:
      return read_each(reading, need.name, k_most);
    case Need::joined: {
      std::string all;
      for (const std::string& path : base::glob_paths(need.name))
        if (auto text = read_text(path, k_most)) all += *text;
      reading.put(need.name, std::move(all));
      break;
    }
    case Need::probe:
      reading.put(need.name, need.here());
      break;
  }
}

}  // namespace

Reading read_here(const Groups& groups) {
  Reading reading;
  for (const Need& need : needs_of(groups)) read_need(reading, need);
  return reading;
}

}  // namespace reops::facts
