// A module of native functions: how alike names of hosts are. Built by ./build, loaded at the prompt by
// (load-module "examples/native/names.so"). See docs/extending.md.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lang/builtin/def_native.hpp"
#include "lang/runtime/module.hpp"

namespace {

using namespace reops::lang;

// How many letters have to be changed, added or left out to make one of the other.
int64_t distance(std::string_view a, std::string_view b) {
  std::vector<int64_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    int64_t diagonal = std::exchange(row[0], static_cast<int64_t>(i));
    for (size_t j = 1; j <= b.size(); ++j) {
      const int64_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::optional<std::string> closest(std::string_view name, std::vector<std::string> known,
                                   std::optional<int64_t> most) {
  std::optional<std::string> best;
  int64_t least = most.value_or(INT64_MAX);
  for (const std::string& candidate : known) {
    const int64_t changes = distance(name, candidate);
    if (changes > least || (best && changes == least)) continue;
    least = changes;
    best = candidate;
  }
  return best;
}

std::map<std::string, std::vector<std::string>> grouped(std::vector<std::string> names) {
  std::map<std::string, std::vector<std::string>> groups;
  for (std::string& name : names) groups[name.substr(0, name.find_first_of("0123456789"))].push_back(name);
  return groups;
}

double entropy(std::string_view text) {
  std::map<char, double> counts;
  for (const char c : text) ++counts[c];
  double bits = 0;
  for (const auto& [c, count] : counts) {
    const double share = count / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

reops::base::Result<std::string> short_name(std::string_view name) {
  const size_t dot = name.find('.');
  if (dot == 0) return reops::base::Error{"names/empty", "a host's name does not begin with a dot", {}};
  return std::string(name.substr(0, dot));
}

int64_t longest(Rest names) {
  size_t most = 0;
  for (const Value name : names) most = std::max(most, is<String>(name) ? text_of(name).size() : 0);
  return static_cast<int64_t>(most);
}

const NativeDef k_defs[] = {
    def_native<distance>(
        "names", "distance", "([a b])",
        "How many letters have to be changed, added or left out to make one name of the other.\n\n"
        "      (names/distance \"web1\" \"wbe1\")   ; 2"),
    def_native<closest>(
        "names", "closest", "([name known] [name known most])",
        "The one of the known names that is most like name; nil when none is within `most` changes."),
    def_native<grouped>("names", "grouped", "([names])", "Names by what stands before their first digit."),
    def_native<entropy>("names", "entropy", "([text])", "How many bits each letter of a text tells."),
    def_native<short_name>("names", "short-name", "([name])", "A host's name without its domain."),
    def_native<longest>("names", "longest", "([& names])", "The length of the longest of the strings."),
};

const NativeModule k_module = {"names", k_defs};

}  // namespace

REOPS_MODULE(k_module)
