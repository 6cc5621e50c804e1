#include "repl/history.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "base/files.hpp"

namespace reops::repl {
namespace {

std::string escaped(std::string_view entry) {
  std::string out;
  for (char c : entry) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out += '\n';
}

std::string unescaped(std::string_view line) {
  std::string out;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      out += line[++i] == 'n' ? '\n' : line[i];
    } else {
      out += line[i];
    }
  }
  return out;
}

}  // namespace

History::History(std::string path, size_t most) : path_(std::move(path)), most_(most) { load(); }

void History::load() {
  if (path_.empty()) return;
  auto text = base::read_file(path_);
  if (!text) return;
  // One that somebody made readable for others is closed again.
  ::chmod(path_.c_str(), 0600);
  std::string_view rest = text.value();
  while (!rest.empty()) {
    size_t end = std::min(rest.find('\n'), rest.size());
    if (end > 0) entries_.push_back(unescaped(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  // Room for half as many more before the file is written anew.
  if (entries_.size() > most_ + most_ / 2) {
    entries_.erase(entries_.begin(), entries_.end() - static_cast<std::ptrdiff_t>(most_));
    rewrite_file();
  }
}

void History::add(const std::string& entry) {
  if (entry.empty() || (!entries_.empty() && entries_.back() == entry)) return;
  entries_.push_back(entry);
  append_to_file(entry);
}

std::optional<size_t> History::find_before(size_t before, std::string_view text) const {
  for (size_t i = std::min(before, entries_.size()); i-- > 0;) {
    if (entries_[i].find(text) != std::string::npos) return i;
  }
  return std::nullopt;
}

// A history that cannot be written costs the person nothing but the history.

void History::append_to_file(const std::string& entry) const {
  if (path_.empty()) return;
  [[maybe_unused]] const base::Result<void> written = base::append_file(path_, escaped(entry), 0600);
}

void History::rewrite_file() const {
  std::string text;
  for (const std::string& entry : entries_) text += escaped(entry);
  [[maybe_unused]] const base::Result<void> written = base::write_file_atomic(path_, text, 0600);
}

}  // namespace reops::repl
