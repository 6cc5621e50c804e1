#include "facts/fields.hpp"

#include <cmath>

#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::facts {

using lang::Ref;
using lang::Value;

Fields& Fields::put(const char* key, Ref value) {
  items_.emplace_back(lang::keyword(key));
  items_.push_back(std::move(value));
  return *this;
}

Fields& Fields::text(const char* key, std::string_view text) {
  return text.empty() ? *this : put(key, lang::make_string_lossy(text));
}

Fields& Fields::keyword(const char* key, std::string_view name) { return put(key, Ref(lang::keyword(name))); }

Fields& Fields::flag(const char* key, bool yes) { return put(key, lang::boolean(yes)); }

Fields& Fields::number(const char* key, std::optional<int64_t> n) {
  return n ? put(key, lang::integer(*n)) : *this;
}

Fields& Fields::real(const char* key, std::optional<double> x, int digits) {
  if (!x) return *this;
  double scale = std::pow(10.0, digits);
  return put(key, lang::real(std::round(*x * scale) / scale));
}

Ref Fields::made() const {
  std::vector<Value> values(items_.begin(), items_.end());
  return lang::make_array_map(values);
}

void Items::add_text(std::string_view text) { items_.push_back(lang::make_string_lossy(text)); }

Ref Items::made() const {
  std::vector<Value> values(items_.begin(), items_.end());
  return lang::make_vector(values);
}

}  // namespace reops::facts
