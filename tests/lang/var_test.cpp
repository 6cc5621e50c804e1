// Vars: roots, bindings, metadata, watches, validators.

#include "lang/runtime/var.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/handshake.hpp"
#include "text_testing.hpp"

namespace reops::lang {
namespace {

class VarTest : public TextTest {
 protected:
  Var& fresh(Value root = Value::fixnum(1), bool dynamic = false) {
    static int n = 0;
    std::string name = "x" + std::to_string(++n);
    Var& var = intern(find_or_create_ns("var-test"), name);
    set_root(var, Ref(root));
    if (dynamic) set_var_meta(var, make_map({keyword("dynamic"), Value::boolean(true)}));
    return var;
  }
};

Ref bindings(std::initializer_list<Value> keys_and_values) { return make_map(keys_and_values); }

TEST_F(VarTest, HasTheRootItWasGivenLast) {
  Var& v = fresh();
  EXPECT_EQ(deref(v).get(), Value::fixnum(1));
  set_root(v, Ref(Value::fixnum(2)));
  EXPECT_EQ(deref(v).get(), Value::fixnum(2));
}

TEST_F(VarTest, SaysWhichVarHasNoValue) {
  Var& v = intern(find_or_create_ns("var-test"), "declared-only");
  EXPECT_NE(thrown_message([&] { deref(v); }).find("var-test/declared-only"), std::string::npos);
  set_root(v, Ref(Value::fixnum(2)));
  unbind_root(v);
  EXPECT_THROW(deref(v), Thrown);
}

TEST_F(VarTest, AReplacedRootIsFreedAfterAHandshake) {
  static std::atomic<int> live{0};
  struct Counted : Resource {
    Counted() { ++live; }
    ~Counted() override { --live; }
    std::string describe() const override { return "Counted"; }
  };
  Var& v = fresh();
  set_root(v, make_handle(new Counted));
  set_root(v, Ref(Value::fixnum(2)));
  drain_retired();
  EXPECT_EQ(live, 0);
}

TEST_F(VarTest, ABindingIsSeenUntilItIsPopped) {
  Var& v = fresh(Value::fixnum(1), true);
  {
    ScopedBindings outer(bindings({Value::object(&v), Value::fixnum(2)}));
    EXPECT_EQ(deref(v).get(), Value::fixnum(2));
    {
      ScopedBindings inner(bindings({Value::object(&v), Value::fixnum(3)}));
      EXPECT_EQ(deref(v).get(), Value::fixnum(3));
      set_binding(v, Ref(Value::fixnum(4)));
      EXPECT_EQ(deref(v).get(), Value::fixnum(4));
    }
    EXPECT_EQ(deref(v).get(), Value::fixnum(2)) << "set! reached the inner binding alone";
    set_root(v, Ref(Value::fixnum(9)));
    EXPECT_EQ(deref(v).get(), Value::fixnum(2));
  }
  EXPECT_EQ(deref(v).get(), Value::fixnum(9));
}

TEST_F(VarTest, ANilBindingHidesTheRoot) {
  Var& v = fresh(Value::fixnum(1), true);
  ScopedBindings scope(bindings({Value::object(&v), Value::nil()}));
  EXPECT_TRUE(deref(v).is_nil());
}

TEST_F(VarTest, OnlyDynamicVarsAreBound) {
  Var& v = fresh();
  EXPECT_NE(thrown_message([&] {
              push_bindings(bindings({Value::object(&v), Value::fixnum(2)}));
            }).find("not dynamic"),
            std::string::npos);
  EXPECT_TRUE(this_thread().binding_stack.empty()) << "a refused push leaves nothing to pop";
}

TEST_F(VarTest, SetWithoutABindingIsRefused) {
  Var& v = fresh(Value::fixnum(1), true);
  EXPECT_THROW(set_binding(v, Ref(Value::fixnum(2))), Thrown);
}

TEST_F(VarTest, PopWithoutPushIsRefused) { EXPECT_THROW(pop_bindings(), Thrown); }

TEST_F(VarTest, ConveyedBindingsAreReadButNotSet) {
  Var& v = fresh(Value::fixnum(1), true);
  ScopedBindings scope(bindings({Value::object(&v), Value::fixnum(2)}));
  Ref frame = binding_frame();
  publish(frame);
  std::thread([&] {
    ThreadScope other;
    EXPECT_EQ(deref(v).get(), Value::fixnum(1)) << "bindings are a thread's own";
    {
      ConveyedBindings conveyed{Ref(frame)};
      EXPECT_EQ(deref(v).get(), Value::fixnum(2));
      EXPECT_THROW(set_binding(v, Ref(Value::fixnum(3))), Thrown);
      ScopedBindings own(bindings({Value::object(&v), Value::fixnum(4)}));
      EXPECT_NO_THROW(set_binding(v, Ref(Value::fixnum(5))));
      EXPECT_EQ(deref(v).get(), Value::fixnum(5));
    }
    EXPECT_EQ(deref(v).get(), Value::fixnum(1));
  }).join();
  EXPECT_EQ(deref(v).get(), Value::fixnum(2));
  EXPECT_NO_THROW(set_binding(v, Ref(Value::fixnum(6)))) << "who made the binding may set it still";
}

TEST_F(VarTest, MetadataSaysWhatAVarIs) {
  Var& v = fresh();
  EXPECT_FALSE(is_private(v));
  set_var_meta(v,
               make_map({keyword("private"), Value::boolean(true), keyword("macro"), Value::boolean(true)}));
  EXPECT_TRUE(is_private(v));
  EXPECT_TRUE(v.macro);
  set_var_meta(v, Ref());
  EXPECT_FALSE(is_private(v));
  EXPECT_FALSE(v.macro);
}

// What the watch below was told last.
Ref g_told;

Ref remember(Args args) {
  std::vector<Value> all;
  for (Value v : args.from(0)) all.push_back(v);
  g_told = make_vector(all);
  return {};
}
Ref refuse(Args) { return boolean(false); }

Ref as_function(NativeFn fn) {
  Native* n = allocate<Native>();
  n->module = n->index = n->pad = 0;
  n->min_args = 0;
  n->max_args = k_variadic;
  n->borrowed = k_borrow_all;
  n->pad2 = 0;
  n->fn = fn;
  n->name = make_symbol("test/function").take();
  n->meta = Value::nil();
  return Ref::adopt(n);
}

TEST_F(VarTest, WatchesAreToldOldAndNew) {
  Var& v = fresh();
  cell_swap(v, v.watches, make_map({keyword("w"), as_function(remember)}));
  set_root(v, Ref(Value::fixnum(2)));
  EXPECT_EQ(pr_str(g_told), "[:w #'" + var_name(v) + " 1 2]");
  g_told = Ref();
}

TEST_F(VarTest, AValidatorKeepsTheRoot) {
  Var& v = fresh();
  cell_swap(v, v.validator, as_function(refuse));
  EXPECT_THROW(set_root(v, Ref(Value::fixnum(2))), Thrown);
  EXPECT_EQ(deref(v).get(), Value::fixnum(1));
}

TEST_F(VarTest, InterningFromManyThreadsMakesOneVar) {
  Value ns = find_or_create_ns("var-test-race");
  std::vector<std::thread> threads;
  std::vector<std::vector<Var*>> found(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      ThreadScope scope;
      for (int i = 0; i < 200; ++i) found[t].push_back(&intern(ns, "v" + std::to_string(i)));
    });
  }
  for (auto& t : threads) t.join();
  for (int t = 1; t < 4; ++t) EXPECT_EQ(found[t], found[0]);
}

Ref increment(Args args) { return Ref(Value::fixnum(args[0].as_fixnum() + 1)); }

TEST_F(VarTest, AlterationsFromManyThreadsAllCount) {
  Var& v = fresh(Value::fixnum(0));
  Ref f = as_function(increment);
  publish(f);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      ThreadScope scope;
      for (int i = 0; i < 250; ++i) alter_root(v, f, {});
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(deref(v).get(), Value::fixnum(1000));
}

TEST_F(VarTest, ReadersAndWritersOfARootMeetSafely) {
  Var& v = fresh();
  set_root(v, make_vector({Value::fixnum(0), Value::fixnum(0)}));
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::thread reader([&] {
    ThreadScope scope;
    while (!stop) {
      Ref pair = deref(v);
      if (vector_at(pair, 0) != vector_at(pair, 1)) ++wrong;
    }
  });
  for (int i = 0; i < 5000; ++i) set_root(v, make_vector({Value::fixnum(i), Value::fixnum(i)}));
  stop = true;
  reader.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace reops::lang
