#pragma once
// A reading: what a machine says of itself at one moment, as texts by name. Those of this machine are read
// from its files; those of another come in one piece from its shell (shell.hpp). Facts are made of readings
// alone, so whichever way one came, they are the same.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reops::facts {

class Reading {
 public:
  void put(std::string name, std::string text) { texts_.insert_or_assign(std::move(name), std::move(text)); }

  /// Whether it could be read at all.
  bool has(std::string_view name) const { return texts_.find(name) != texts_.end(); }
  /// Empty for what could not be read.
  std::string_view text(std::string_view name) const;
  /// The first of these that could be read.
  std::string_view first_of(std::initializer_list<std::string_view> names) const;
  /// The first line, without blanks around.
  std::string_view line(std::string_view name) const;
  /// What lies below a folder: for "/sys/class/net/" and "/sys/class/net/lo/mtu" it is "lo". Each once, in
  /// their order, numbers in names by their size.
  std::vector<std::string_view> below(std::string_view folder) const;
  /// Texts whose names begin so.
  void each(std::string_view beginning,
            const std::function<void(std::string_view name, std::string_view text)>& visit) const;

 private:
  std::map<std::string, std::string, std::less<>> texts_;
};

}  // namespace reops::facts
