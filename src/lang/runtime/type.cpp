#include "lang/runtime/type.hpp"

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/interfaces.hpp"
#include "lang/runtime/loader.hpp"
#include "lang/runtime/protocol.hpp"
#include "lang/runtime/type_kinds.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/handshake.hpp"

namespace reops::lang {
namespace {

struct HostRow {
  std::string_view name;
  std::string_view full_name;
  uint64_t kinds;
};

constexpr HostRow k_rows[] = {
#define HOST_TYPE(name, package, kinds) {name, package "." name, kinds},
#include "lang/runtime/host_types.def"
#undef HOST_TYPE
};
constexpr size_t k_error_classes = []() {
  size_t n = 0;
#define ERROR_CLASS(...) ++n;
#include "lang/value/errors.def"
#undef ERROR_CLASS
  return n;
}();

Ref new_type(Type::Form form, uint32_t id, uint64_t kinds, Value name) {
  Type* t = allocate<Type>();
  t->form = form;
  t->id = id;
  t->kinds = kinds;
  t->name = Ref(name).take();
  t->fields = Value::nil();
  t->positions = Value::nil();
  t->changing = Value::nil();
  t->methods = empty_map();
  t->implements = empty_set();
  t->meta = Value::nil();
  retain(t->methods);
  retain(t->implements);
  return Ref::adopt(t);
}

Ref make_host_type(Type::Form form, uint32_t id, uint64_t kinds, std::string_view full_name) {
  Ref symbol = make_symbol({}, full_name);
  Ref type = new_type(form, id, kinds, symbol);
  immortalize(type);
  return type;
}

/// One object for each host type and each class of errors, in the order of their tables.
std::vector<Value> make_host_types() {
  std::vector<Value> types;
  for (uint32_t i = 0; i < std::size(k_rows); ++i)
    types.push_back(make_host_type(Type::host, i, k_rows[i].kinds, k_rows[i].full_name).take());
  for (uint32_t i = 0; i < k_error_classes; ++i) {
    auto c = static_cast<ErrorClass>(i);
    types.push_back(make_host_type(Type::error, i, 0, error_class_full_name(c)).take());
  }
  return types;
}
constexpr size_t k_host_types = std::size(k_rows) + k_error_classes;

// The host types as objects: made once or brought by an image, immortal.
class HostTypes {
 public:
  explicit HostTypes(std::vector<Value> types) : types_(std::move(types)) {
    for (unsigned bit = 0; bit < 64; ++bit) by_bit_[bit] = first_with(uint64_t{1} << bit);
  }

  const std::vector<Value>& all() const { return types_; }
  Value row(uint32_t i) const { return types_[i]; }
  Value error(ErrorClass c) const { return types_[std::size(k_rows) + static_cast<size_t>(c)]; }
  Value of_bit(uint64_t bit) const { return by_bit_[__builtin_ctzll(bit)]; }
  Value named(std::string_view name) const {
    std::call_once(indexed_, [this] { index(); });
    auto found = names_.find(name);
    return found == names_.end() ? Value::nil() : found->second;
  }

 private:
  // When a name is first looked up, which most programs never do.
  void index() const {
    for (uint32_t i = 0; i < std::size(k_rows); ++i) {
      names_.emplace(k_rows[i].name, row(i));
      names_.emplace(k_rows[i].full_name, row(i));
    }
    for (uint32_t i = 0; i < k_error_classes; ++i) {
      auto c = static_cast<ErrorClass>(i);
      names_.emplace(error_class_name(c), error(c));
      names_.emplace(error_class_full_name(c), error(c));
    }
    // Names of interfaces that only these classes have.
    names_["IExceptionInfo"] = names_["clojure.lang.IExceptionInfo"] = error(ErrorClass::ex_info);
  }
  Value first_with(uint64_t bit) const {
    for (uint32_t i = 0; i < std::size(k_rows); ++i) {
      if (k_rows[i].kinds & bit) return row(i);
    }
    return Value::nil();
  }

  std::vector<Value> types_;
  mutable std::once_flag indexed_;
  mutable std::unordered_map<std::string_view, Value> names_;
  Value by_bit_[64];
};

std::vector<Value>& adopted_types() {
  static std::vector<Value> types;
  return types;
}

const HostTypes& host_types() {
  // Never destroyed: threads that outlive main may still ask, and what it holds is immortal anyway.
  static const HostTypes& types =
      *new HostTypes(adopted_types().empty() ? make_host_types() : std::move(adopted_types()));
  return types;
}

// Types that programs defined, by full name. Each holds a count of its own.
struct Registry {
  std::mutex mutex;
  std::unordered_map<std::string, Value> types;
};
Registry& registry() {
  // Never destroyed: threads that outlive main may still ask.
  static auto& the = *new Registry;
  return the;
}

Value registered(std::string_view name) {
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  auto found = r.types.find(std::string(name));
  return found == r.types.end() ? Value::nil() : found->second;
}

void register_type(Ref type) {
  publish(type);
  Registry& r = registry();
  Ref old;
  {
    std::lock_guard lock(r.mutex);
    Value& slot = r.types[full_name(as<Type>(type).name)];
    old = Ref::adopt(std::exchange(slot, type.take()));
  }
  if (!old.is_nil()) retire(std::move(old));
}

Ref field_positions(Value fields) {
  Ref positions(empty_map());
  for (size_t i = 0; i < vector_count(fields); ++i) {
    Ref key(keyword({}, name_of(vector_at(fields, i))));
    positions = map_assoc(std::move(positions), std::move(key), Ref(Value::fixnum(static_cast<int64_t>(i))));
  }
  return positions;
}

/// The indices of the fields marked as ones that change; nil when there are none.
Ref changing_fields(Value fields) {
  Ref indices = nil();
  for (size_t i = 0; i < vector_count(fields); ++i) {
    Value meta = as<Symbol>(vector_at(fields, i)).meta;
    if (!is_map(meta)) continue;
    bool changes = false;
    for (const char* mark : {"unsynchronized-mutable", "volatile-mutable"}) {
      Value marked = map_get(meta, keyword(mark));
      changes = changes || (!marked.is_none() && marked.truthy());
    }
    if (!changes) continue;
    if (indices.is_nil()) indices = Ref(empty_vector());
    indices = vector_conj(std::move(indices), Ref(Value::fixnum(static_cast<int64_t>(i))));
  }
  return indices;
}

void set_table(Value& slot, const Ref& value) {
  while (!replace_table(slot, load_table(slot), value)) {
  }
}

// The kinds whose instances behave like those of `type`, for types of programs.
uint64_t form_bit(const Type& type) { return type.form == Type::record ? kinds(Kind::Record) : k_opaque_bit; }

bool exchange(Value& slot, Value expected, Ref value, bool advance) {
  publish(value);
  uint64_t word = expected.bits();
  if (!std::atomic_ref(reinterpret_cast<uint64_t&>(slot))
           .compare_exchange_strong(word, value.get().bits(), std::memory_order_acq_rel)) {
    return false;
  }
  value.take();
  // Before the old table is retired, or a cache filled from it could still be believed after it was freed.
  if (advance) advance_dispatch_epoch();
  if (expected.is_object()) retire(Ref::adopt(expected));
  return true;
}

// Readers and input streams are one here, and so are writers and output streams.
bool handle_is_a(Value handle, std::string_view full_name) {
  using Shape = Resource::Shape;
  auto among = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), full_name) != names.end();
  };
  switch (static_cast<Shape>(handle.as_object()->aux)) {
    case Shape::reader:
      return among({"java.io.Reader", "java.io.InputStream", "java.io.BufferedReader",
                    "java.io.PushbackReader", "java.lang.Readable"});
    case Shape::string_writer:
      if (among({"java.io.StringWriter", "java.lang.StringBuilder", "java.lang.CharSequence"})) return true;
      [[fallthrough]];
    case Shape::writer:
      return among({"java.io.Writer", "java.io.OutputStream", "java.io.BufferedWriter", "java.io.PrintWriter",
                    "java.lang.Appendable", "java.io.Flushable"});
    case Shape::other:
      return false;
  }
  return false;
}

bool implements(const Type& type, const Type& interface) {
  return !set_get(load_table(type.implements), interface.name).is_none();
}

}  // namespace

// By name, so that it is the same in every process: tables of dispatch are keyed by types, and images hold
// many.
const KindInfo k_info_Type = {
    .name = "Type", .slots_at = offsetof(Type, name), .slots = 7, .cell = true, .hash = [](Value type) {
      return hash(as<Type>(type).name);
    }};

std::atomic<uint32_t> g_dispatch_epoch{1};

void advance_dispatch_epoch() {
  // 0 is left out, for caches that are empty.
  if (g_dispatch_epoch.fetch_add(1, std::memory_order_acq_rel) + 1 == 0) ++g_dispatch_epoch;
}

Value load_table(const Value& slot) {
  auto& word = const_cast<uint64_t&>(reinterpret_cast<const uint64_t&>(slot));
  return Value::from_bits(std::atomic_ref(word).load(std::memory_order_acquire));
}

bool replace_table(Value& slot, Value expected, Ref value) {
  return exchange(slot, expected, std::move(value), true);
}
bool replace_cache(Value& slot, Value expected, Ref value) {
  return exchange(slot, expected, std::move(value), false);
}

uint64_t kind_bit(Value v) {
  if (v.is_object()) {
    const Object* o = v.as_object();
    if (o->kind == Kind::Record) return form_bit(type_of_record(*static_cast<const Record*>(o)));
    auto kind = static_cast<unsigned>(o->kind);
    return kind < k_visible_kinds ? uint64_t{1} << kind : k_inner_bit;
  }
  if (v.is_fixnum()) return k_fixnum_bit;
  if (v.is_char()) return k_char_bit;
  return v.is_boolean() ? k_boolean_bit : 0;
}

Value type_of(Value v) {
  if (Record* r = try_as<Record>(v)) return r->type;
  if (Error* e = try_as<Error>(v)) return host_types().error(e->error_class);
  uint64_t bit = kind_bit(v);
  return bit == 0 ? Value::nil() : host_types().of_bit(bit);
}

bool is_instance(Value type, Value v) {
  if (!is<Type>(type)) throw_class_cast(type, "a class");
  const Type& t = as<Type>(type);
  switch (t.form) {
    case Type::host:
      if (t.kinds & kind_bit(v)) return true;
      if (is<Handle>(v)) return handle_is_a(v, name_of(t.name));
      return is<Record>(v) && implements(type_of_record(as<Record>(v)), t);
    case Type::error:
      return is<Error>(v) && error_class_is_a(as<Error>(v).error_class, static_cast<ErrorClass>(t.id));
    default:
      // A proxy is an instance of the type it extends.
      return is<Record>(v) && (as<Record>(v).type == type || implements(type_of_record(as<Record>(v)), t));
  }
}

std::string type_name(Value v) {
  if (v.is_nil()) return "nil";
  return full_name(as<Type>(is<Type>(v) ? v : type_of(v)).name);
}

bool type_is_a(Value child, Value parent) {
  if (child == parent) return true;
  const Type& c = as<Type>(child);
  const Type& p = as<Type>(parent);
  if (p.form == Type::error) {
    return c.form == Type::error &&
           error_class_is_a(static_cast<ErrorClass>(c.id), static_cast<ErrorClass>(p.id));
  }
  if (p.form != Type::host) return false;
  if (p.kinds == ~uint64_t{0}) return true;
  if (c.form == Type::error) return false;
  if (c.form != Type::host) return (p.kinds & form_bit(c)) != 0 || implements(c, p);
  // Of two that have the same instances, the one that stands first is the narrower.
  return c.kinds != 0 && (c.kinds & ~p.kinds) == 0 && (c.kinds != p.kinds || c.id < p.id);
}

Ref type_ancestors(Value type) {
  Ref all(empty_set());
  for (uint32_t i = 0; i < k_error_classes; ++i) {
    Value candidate = host_types().error(static_cast<ErrorClass>(i));
    if (candidate != type && type_is_a(type, candidate)) all = set_conj(std::move(all), Ref(candidate));
  }
  for (uint32_t i = 0; i < std::size(k_rows); ++i) {
    Value candidate = host_types().row(i);
    if (candidate != type && type_is_a(type, candidate)) all = set_conj(std::move(all), Ref(candidate));
  }
  return all;
}

Value defined_type(std::string_view name) { return registered(name); }

std::vector<Value> all_types() {
  std::vector<Value> types = host_types().all();
  Registry& r = registry();
  std::lock_guard lock(r.mutex);
  for (const auto& entry : r.types) types.push_back(entry.second);
  std::sort(types.begin() + static_cast<std::ptrdiff_t>(k_host_types), types.end(),
            [](Value a, Value b) { return full_name(as<Type>(a).name) < full_name(as<Type>(b).name); });
  return types;
}

void adopt_types(std::span<const Value> types) {
  adopted_types().assign(types.begin(), types.begin() + k_host_types);
  for (Value type : types.subspan(k_host_types)) registry().types[full_name(as<Type>(type).name)] = type;
}

Value resolve_host_class(std::string_view name) {
  Value type = host_types().named(name);
  if (type.is_nil()) type = registered(name);
  if (!type.is_nil() || name.empty()) return type;
  // Of the names without a package, the host's are those of java.lang.
  bool short_name = name.find('.') == name.npos;
  if (short_name && (name[0] < 'A' || name[0] > 'Z')) return type;
  std::string full = (short_name ? "java.lang." : "") + std::string(name);
  return load_class(full) ? registered(full) : type;
}

void for_each_type_of_impl(Value v, bool (*visit)(void*, Value), void* context) {
  const HostTypes& types = host_types();
  const Type* own = nullptr;
  if (const Record* r = try_as<Record>(v)) {
    if (visit(context, r->type)) return;
    own = &type_of_record(*r);
  }
  if (const Error* e = try_as<Error>(v)) {
    for (ErrorClass c = e->error_class;; c = error_class_parent(c)) {
      if (visit(context, types.error(c))) return;
      if (c == ErrorClass::throwable) break;
    }
  }
  uint64_t bit = kind_bit(v);
  bool named = own != nullptr && set_count(load_table(own->implements)) != 0;
  for (uint32_t i = 0; i < std::size(k_rows); ++i) {
    Value row = types.row(i);
    bool instance = (k_rows[i].kinds & bit) != 0 || (named && implements(*own, as<Type>(row))) ||
                    (is<Handle>(v) && handle_is_a(v, k_rows[i].full_name));
    if (instance && visit(context, row)) return;
  }
}

Ref defined_value(Value name) {
  Value ns = find_ns(ns_of(name));
  if (ns.is_nil()) return nil();
  Ref symbol = make_symbol({}, name_of(name));
  Value found = resolve(ns, symbol);
  if (!is<Var>(found)) return nil();
  Value root = as<Var>(found).load_root();
  return root.is_none() ? nil() : Ref(root);
}

Value error_type(ErrorClass c) { return host_types().error(c); }

Ref define_type(Type::Form form, Value name, Value fields, Ref methods, Ref implements) {
  implements = with_extended_interfaces(std::move(implements));
  Ref changing = form == Type::deftype ? changing_fields(fields) : nil();
  Ref existing(registered(full_name(name)));
  if (!existing.is_nil()) {
    Type& old = as<Type>(existing);
    if (old.form == form && equal(old.fields, fields) && equal(old.changing, changing)) {
      set_table(old.methods, methods);
      set_table(old.implements, implements);
      return existing;
    }
  }
  Ref type = new_type(form, 0, 0, name);
  Type& t = as<Type>(type);
  t.fields = Ref(fields).take();
  t.positions = field_positions(fields).take();
  t.changing = changing.take();
  release(std::exchange(t.methods, methods.take()));
  release(std::exchange(t.implements, implements.take()));
  register_type(type);
  // A type may come to lie where one that was freed lay, under whose address caches know other methods.
  advance_dispatch_epoch();
  return type;
}

Ref make_anonymous_type(Value name, Ref methods, Ref implements) {
  Ref type = new_type(Type::reify, 0, 0, name);
  Type& t = as<Type>(type);
  release(std::exchange(t.methods, methods.take()));
  release(std::exchange(t.implements, with_extended_interfaces(std::move(implements)).take()));
  advance_dispatch_epoch();
  return type;
}

Ref make_travelled_type(Type::Form form, Value name, Value fields, Value changing) {
  Ref type = new_type(form, 0, 0, name);
  Type& t = as<Type>(type);
  t.fields = Ref(fields).take();
  if (is_vector(fields)) t.positions = field_positions(fields).take();
  t.changing = Ref(changing).take();
  advance_dispatch_epoch();
  return type;
}

}  // namespace reops::lang
