#pragma once
// Values being made of what was read: maps with keyword keys in the order of their making, and vectors.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lang/value/ref.hpp"

namespace reops::facts {

/// What is not known has no key.
class Fields {
 public:
  Fields& put(const char* key, lang::Ref value);
  /// Left out when empty.
  Fields& text(const char* key, std::string_view text);
  Fields& keyword(const char* key, std::string_view name);
  Fields& flag(const char* key, bool yes);
  Fields& number(const char* key, std::optional<int64_t> n);
  /// Rounded to that many digits after the point.
  Fields& real(const char* key, std::optional<double> x, int digits = 2);
  /// Says plainly that nobody knows.
  Fields& unknown(const char* key) { return keyword(key, "unknown"); }
  bool is_empty() const { return items_.empty(); }
  lang::Ref made() const;

 private:
  std::vector<lang::Ref> items_;
};

class Items {
 public:
  void add(lang::Ref item) { items_.push_back(std::move(item)); }
  void add_text(std::string_view text);
  bool is_empty() const { return items_.empty(); }
  lang::Ref made() const;

 private:
  std::vector<lang::Ref> items_;
};

}  // namespace reops::facts
