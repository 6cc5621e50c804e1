#include "lang/compiler/unchecked_math.hpp"

#include <string_view>
#include <vector>

#include "lang/collection/seq.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

struct Counterpart {
  std::string_view checked;
  std::string_view unchecked;
  size_t least;  ///< arguments that the call must have
  size_t most;   ///< beyond two, each is combined with what the ones before it gave
};
constexpr Counterpart k_counterparts[] = {
    {"+", "unchecked-add", 2, SIZE_MAX}, {"-", "unchecked-subtract", 2, SIZE_MAX},
    {"-", "unchecked-negate", 1, 1},     {"*", "unchecked-multiply", 2, SIZE_MAX},
    {"inc", "unchecked-inc", 1, 1},      {"dec", "unchecked-dec", 1, 1},
    {"int", "unchecked-int", 1, 1},      {"short", "unchecked-short", 1, 1},
    {"byte", "unchecked-byte", 1, 1},    {"char", "unchecked-char", 1, 1},
};

}  // namespace

Ref unchecked_call(Value callee, std::span<const Ref> parts) {
  if (!is<Var>(callee) || !deref(*core_vars().unchecked_math).truthy()) return Ref(Value::none());
  const Var& var = as<Var>(callee);
  if (ns_name(var.ns) != "clojure.core") return Ref(Value::none());
  size_t arguments = parts.size() - 1;
  for (const Counterpart& c : k_counterparts) {
    if (name_of(var.name) != c.checked || arguments < c.least || arguments > c.most) continue;
    Ref symbol = make_symbol("clojure.core", c.unchecked);
    Ref call = make_list({symbol, parts[1]});
    if (arguments > 1) call = make_list({symbol, parts[1], parts[2]});
    for (size_t i = 3; i < parts.size(); ++i) call = make_list({symbol, call, parts[i]});
    return call;
  }
  return Ref(Value::none());
}

}  // namespace reops::lang
