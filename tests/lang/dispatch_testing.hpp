#pragma once
// What the tests of dispatch share: C++ functions as callable values, types and protocols made by hand.

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/protocol.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {

/// A native function of any number of arguments.
inline Ref function(NativeFn fn) {
  Native* n = allocate<Native>();
  n->module = 0;
  n->index = 0;
  n->min_args = 0;
  n->max_args = k_variadic;
  n->pad = 0;
  n->borrowed = k_borrow_all;
  n->pad2 = 0;
  n->fn = fn;
  n->name = make_symbol("test/function").take();
  n->meta = Value::nil();
  return Ref::adopt(n);
}

inline Ref symbols(std::initializer_list<std::string_view> names) {
  Ref out(empty_vector());
  for (std::string_view n : names) out = vector_conj(std::move(out), make_symbol(n));
  return out;
}

inline Ref record_type(std::string_view name, std::initializer_list<std::string_view> fields,
                       Type::Form form = Type::record) {
  return define_type(form, make_symbol("", name), symbols(fields), Ref(empty_map()), Ref(empty_set()));
}

inline Ref protocol(std::string_view name, std::initializer_list<std::string_view> methods,
                    bool via_metadata = false) {
  Ref table(empty_map());
  for (std::string_view m : methods) table = map_assoc(std::move(table), Ref(keyword(m)), Ref(empty_map()));
  Protocol* p = allocate<Protocol>();
  p->via_metadata = via_metadata;
  p->pad = 0;
  p->name = make_symbol(name).take();
  p->methods = table.take();
  p->impls = Ref(empty_map()).take();
  p->meta = Value::nil();
  return Ref::adopt(p);
}

/// The message of the error that `run` throws, and checks its class.
template <class F>
std::string message_of(ErrorClass expected, F&& run) {
  try {
    run();
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    EXPECT_EQ(error_class_name(e.error_class), error_class_name(expected));
    return std::string(text_of(e.message));
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

class DispatchTest : public ::testing::Test {
 protected:
  ThreadScope scope_;
};

}  // namespace reops::lang
