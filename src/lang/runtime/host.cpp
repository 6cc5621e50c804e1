#include "lang/runtime/host.hpp"

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "lang/codec/printer.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/host_tables.hpp"
#include "lang/runtime/type_kinds.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

std::string_view simple_name(Value type) {
  std::string_view full = name_of(as<Type>(type).name);
  return full.substr(full.find_last_of('.') + 1);
}

std::string some_names(const std::vector<std::string_view>& names) {
  std::string out;
  for (size_t i = 0; i < names.size() && i < 12; ++i) out += (i == 0 ? "" : ", ") + std::string(names[i]);
  return names.size() > 12 ? out + " …" : out;
}

std::string hint_for(std::string_view wanted, const std::vector<std::string_view>& names) {
  std::string_view near = nearest_name(wanted, names);
  if (!near.empty()) return "Did you mean `" + std::string(near) + "`?";
  return names.empty() ? "" : "There are " + some_names(names) + ".";
}

// Every table of methods that applies to `target`, narrow first.
template <class F>
bool each_table(Value target, F&& visit) {
  uint64_t bit = kind_bit(target);
  for (auto tables : {collection_host_methods(), stream_host_methods(), object_host_methods()}) {
    for (const HostMethods& table : tables) {
      if ((table.kinds & bit) != 0 && visit(table)) return true;
    }
  }
  return false;
}

[[noreturn]] void throw_no_method(std::string_view method, Value target) {
  std::vector<std::string_view> names;
  if (is<String>(target)) {
    for (const HostMethod& m : string_host_methods()) names.push_back(m.name);
  }
  if (const Record* r = try_as<Record>(target)) {
    map_each(load_table(type_of_record(*r).methods),
             [&](Value key, Value) { names.push_back(name_of(key)); });
    Value fields = type_of_record(*r).fields;
    for (size_t i = 0; !fields.is_nil() && i < vector_count(fields); ++i)
      names.push_back(name_of(vector_at(fields, i)));
  }
  each_table(target, [&](const HostMethods& table) {
    for (const HostMethod& m : table.methods) names.push_back(m.name);
    for (const HostAlias& a : table.aliases) names.push_back(a.name);
    return false;
  });
  throw_diagnostic(ErrorClass::illegal_argument, "reops/no-host-method",
                   type_name(target) + " has no method or field " + std::string(method),
                   hint_for(method, names));
}

// A method of a record's definition, a host interface's or a protocol's; none when it has none.
Value defined_method(const Record& r, std::string_view method) {
  Value plain = inline_method(r, keyword({}, method));
  if (!plain.is_none()) return plain;
  Value found = Value::none();
  map_each(load_table(type_of_record(r).methods), [&](Value key, Value f) {
    if (found.is_none() && name_of(key) == method) found = f.is_fixnum() ? r.fields[f.as_fixnum()] : f;
  });
  return found;
}

Ref field_of(Value target, std::string_view name) {
  Record* r = try_as<Record>(target);
  if (!r) return Ref(Value::none());
  Value key = keyword({}, name);
  if (type_of_record(*r).form != Type::deftype) return Ref(record_get(*r, key));
  int i = record_field_index(type_of_record(*r), key);
  if (i < 0) return Ref(Value::none());
  if (Box* changing = try_as<Box>(r->fields[i])) return cell_load(*changing, changing->value);
  return Ref(r->fields[i]);
}

Ref call_on_record(std::string_view method, Value target, std::span<const Value> args) {
  Ref f(defined_method(as<Record>(target), method));
  if (f.get().is_none()) return args.empty() ? field_of(target, method) : f;
  std::vector<Value> all{target};
  all.insert(all.end(), args.begin(), args.end());
  return call(f, all);
}

Ref call_alias(const HostAlias& alias, Value target, std::span<const Value> args) {
  expect_args(alias.name, args, alias.least, alias.most);
  std::vector<Value> all{target};
  all.insert(all.end(), args.begin(), args.end());
  return call_core(alias.function, all);
}

Ref new_error(ErrorClass c, std::span<const Value> args) {
  if (c == ErrorClass::ex_info) {
    expect_args("ExceptionInfo.", args, 2, 3);
    return call_core("ex-info", args);
  }
  expect_args(std::string(error_class_name(c)) + ".", args, 0, 2);
  Value message = args.empty() ? Value::nil() : args[0];
  Value cause = args.size() == 2 ? args[1] : Value::nil();
  if (args.size() == 1 && is<Error>(message)) std::swap(message, cause);
  if (!cause.is_nil() && !is<Error>(cause)) throw_class_cast(cause, "a Throwable as the cause");
  Ref made = make_error(c, "", Value::nil(), cause);
  std::string text;
  if (!message.is_nil()) append_str(text, message);
  if (message.is_nil() && !cause.is_nil()) append_str(text, cause);
  release(as<Error>(made).message);
  as<Error>(made).message = message.is_nil() && cause.is_nil() ? Value::nil() : make_string(text).take();
  return made;
}

Ref new_record(Value type, std::span<const Value> args) {
  const Type& t = as<Type>(type);
  size_t fields = t.fields.is_nil() ? 0 : vector_count(t.fields);
  if (args.size() != fields) {
    throw_diagnostic(ErrorClass::arity, "reops/wrong-field-count",
                     type_name(type) + " has " + std::to_string(fields) + " fields, but " +
                         std::to_string(args.size()) + " values were given");
  }
  return make_record(type, args);
}

// Classes whose constructor is a function of clojure.core.
struct Constructor {
  std::string_view type;
  const char* function;
};
constexpr Constructor k_constructors[] = {{"Long", "parse-long"},       {"Integer", "parse-long"},
                                          {"Double", "parse-double"},   {"BigDecimal", "bigdec"},
                                          {"BigInteger", "biginteger"}, {"Boolean", "parse-boolean"},
                                          {"Box", "volatile!"}};

Value find_member(std::string_view ns_name, std::string_view member) {
  Value ns = find_ns(ns_name);
  if (ns.is_nil()) return Value::none();
  Ref symbol = make_symbol({}, member);
  Value found = resolve(ns, symbol);
  // Core's names are seen from every namespace, and are no members of it.
  if (!is<Var>(found) || as<Var>(found).ns != ns) return Value::none();
  return as<Var>(found).load_root();
}

bool is_host_class(Value type) {
  std::string_view name = name_of(as<Type>(type).name);
  return as<Type>(type).form == Type::host || name.starts_with("java.") || name.starts_with("clojure.lang.");
}

// Static members are vars of a namespace called like the class: by its full name those written in our own
// language, by its short one those in C++.
Value find_static(Value type, std::string_view member) {
  Value found = find_member(name_of(as<Type>(type).name), member);
  return found.is_none() && is_host_class(type) ? find_member(simple_name(type), member) : found;
}

// Constants made so far, by "Long/MAX_VALUE". Immortal, so lent without a count.
Value find_constant(std::string_view type, std::string_view member) {
  // Never destroyed: threads that outlive main may still ask.
  static auto& mutex = *new std::mutex;
  static auto& made = *new std::unordered_map<std::string, Value>;
  for (const HostConstant& c : number_host_constants()) {
    if (type != c.type || member != c.name) continue;
    std::lock_guard lock(mutex);
    auto [slot, fresh] = made.try_emplace(std::string(type) + "/" + c.name, Value::none());
    if (fresh) {
      Ref value = c.make();
      immortalize(value);
      slot->second = value.take();
    }
    return slot->second;
  }
  if (type == "Boolean" && member == "TRUE") return Value::boolean(true);
  if (type == "Boolean" && member == "FALSE") return Value::boolean(false);
  return Value::none();
}

}  // namespace

Ref call_core(std::string_view name, std::span<const Value> args) {
  Ref f(intern(find_ns("clojure.core"), name).load_root());
  if (f.get().is_none()) throw_illegal_state("clojure.core/" + std::string(name) + " is not defined yet");
  return call(f, args);
}

void expect_args(std::string_view method, std::span<const Value> args, size_t least, size_t most) {
  if (args.size() < least || args.size() > most) throw_arity(method, args.size());
}

Ref host_new(Value type, std::span<const Value> args) {
  if (!is<Type>(type)) throw_class_cast(type, "a class before the dot of a constructor");
  const Type& t = as<Type>(type);
  if (t.form == Type::error) return new_error(static_cast<ErrorClass>(t.id), args);
  Ref maker(find_static(type, "new"));
  if (!maker.get().is_none()) return call(maker, args);
  if (t.form != Type::host) return new_record(type, args);
  std::string_view name = simple_name(type);
  if (name == "Object") {
    expect_args("Object.", args, 0, 0);
    return make_record(type, {});
  }
  for (const Constructor& c : k_constructors) {
    if (c.type == name) return call_core(c.function, args);
  }
  throw_diagnostic(ErrorClass::unsupported, "reops/no-constructor",
                   "No constructor of " + type_name(type) + " exists here",
                   "Of the host's classes only String, the numbers, Object and the exceptions can be made.");
}

Ref host_call(std::string_view method, Value target, std::span<const Value> args) {
  if (target.is_nil()) {
    throw_error(ErrorClass::null_pointer, "Cannot call method " + std::string(method) + " on nil");
  }
  if (method.starts_with('-')) {
    Ref value = field_of(target, method.substr(1));
    if (!value.get().is_none()) return value;
    method.remove_prefix(1);
  }
  if (is<Record>(target)) {
    Ref answer = call_on_record(method, target, args);
    if (!answer.get().is_none()) return answer;
  }
  if (is<String>(target)) {
    for (const HostMethod& m : string_host_methods()) {
      if (method == m.name) return m.fn(target, args);
    }
  }
  Ref answer(Value::none());
  bool found = each_table(target, [&](const HostMethods& table) {
    for (const HostMethod& m : table.methods) {
      if (method == m.name) return answer = m.fn(target, args), true;
    }
    for (const HostAlias& a : table.aliases) {
      if (method == a.name) return answer = call_alias(a, target, args), true;
    }
    return false;
  });
  if (!found) throw_no_method(method, target);
  return answer;
}

Value host_static(Value type, std::string_view member) {
  if (!is<Type>(type)) throw_class_cast(type, "a class before the slash of a static member");
  std::string_view name = simple_name(type);
  Value constant = find_constant(name, member);
  return constant.is_none() ? find_static(type, member) : constant;
}

std::string static_hint(Value type, std::string_view member) {
  std::string_view name = simple_name(type);
  std::vector<std::string_view> names;
  for (const HostConstant& c : number_host_constants()) {
    if (name == c.type) names.push_back(c.name);
  }
  for (std::string_view ns_name : {name_of(as<Type>(type).name), name}) {
    Value ns = find_ns(ns_name);
    if (ns.is_nil()) continue;
    map_each(as<Namespace>(ns).mappings, [&](Value symbol, Value var) {
      if (is<Var>(var) && as<Var>(var).ns == ns && name_of(symbol) != "new") names.push_back(name_of(symbol));
    });
  }
  return hint_for(member, names);
}

}  // namespace reops::lang
