#include "lang/value/error.hpp"

#include <pthread.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "lang/codec/printer.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/number.hpp"
#include "lang/value/out_of_memory.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

struct ErrorClassInfo {
  std::string_view name;
  std::string_view full_name;
  ErrorClass parent;
};

constexpr ErrorClassInfo k_classes[] = {
#define ERROR_CLASS(id, name, package, parent) {name, package "." name, ErrorClass::parent},
#include "lang/value/errors.def"
#undef ERROR_CLASS
};

const ErrorClassInfo& class_info(ErrorClass c) { return k_classes[static_cast<size_t>(c)]; }

// Strings longer than this are cut in messages.
constexpr size_t k_described_characters = 60;

// What is kept of the native stack so that an error can still be made, and destructors run, where the limit
// is met.
constexpr uintptr_t k_stack_reserve = uintptr_t{128} << 10;

uintptr_t native_stack_limit() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void* lowest = nullptr;
  size_t size = 0;
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<uintptr_t>(lowest) + k_stack_reserve;
}

// For threads that are not the interpreter's: tests, and what runs before the first ThreadScope.
thread_local const uintptr_t t_bare_limit = native_stack_limit();

bool prints_shortly(Value v) {
  if (!v.is_object()) return true;
  switch (v.as_object()->kind) {
    case Kind::Int64:
    case Kind::Double:
    case Kind::Ratio:
    case Kind::String:
    case Kind::Symbol:
    case Kind::Keyword:
    case Kind::Uuid:
      return true;
    default:
      return false;
  }
}

Ref clipped(Value string) {
  const String& s = as<String>(string);
  if (s.code_points <= k_described_characters) return Ref(string);
  return make_string(std::string(s.view().substr(0, byte_offset(s, k_described_characters))) + "…");
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

const KindInfo k_info_Error = {.name = "Error", .slots_at = offsetof(Error, message), .slots = 5};

std::string_view error_class_name(ErrorClass c) { return class_info(c).name; }
std::string_view error_class_full_name(ErrorClass c) { return class_info(c).full_name; }

ErrorClass error_class_parent(ErrorClass c) { return class_info(c).parent; }

bool error_class_is_a(ErrorClass c, ErrorClass ancestor) {
  for (;;) {
    if (c == ancestor) return true;
    ErrorClass parent = class_info(c).parent;
    if (parent == c) return false;
    c = parent;
  }
}

Ref make_error(ErrorClass c, std::string_view message, Value data, Value cause) {
  Ref text = make_string_lossy(message);
  Error* e = allocate<Error>();
  e->error_class = c;
  std::fill(std::begin(e->pad), std::end(e->pad), uint8_t{0});
  e->message = text.take();
  e->data = Ref(data).take();
  e->cause = Ref(cause).take();
  e->trace = Value::nil();
  e->meta = Value::nil();
  return Ref::adopt(e);
}

Value out_of_memory_error() {
  static const Value error = [] {
    Ref made = make_error(ErrorClass::out_of_memory, "Out of memory: the system gives no more");
    // A trace would need memory.
    as<Error>(made).trace = Ref(empty_vector()).take();
    immortalize(made);
    return made.take();
  }();
  return error;
}

void throw_error(ErrorClass c, std::string_view message, Value data) {
  throw Thrown(make_error(c, message, data));
}

void throw_diagnostic(ErrorClass c, std::string_view type, std::string_view message, std::string_view hint) {
  Value type_key = keyword("type");
  if (hint.empty()) throw_error(c, message, make_map({type_key, keyword(type)}));
  Ref hint_text = make_string_lossy(hint);
  throw_error(c, message, make_map({type_key, keyword(type), keyword("hint"), hint_text}));
}

void throw_arithmetic(std::string_view message) { throw_error(ErrorClass::arithmetic, message); }
void throw_illegal_argument(std::string_view message) { throw_error(ErrorClass::illegal_argument, message); }
void throw_illegal_state(std::string_view message) { throw_error(ErrorClass::illegal_state, message); }
void throw_index_out_of_bounds(std::string_view message) {
  throw_error(ErrorClass::index_out_of_bounds, message);
}
void throw_unsupported(std::string_view message) { throw_error(ErrorClass::unsupported, message); }

void throw_class_cast(Value found, std::string_view expected) {
  throw_error(ErrorClass::class_cast, "Expected " + std::string(expected) + ", found " + describe(found));
}

void throw_arity(std::string_view function, size_t found) {
  throw_error(ErrorClass::arity,
              "Wrong number of arguments (" + std::to_string(found) + ") passed to " + std::string(function));
}

std::string describe(Value v) {
  if (v.is_none()) return "nothing";
  if (v.is_nil()) return "nil";
  if (!prints_shortly(v)) {
    std::string name = type_name(v);
    return (name.find_first_of("AEIOUaeiou") == 0 ? "an " : "a ") + name;
  }
  std::string out;
  print(out, is<String>(v) ? clipped(v) : Ref(v), true);
  return out + " (" + type_name(v) + ")";
}

std::string_view nearest_name(std::string_view wanted, std::span<const std::string_view> candidates) {
  // A third of the letters may be wrong; short names must be nearly right, or everything would be suggested.
  size_t best = std::max<size_t>(1, wanted.size() / 3) + 1;
  std::string_view nearest;
  for (std::string_view c : candidates) {
    size_t difference = c.size() > wanted.size() ? c.size() - wanted.size() : wanted.size() - c.size();
    if (difference >= best) continue;
    size_t distance = edit_distance(wanted, c);
    if (distance < best) {
      best = distance;
      nearest = c;
    }
  }
  return nearest;
}

void check_stack() {
  uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  uintptr_t limit =
      t_thread != nullptr && t_thread->native_limit != 0 ? t_thread->native_limit : t_bare_limit;
  if (here < limit) [[unlikely]] {
    throw_diagnostic(ErrorClass::stack_overflow, "reops/stack-overflow",
                     "Stack overflow: the recursion is too deep",
                     "Is the recursion endless? A loop with `recur` needs no stack.");
  }
}

}  // namespace reops::lang
