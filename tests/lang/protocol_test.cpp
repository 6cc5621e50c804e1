// Protocols: which implementation a value gets, that caches follow changes, and what is said when there is
// none.

#include "lang/runtime/protocol.hpp"

#include <atomic>
#include <thread>

#include "dispatch_testing.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/seq.hpp"
#include "lang/value/publish.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/handshake.hpp"

namespace reops::lang {
namespace {

class ProtocolTest : public DispatchTest {
 protected:
  ProtocolTest()
      : pkg_(protocol("test/Pkg", {"update", "install"})), update_(make_protocol_fn(pkg_, "update")) {}

  void extend(std::string_view type, Value f) {
    Value t = type == "nil" ? Value::nil() : resolve_host_class(type);
    extend_protocol(as<Protocol>(pkg_), t, make_map({keyword("update"), f}));
  }
  Value found(Value target) { return protocol_method(as<ProtocolFn>(update_), target); }
  bool implemented(Value target) { return !protocol_lookup(as<ProtocolFn>(update_), target).is_none(); }

  Ref pkg_;
  Ref update_;
  Ref f_ = function([](Args) { return Ref(keyword("f")); });
  Ref g_ = function([](Args) { return Ref(keyword("g")); });
  Ref h_ = function([](Args) { return Ref(keyword("h")); });
};

TEST_F(ProtocolTest, TheNarrowestTypeWins) {
  extend("Object", f_);
  extend("Number", g_);
  extend("Long", h_);
  EXPECT_EQ(found(make_string("s")), f_.get());
  EXPECT_EQ(found(Value::fixnum(1)), h_.get());
  Ref ratio_like = make_error(ErrorClass::io, "x");
  EXPECT_EQ(found(ratio_like), f_.get());
  EXPECT_FALSE(implemented(Value::nil())) << "nil is no Object";
  extend("nil", g_);
  EXPECT_EQ(found(Value::nil()), g_.get());
}

TEST_F(ProtocolTest, BooleansCharactersAndCollections) {
  extend("Boolean", f_);
  extend("Character", g_);
  extend("clojure.lang.Sequential", h_);
  EXPECT_EQ(found(Value::boolean(false)), f_.get());
  EXPECT_EQ(found(Value::character('x')), g_.get());
  EXPECT_EQ(found(empty_vector()), h_.get());
  EXPECT_EQ(found(empty_list()), h_.get());
  EXPECT_FALSE(implemented(empty_map()));
}

TEST_F(ProtocolTest, ErrorClassesAreTriedFromTheNarrowestUp) {
  extend("Throwable", f_);
  extend("IllegalArgumentException", g_);
  EXPECT_EQ(found(make_error(ErrorClass::arity, "x")), g_.get());
  EXPECT_EQ(found(make_error(ErrorClass::io, "x")), f_.get());
}

TEST_F(ProtocolTest, RecordsByTheirTypeThenAsMaps) {
  Ref hosts = record_type("protocol_test.Hosts", {"auth"});
  Value nil_field;
  Ref instance = make_record(hosts, {&nil_field, 1});
  extend("IPersistentMap", f_);
  EXPECT_EQ(found(instance), f_.get());
  extend("protocol_test.Hosts", g_);
  EXPECT_EQ(found(instance), g_.get()) << "what was found before must not stick";
}

TEST_F(ProtocolTest, InlineMethodsComeFirst) {
  Ref implements = set_conj(Ref(empty_set()), make_symbol("test/Pkg"));
  Ref type = define_type(Type::record, make_symbol("", "protocol_test.Inline"), symbols({}),
                         make_map({qualified_method(as<Protocol>(pkg_).name, "update"), h_}), implements);
  Ref instance = make_record(type, {});
  extend("protocol_test.Inline", f_);
  EXPECT_EQ(found(instance), h_.get());
  EXPECT_TRUE(satisfies(as<Protocol>(pkg_), instance));
}

TEST_F(ProtocolTest, EachReifyBringsItsOwnFunction) {
  Ref methods = make_map({qualified_method(as<Protocol>(pkg_).name, "update"), Value::fixnum(0)});
  Ref type = make_anonymous_type(make_symbol("", "protocol_test.reify"), methods, Ref(empty_set()));
  Value f = f_, g = g_;
  Ref one = make_record(type, {&f, 1}), other = make_record(type, {&g, 1});
  EXPECT_EQ(found(one), f_.get());
  EXPECT_EQ(found(other), g_.get());
  EXPECT_EQ(found(one), f_.get());
}

TEST_F(ProtocolTest, MetadataCarriesMethodsWhereTheProtocolAllowsIt) {
  Ref open = protocol("test/Open", {"update"}, true);
  Ref update = make_protocol_fn(open, "update");
  extend_protocol(as<Protocol>(open), resolve_host_class("Object"), make_map({keyword("update"), f_}));
  Ref plain(empty_vector());
  Ref own = with_meta(plain, make_map({make_symbol("test/update"), g_}));
  EXPECT_EQ(protocol_method(as<ProtocolFn>(update), own), g_.get());
  EXPECT_EQ(protocol_method(as<ProtocolFn>(update), plain), f_.get());
  extend("Object", f_);
  EXPECT_EQ(found(own), f_.get()) << "test/Pkg does not allow it";
}

TEST_F(ProtocolTest, CallsGoThroughTheFunctionValue) {
  extend("String", function([](Args args) { return Ref(args[1]); }));
  EXPECT_EQ(call(update_, {make_string("s"), Value::fixnum(7)}).get(), Value::fixnum(7));
}

TEST_F(ProtocolTest, SaysWhatIsMissing) {
  std::string none = message_of(ErrorClass::illegal_argument, [&] { found(make_string("web7")); });
  EXPECT_EQ(none, "No implementation of method update of protocol test/Pkg for \"web7\" (java.lang.String)");
  extend_protocol(as<Protocol>(pkg_), resolve_host_class("String"), make_map({keyword("install"), f_}));
  std::string partly = message_of(ErrorClass::illegal_argument, [&] { found(make_string("web7")); });
  EXPECT_EQ(partly, "java.lang.String extends protocol test/Pkg but has no method update of it");
}

TEST_F(ProtocolTest, ReplacedTablesAreFreedWhileOthersDispatch) {
  // One thread extends again and again, another calls: no call may meet a table that was freed (the
  // sanitizers watch), and each sees one of the two functions.
  publish(update_);
  publish(f_);
  publish(g_);
  extend("String", f_);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0}, calls{0};
  std::thread caller([&] {
    ThreadScope scope;
    Ref target = make_string("s");
    while (!stop) {
      Ref answer = call(update_, {target});
      if (answer.get() != keyword("f") && answer.get() != keyword("g")) ++wrong;
      ++calls;
      poll();
    }
  });
  for (int i = 0; i < 2000 || calls < 100; ++i) {
    extend("String", i % 2 ? f_ : g_);
    poll();
  }
  stop = true;
  caller.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(drain_retired(), 0u);
}

}  // namespace
}  // namespace reops::lang
