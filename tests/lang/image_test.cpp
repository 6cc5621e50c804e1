// Images: one object of every kind is written down, mapped again at another address, and is what it was.

#include "lang/runtime/image.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/codec/report.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/iterator.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/boot_image.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/type.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "language_testing.hpp"

namespace reops::lang {
namespace {

class ImageTest : public LanguageTest {};

struct Nothing : Resource {
  std::string describe() const override { return "Nothing"; }
};

/// A map in whose trie two keys of the same hash meet.
Ref map_with_collision() {
  std::unordered_map<uint32_t, std::string> seen;
  for (int i = 0;; ++i) {
    std::string text = "key" + std::to_string(i);
    Ref string = make_string(text);
    auto [at, fresh] = seen.try_emplace(hash(string), text);
    if (fresh) continue;
    Ref map = run("(into {} (map (fn [i] [i i]) (range 20)))");
    map = assoc(std::move(map), make_string(at->second), Ref(Value::fixnum(1)));
    return assoc(std::move(map), std::move(string), Ref(Value::fixnum(2)));
  }
}

/// A value that is, or holds, an object of the kind. No default: a kind without a sample does not compile.
Ref sample(Kind kind) {
  switch (kind) {
    case Kind::Int64:
      return run("9223372036854775807");
    case Kind::Double:
      return run("1.5");
    case Kind::BigInt:
      return run("-123456789012345678901234567890N");
    case Kind::Ratio:
      return run("22/7");
    case Kind::BigDecimal:
      return run("1.50M");
    case Kind::String:
      return run("\"text with λ\"");
    case Kind::ByteString:
      return make_bytes("ab\xff");
    case Kind::Symbol:
      return run("'^{:a 1} my.ns/name");
    case Kind::Keyword:
      return run(":my.ns/name");
    case Kind::Regex:
      return run("#\"a+(b)\"");
    case Kind::Matcher:
      return run("(re-matcher #\"a(b)\" \"xabab\")");
    case Kind::List:
      return run("'^{:m 1} (1 \"two\" (3))");
    case Kind::EmptyList:
      return run("()");
    case Kind::Cons:
      return run("(cons 1 [2 3])");
    case Kind::LazySeq:
      return run("(let [n 10] (map (fn [x] (+ x n)) [1 2 3]))");
    case Kind::Chunk:
      return run("(chunk-first (seq (map inc (range 40))))");
    case Kind::ChunkedCons:
      return run("(seq (map inc (range 40)))");
    case Kind::Range:
      return run("(range 3 30 4)");
    case Kind::VectorSeq:
      return run("(next [1 2 3])");
    case Kind::MapSeq:
      return run("(seq {:a 1 :b 2})");
    case Kind::StringSeq:
      return run("(next \"abc\")");
    case Kind::SortedSeq:
      return run("(next (sorted-set 1 2 3))");
    case Kind::ReverseSeq:
      return run("(rseq [1 2 3])");
    case Kind::Iterator:
      return make_iterator(run("[1 2]"));
    case Kind::Vector:
      return run("[1 [2 \"three\"] :four]");
    case Kind::VectorNode:
      return run("(vec (range 100))");
    case Kind::SubVector:
      return run("(subvec [1 2 3 4] 1 3)");
    case Kind::MapEntry:
      return run("(first {:a 1})");
    case Kind::ArrayMap:
      return run("{:b 1 \"a\" [2]}");
    case Kind::HashMap:
      return run("(into {} (map (fn [i] [(str i) i]) (range 50)))");
    case Kind::HashNode:
      return run("(into {} (map (fn [i] [i [i]]) (range 500)))");
    case Kind::CollisionNode:
      return map_with_collision();
    case Kind::SortedMap:
    case Kind::SortedNode:
      return run("(sorted-map-by (fn [a b] (compare b a)) 1 :one 2 :two 3 :three)");
    case Kind::SortedSet:
      return run("(into (sorted-set) (range 100))");
    case Kind::Set:
      return run("#{1 :two \"three\"}");
    case Kind::Transient:
      return run("(conj! (transient [1 2]) 3)");
    case Kind::Node:
      return run("(fn [x] (if x [x 1] (throw (ex-info \"no\" {}))))");
    case Kind::Code:
      return run("(fn ([] 0) ([a & more] (count more)))");
    case Kind::Proto:
      return run("(fn named [x] (let [y (* x 2)] (fn [z] (+ y z))))");
    case Kind::Function:
      return run("(let [n 5] (fn [x] (+ x n)))");
    case Kind::Native:
      return run("conj");
    case Kind::Var:
      return run("(in-ns 'image-test) (def ^{:doc \"d\"} v [1]) (var v)");
    case Kind::Namespace:
      return run("(in-ns 'image-test) (def w 1) clojure.core/*ns*");
    case Kind::Type:
      return run("(defrecord ImagePoint [x y]) ImagePoint");
    case Kind::Record:
      return run("(defrecord ImagePair [a b]) (assoc (->ImagePair 1 2) :c 3)");
    case Kind::Protocol:
      return run(
          "(defprotocol ImageProtocol (area [s])) (extend-type Long ImageProtocol (area [n] (* n n))) "
          "ImageProtocol");
    case Kind::ProtocolFn:
      return run(
          "(defprotocol ImageProtocol2 (size [s])) (extend-type String ImageProtocol2 (size [s] (count s))) "
          "size");
    case Kind::MultiFn:
      return run(
          "(defmulti image-multi :k) (defmethod image-multi 1 [m] [:one m]) (defmethod image-multi :default "
          "[_] :other) image-multi");
    case Kind::Atom:
      return run("(atom {:a 1} :meta {:m 1})");
    case Kind::Agent:
      return run("(agent {:a 1} :meta {:m 1})");
    case Kind::Volatile:
      return run("(volatile! 7)");
    case Kind::Delay:
      return run("(let [x 2] (delay (* x 21)))");
    case Kind::Promise:
      return run("(doto (promise) (deliver [1 2]))");
    case Kind::Reduced:
      return run("(reduced 5)");
    case Kind::Box:
      return make_box(run("[1 2]"));
    case Kind::Error:
      return run("(ex-info \"message\" {:a 1} (ex-info \"cause\" {}))");
    case Kind::TaggedLiteral:
      return run("(tagged-literal 'my/tag [1 2])");
    case Kind::ReaderConditional:
      return run("(read-string {:read-cond :preserve} \"#?(:clj 1 :cljs 2)\")");
    case Kind::Uuid:
      return run("#uuid \"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\"");
    case Kind::Inst:
      return run("#inst \"2020-01-02T03:04:05.678-00:00\"");
    case Kind::Handle:
      return make_handle(new Nothing);
    case Kind::k_count:
      break;
  }
  return {};
}

void reach(Value v, std::unordered_set<Object*>& seen, std::vector<Object*>& found) {
  if (!v.is_object() || v.bits() == 0 || !seen.insert(v.as_object()).second) return;
  found.push_back(v.as_object());
}

/// All objects reachable from `root`, as far as no namespace has to be entered (that would be the whole
/// language).
std::vector<Object*> reachable(Value root) {
  std::unordered_set<Object*> seen;
  std::vector<Object*> found;
  reach(root, seen, found);
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i]->kind == Kind::Namespace && found[i] != root.as_object()) continue;
    for (Value slot : slots_of(*found[i])) reach(slot, seen, found);
  }
  return found;
}

class EveryKind : public LanguageTest, public ::testing::WithParamInterface<int> {};

std::string kind_name(const ::testing::TestParamInfo<int>& kind) {
  static const char* const names[] = {
#define KIND(name) #name,
#include "lang/value/kinds.def"
#undef KIND
  };
  return names[kind.param];
}

TEST_P(EveryKind, ComesBackAsItWas) {
  auto kind = static_cast<Kind>(GetParam());
  Ref original;
  try {
    original = sample(kind);
  } catch (const Thrown& t) {
    FAIL() << report(t.error(), false);
  }
  bool covered = false;
  for (Object* o : reachable(original)) covered = covered || o->kind == kind;
  ASSERT_TRUE(covered) << "the sample holds no object of its kind";

  if (kind == Kind::Iterator) {
    EXPECT_THROW(dump_image(original), Thrown);
    return;
  }
  Value loaded;
  try {
    loaded = load_image(dump_image(original));
  } catch (const Thrown& t) {
    FAIL() << report(t.error(), false);
  }
  if (kind == Kind::Handle) {
    EXPECT_TRUE(loaded.is_nil()) << "what lies outside the heap is left behind";
    return;
  }
  ASSERT_TRUE(loaded.is_object());
  EXPECT_EQ(loaded.as_object()->kind, original.object()->kind);
  if (kind != Kind::Keyword && !(kind == Kind::Type && as<Type>(original).form == Type::host)) {
    EXPECT_NE(loaded, original.get());
    EXPECT_TRUE(loaded.as_object()->flags & k_immortal);
  }
  // What equals by content must equal its copy, hash the same and print the same.
  if (info(kind).equal && kind != Kind::Record) {
    EXPECT_TRUE(equal(original, loaded)) << pr_str(original) << " and " << pr_str(loaded);
    EXPECT_EQ(hash(original), hash(loaded));
  }
  EXPECT_EQ(pr_str(loaded), pr_str(original));
  EXPECT_EQ(pr_str(meta(loaded)), pr_str(meta(original)));
}

INSTANTIATE_TEST_SUITE_P(Image, EveryKind, ::testing::Range(0, static_cast<int>(Kind::k_count)), kind_name);

TEST_F(ImageTest, WhatOwnsSomethingOutsideSaysWhatBecomesOfIt) {
  for (int i = 0; i < static_cast<int>(Kind::k_count); ++i) {
    const KindInfo& k = info(static_cast<Kind>(i));
    EXPECT_TRUE(!k.finalize || k.forget_outside || k.in_image != InImage::copied) << k.name;
  }
}

TEST_F(ImageTest, WordsAreTheirOwnImage) {
  for (Value v : {Value::nil(), Value::boolean(true), Value::fixnum(-7), Value::character(U'λ')}) {
    EXPECT_EQ(load_image(dump_image(v)), v);
  }
}

TEST_F(ImageTest, FunctionsRunAfterLoading) {
  Ref f =
      run("(let [n 5] (fn f ([x] (f x 1)) ([x y] (loop [i 0 acc x] (if (< i n) (recur (inc i) (+ acc y)) "
          "[acc (str x)])))))");
  Value loaded = load_image(dump_image(f));
  EXPECT_EQ(pr_str(call(loaded, {Value::fixnum(10)})), "[15 \"10\"]");
}

TEST_F(ImageTest, NativesRunAfterLoading) {
  Value loaded = load_image(dump_image(run("[+ conj]")));
  EXPECT_EQ(pr_str(call(vector_at(loaded, 0), {Value::fixnum(1), Value::fixnum(2)})), "3");
}

TEST_F(ImageTest, LazyAndDelayedThingsAreComputedAfterLoading) {
  Value loaded = load_image(dump_image(run("[(map inc [1 2 3]) (delay (+ 1 2)) #\"a+\"]")));
  EXPECT_EQ(pr_str(vector_at(loaded, 0)), "(2 3 4)");
  EXPECT_EQ(pr_str(force(vector_at(loaded, 1))), "3");
  Ref matched = call(run("re-find"), {vector_at(loaded, 2), run("\"baab\"")});
  EXPECT_EQ(pr_str(matched), "\"aa\"");
}

TEST_F(ImageTest, CellsGoOnChanging) {
  Value loaded = load_image(dump_image(run("(atom [1])")));
  Ref before = cell_swap(*loaded.as_object(), as<Atom>(loaded).value, run("[2 3]"));
  EXPECT_EQ(pr_str(deref(loaded)), "[2 3]");
  EXPECT_TRUE(deref(loaded).object()->flags & k_shared) << "others may see what a cell of an image holds";
  EXPECT_EQ(pr_str(before), "[1]");
}

TEST_F(ImageTest, ConstantsAreNotUpdatedInPlace) {
  Value loaded = load_image(dump_image(run("{:a [1 2]}")));
  Ref changed = assoc(Ref(loaded), Ref(keyword("b")), Ref(Value::fixnum(1)));
  EXPECT_EQ(pr_str(loaded), "{:a [1 2]}");
  EXPECT_EQ(pr_str(changed), "{:a [1 2], :b 1}");
  Ref grown = conj(Ref(map_get(loaded, keyword("a"))), Ref(Value::fixnum(3)));
  EXPECT_EQ(pr_str(loaded), "{:a [1 2]}");
}

TEST_F(ImageTest, SharedStructureAndCyclesStay) {
  Ref shared = run("(let [x [1 2] a (atom nil)] (reset! a [a x]) [x x a])");
  Value loaded = load_image(dump_image(shared));
  EXPECT_EQ(vector_at(loaded, 0), vector_at(loaded, 1));
  Value atom = vector_at(loaded, 2);
  EXPECT_EQ(vector_at(deref(atom), 0), atom);
  EXPECT_EQ(vector_at(deref(atom), 1), vector_at(loaded, 0));
  // The original is a cycle that nothing but a collection would free.
  cell_swap(*vector_at(shared, 2).as_object(), as<Atom>(vector_at(shared, 2)).value, Ref());
}

TEST_F(ImageTest, KeywordsAndHostTypesAreThoseOfTheProcess) {
  Value loaded = load_image(dump_image(run("[:my.ns/a :b String ArithmeticException]")));
  EXPECT_EQ(vector_at(loaded, 0), keyword("my.ns", "a"));
  EXPECT_EQ(vector_at(loaded, 1), keyword("b"));
  EXPECT_EQ(vector_at(loaded, 2), resolve_host_class("String"));
  EXPECT_EQ(vector_at(loaded, 3), resolve_host_class("ArithmeticException"));
}

TEST_F(ImageTest, MapsKeyedByIdentityAreFoundInAgain) {
  Ref map =
      run("(in-ns 'image-test) (clojure.core/refer-clojure)"
          "(let [vars (mapv (fn [i] (intern *ns* (symbol (str \"k\" i)) i)) (range 40))] [vars (zipmap vars "
          "(range))])");
  Value loaded = load_image(dump_image(map));
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(map_get(vector_at(loaded, 1), vector_at(vector_at(loaded, 0), i)),
              Value::fixnum(static_cast<int64_t>(i)));
  }
}

TEST_F(ImageTest, CollectionsOfWhatHashesByIdentityHashAsTheyLie) {
  Value loaded =
      load_image(dump_image(run("(let [a (atom 1) v [a [String a]] m {[a] 1} s #{(list a)} big (zipmap (map "
                                "vector (repeat a) (range 40)) (range))]"
                                "  (run! hash [v m s big]) [a v m s big])")));
  Value a = vector_at(loaded, 0);
  call(run("(fn [[a v m s big]]"
           "  (assert (= (hash v) (hash [a [String a]])))"
           "  (assert (= 1 (get m [a])))"
           "  (assert (contains? s (list a)))"
           "  (assert (= s #{(list a)}) (= (hash s) (hash #{(list a)})))"
           "  (assert (= (range 40) (map #(get big [a %]) (range 40)))))"),
       {loaded});
  EXPECT_TRUE(is<Atom>(a));
}

TEST_F(ImageTest, TheWholeLanguageFitsIntoOne) {
  Value core = load_image(dump_image(find_ns("clojure.core")));
  Ref mappings = cell_load(*core.as_object(), as<Namespace>(core).mappings);
  EXPECT_EQ(map_count(mappings), map_count(as<Namespace>(find_ns("clojure.core")).mappings));
  Value frequencies = map_get(mappings, make_symbol("frequencies"));
  ASSERT_TRUE(is<Var>(frequencies));
  EXPECT_EQ(pr_str(call(as<Var>(frequencies).load_root(), {run("\"aab\"")})), "{\\a 2, \\b 1}");
}

/// The image in pages of its own, as a program is linked with one.
std::span<const char> mapped(const std::string& image) {
  int fd = memfd_create("image", MFD_CLOEXEC);
  EXPECT_EQ(write(fd, image.data(), image.size()), static_cast<ssize_t>(image.size()));
  void* pages = mmap(nullptr, image.size(), PROT_READ, MAP_PRIVATE, fd, 0);
  EXPECT_NE(pages, MAP_FAILED);
  close(fd);
  return {static_cast<const char*>(pages), image.size()};
}

TEST_F(ImageTest, LiesWhereItWasWrittenToLieOrIsAdjusted) {
  std::string image = dump_image(run("[(fn [x] [x :a 'b]) conj (atom [1]) {:k #\"a+\"}]"));
  // The second finds the first in its place.
  Value first = adopt_image(mapped(image)), second = adopt_image(mapped(image));
  EXPECT_NE(first, second);
  for (Value loaded : {first, second}) {
    EXPECT_EQ(pr_str(call(vector_at(loaded, 0), {Value::fixnum(1)})), "[1 :a b]");
    EXPECT_EQ(pr_str(call(vector_at(loaded, 1), {run("[1]"), Value::fixnum(2)})), "[1 2]");
    Value atom = vector_at(loaded, 2);
    cell_swap(*atom.as_object(), as<Atom>(atom).value, run("[2]"));
    EXPECT_EQ(pr_str(deref(atom)), "[2]");
    Ref matched = call(run("re-find"), {map_get(vector_at(loaded, 3), keyword("k")), run("\"baab\"")});
    EXPECT_EQ(pr_str(matched), "\"aa\"");
  }
  EXPECT_EQ(pr_str(deref(vector_at(first, 2))), pr_str(deref(vector_at(second, 2))));
}

TEST_F(ImageTest, TheBootImageBringsItsOwnNames) {
  Value root = load_image(dump_boot_image());
  ASSERT_TRUE(is<VectorNode>(root));
  std::unordered_set<Object*> seen;
  std::vector<Object*> found;
  reach(root, seen, found);
  size_t keywords = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_TRUE(found[i]->flags & k_immortal) << info(*found[i]).name;
    keywords += found[i]->kind == Kind::Keyword;
    Value v = Value::object(found[i]);
    if (is<Keyword>(v)) {
      EXPECT_NE(v, keyword(full_name(v)));
    } else if (is<Type>(v)) {
      EXPECT_NE(v, resolve_host_class(type_name(v)));
    }
    if (found[i]->kind != Kind::Handle) {
      for (Value slot : slots_of(*found[i])) reach(slot, seen, found);
    }
  }
  EXPECT_GT(keywords, 100u);
}

TEST_F(ImageTest, RefusesWhatIsNoImage) {
  EXPECT_THROW(load_image(""), Thrown);
  EXPECT_THROW(load_image(std::string(200, 'x')), Thrown);
  std::string image = dump_image(run("[1 \"two\"]"));
  EXPECT_THROW(load_image(std::string_view(image).substr(0, image.size() - 1)), Thrown);
}

}  // namespace
}  // namespace reops::lang
