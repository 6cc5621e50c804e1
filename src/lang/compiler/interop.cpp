// The analyser's host spellings: (new Class args…), (. target member args…), Class/member.

#include "lang/codec/printer.hpp"
#include "lang/codec/report.hpp"
#include "lang/compiler/analyzer.hpp"
#include "lang/compiler/forms.hpp"
#include "lang/runtime/host.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

Ref constant_node(Span span, Value value) {
  std::vector<Ref> slots;
  slots.emplace_back(value);
  return make_node(NodeOp::constant, span, std::move(slots));
}

}  // namespace

// A call of one of our own natives that no redefinition can change.
Ref Analyzer::native_call(std::string_view name, Span span, std::vector<Ref> arguments) {
  size_t slash = name.find('/');
  Var& var = intern(find_ns(name.substr(0, slash)), name.substr(slash + 1));
  std::vector<Ref> slots;
  slots.push_back(constant_node(span, var.load_root()));
  for (Ref& a : arguments) slots.push_back(std::move(a));
  return make_node(NodeOp::call, span, std::move(slots));
}

Ref Analyzer::special_new(Value form, std::span<const Ref> parts, const Context& c) {
  if (parts.size() < 2 || !is<Symbol>(parts[1]))
    fail(here(), "reops/bad-new", "new takes a class and arguments: (new Hosts auth hosts)");
  Span span = here();
  Value type = resolve_name(parts[1]);
  if (!is<Type>(type)) fail(here(), "reops/bad-new", full_name(parts[1]) + " is not a class or record");
  std::vector<Ref> arguments;
  arguments.push_back(constant_node(span, type));
  for (size_t i = 2; i < parts.size(); ++i) {
    arguments.push_back(analyze_argument(form, i, parts[i], c, static_cast<uint32_t>(i)));
  }
  return native_call("reops.internal/host-new", span, std::move(arguments));
}

Ref Analyzer::special_dot(Value form, std::span<const Ref> parts, const Context& c) {
  if (parts.size() < 3)
    fail(here(), "reops/bad-interop", "A method call needs a target and a method: (.method target args…)");
  Span span = here();
  std::vector<Ref> words(parts.begin(), parts.end());
  // (. target (method args…)) is the older spelling of (. target method args…).
  if (words.size() == 3 && is_list_form(words[2])) {
    std::vector<Ref> inner = parts_of(words[2]);
    words.resize(2);
    for (Ref& w : inner) words.push_back(std::move(w));
  }
  if (!is<Symbol>(words[2]))
    fail(span, "reops/bad-interop", "A method is named by a symbol, found " + pr_str(words[2]));
  std::vector<Ref> arguments;
  if (is<Symbol>(words[1]) && local_reference(words[1]).is_nil()) {
    Value type = lang::resolve(current_ns(), words[1]);
    if (type.is_nil()) type = has_ns(words[1]) ? Value::nil() : resolve_host_class(name_of(words[1]));
    if (is<Type>(type)) {
      Ref member = host_member(type, name_of(words[2]), words[2]);
      bool callable = is_kind(member, Kind::Native) || is_kind(member, Kind::Function);
      if (!callable && words.size() == 3) return constant_node(span, member);
      std::vector<Ref> slots;
      slots.push_back(constant_node(span, member));
      for (size_t i = 3; i < words.size(); ++i) {
        slots.push_back(analyze_argument(form, i, words[i], c, static_cast<uint32_t>(i)));
      }
      return make_node(NodeOp::call, span, std::move(slots));
    }
  }
  arguments.push_back(constant_node(span, make_string(name_of(words[2]))));
  arguments.push_back(analyze_argument(form, 1, words[1], c, 1));
  for (size_t i = 3; i < words.size(); ++i) {
    arguments.push_back(analyze_argument(form, i, words[i], c, static_cast<uint32_t>(i)));
  }
  return native_call("reops.internal/host-call", span, std::move(arguments));
}

Ref Analyzer::host_member(Value type, std::string_view member, Value symbol) {
  Value found = host_static(type, member);
  if (!found.is_none()) return Ref(found);
  fail(here(), "reops/no-such-member",
       type_name(type) + " has no static member " + std::string(member) + " (" + full_name(symbol) + ")",
       static_hint(type, member));
}

}  // namespace reops::lang
