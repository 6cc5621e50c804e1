#include "facts/reading.hpp"

#include <algorithm>

#include "facts/text.hpp"

namespace reops::facts {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "sda2" before "sda10".
bool comes_before(std::string_view a, std::string_view b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      size_t end_a = i, end_b = j;
      while (end_a < a.size() && is_digit(a[end_a])) ++end_a;
      while (end_b < b.size() && is_digit(b[end_b])) ++end_b;
      if (end_a - i != end_b - j) return end_a - i < end_b - j;
      int order = a.substr(i, end_a - i).compare(b.substr(j, end_b - j));
      if (order != 0) return order < 0;
      i = end_a;
      j = end_b;
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

}  // namespace

std::string_view Reading::text(std::string_view name) const {
  auto found = texts_.find(name);
  return found == texts_.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view Reading::first_of(std::initializer_list<std::string_view> names) const {
  for (std::string_view name : names)
    if (std::string_view found = text(name); !found.empty()) return found;
  return {};
}

std::string_view Reading::line(std::string_view name) const {
  std::string_view whole = text(name);
  return trimmed(whole.substr(0, whole.find('\n')));
}

std::vector<std::string_view> Reading::below(std::string_view folder) const {
  std::vector<std::string_view> names;
  for (auto at = texts_.lower_bound(folder); at != texts_.end() && at->first.starts_with(folder); ++at) {
    std::string_view rest = std::string_view(at->first).substr(folder.size());
    std::string_view name = rest.substr(0, rest.find('/'));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  std::sort(names.begin(), names.end(), comes_before);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void Reading::each(std::string_view beginning,
                   const std::function<void(std::string_view name, std::string_view text)>& visit) const {
  for (auto at = texts_.lower_bound(beginning); at != texts_.end() && at->first.starts_with(beginning); ++at)
    visit(at->first, at->second);
}

}  // namespace reops::facts
