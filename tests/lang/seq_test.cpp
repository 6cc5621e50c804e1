// Sequences: every kind gives the same elements by every way of walking it; lazy ones are realised once, by
// one thread.

#include "lang/collection/seq.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "collection_support.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/transient.hpp"
#include "lang/collection/vector.hpp"
#include "lang/collection/views.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/string.hpp"
#include "language_testing.hpp"

namespace reops::lang {
namespace {

using namespace testing;

using Model = std::vector<int64_t>;

Ref vector_of(const Model& model) {
  Ref v(empty_vector());
  for (int64_t i : model) vector_push(v, own(i));
  return v;
}

Ref thunk_that_gives(Value v) {
  static thread_local Ref given;
  given = Ref(v);
  return native([](Args) -> Ref { return given; });
}

Ref lazy_over(Value v) {
  Ref s = make_lazy_seq(thunk_that_gives(v));
  realise(as<LazySeq>(s));
  return s;
}

/// `model` as a sequence of some kind.
Ref some_seq(const Model& model, int kind) {
  Ref v = vector_of(model);
  std::vector<Value> items;
  for (size_t i = 0; i < model.size(); ++i) items.push_back(vector_at(v, i));
  size_t half = items.size() / 2;
  switch (kind) {
    case 0:
      return v;
    case 1:
      return make_list(items);
    case 2: {
      Ref s;
      for (size_t i = items.size(); i-- > 0;) s = cons(items[i], s);
      return s.is_nil() ? Ref(empty_list()) : s;
    }
    case 3: {
      Ref chunk = make_chunk(static_cast<uint32_t>(half));
      for (size_t i = 0; i < half; ++i)
        as<Chunk>(chunk).items[as<Chunk>(chunk).length++] = Ref(items[i]).take();
      Ref rest = chunk_cons(chunk, make_list(std::span(items).subspan(half)));
      return rest;
    }
    case 4:
      return lazy_over(v);
    case 5: {
      // Lists, chunks and lazy sequences mixed in one.
      Ref tail = lazy_over(vector_of(Model(model.begin() + static_cast<ptrdiff_t>(half), model.end())));
      for (size_t i = half; i-- > 0;) tail = i % 3 ? cons(items[i], tail) : lazy_over(cons(items[i], tail));
      return tail;
    }
    case 6:
      return subvector(v, 0, items.size());
    case 7: {
      Ref backwards = vector_of(Model(model.rbegin(), model.rend()));
      Ref s = reverse_seq(backwards);
      return s.is_nil() ? Ref(empty_list()) : s;
    }
    default: {
      Ref s = vector_seq(v);
      return s.is_nil() ? Ref(empty_list()) : s;
    }
  }
}

Model by_next(Value coll) {
  Model out;
  for (Ref s = seq(coll); !s.is_nil(); s = next(s)) out.push_back(as_int(first(s)));
  return out;
}
Model by_rest(Value coll) {
  Model out;
  for (Ref s(coll); !seq(s).is_nil(); s = rest(s)) out.push_back(as_int(first(s)));
  return out;
}
Model by_consuming(Ref s) {
  Model out;
  for (s = seq(s); !s.is_nil(); s = next_consuming(std::move(s))) out.push_back(as_int(first(s)));
  return out;
}
Model by_chunks(Value coll) {
  Model out;
  Ref s = seq(coll);
  while (!s.is_nil()) {
    if (is_chunked(s)) {
      Ref chunk = chunk_first(s);
      for (Value item : chunk_items(chunk)) out.push_back(as_int(item));
      s = seq(chunk_rest(s));
    } else {
      out.push_back(as_int(first(s)));
      s = next(s);
    }
  }
  return out;
}

class SeqOnThread : public OnThread {};

RC_GTEST_FIXTURE_PROP(SeqOnThread, AllWaysOfWalkingAllKindsAgree, ()) {
  const Model model = *rc::gen::container<Model>(*rc::gen::element<size_t>(0, 1, 2, 5, 31, 32, 33, 70),
                                                 rc::gen::arbitrary<int64_t>());
  int kind = *rc::gen::inRange(0, 9);
  Ref s = some_seq(model, kind);
  if (*rc::gen::arbitrary<bool>()) publish(s);
  RC_ASSERT(ints(s) == model);
  RC_ASSERT(by_next(s) == model);
  RC_ASSERT(by_rest(s) == model);
  RC_ASSERT(by_chunks(s) == model);
  RC_ASSERT(by_consuming(s) == model);
  RC_ASSERT(ints(s) == model);  // what was held has not been consumed
  RC_ASSERT(count(s) == model.size());
  for (size_t i = 0; i < model.size(); i += 3) RC_ASSERT(as_int(nth(s, static_cast<int64_t>(i))) == model[i]);
  RC_ASSERT(as_int(nth(s, static_cast<int64_t>(model.size()), fix(-7))) == -7);
  RC_ASSERT(equal(into_vector(s), vector_of(model)));

  Ref it = make_iterator(s);
  s = nil();
  Model iterated;
  for (Value v = iterator_next(as<Iterator>(it)); !v.is_none(); v = iterator_next(as<Iterator>(it)))
    iterated.push_back(as_int(v));
  RC_ASSERT(iterated == model);
  RC_ASSERT(iterator_next(as<Iterator>(it)).is_none());
}

RC_GTEST_FIXTURE_PROP(SeqOnThread, EqualAndHashAcrossKinds, ()) {
  const Model model =
      *rc::gen::container<Model>(*rc::gen::element<size_t>(0, 1, 2, 33), rc::gen::inRange<int64_t>(-3, 3));
  Ref a = some_seq(model, *rc::gen::inRange(0, 9)), b = some_seq(model, *rc::gen::inRange(0, 9));
  RC_ASSERT(equal(a, b));
  RC_ASSERT(equal(b, a));
  RC_ASSERT(hash(a) == hash(b));
  Model other = model;
  if (other.empty() || *rc::gen::arbitrary<bool>()) {
    other.push_back(1);
  } else {
    other[*rc::gen::inRange<size_t>(0, other.size())] += 1;
  }
  Ref c = some_seq(other, *rc::gen::inRange(0, 9));
  RC_ASSERT(!equal(a, c));
  RC_ASSERT(!equal(c, a));
}

RC_GTEST_PROP(Range, IsTheSequenceOfItsIntegers, ()) {
  int64_t start = *rc::gen::inRange<int64_t>(-50, 50), end = *rc::gen::inRange<int64_t>(-100, 100);
  int64_t step = *rc::gen::element<int64_t>(-7, -3, -1, 1, 2, 5, 40);
  Model model;
  for (int64_t i = start; step > 0 ? i < end : i > end; i += step) model.push_back(i);
  Ref r = make_int_range(start, end, step);
  RC_ASSERT(ints(r) == model);
  RC_ASSERT(by_next(r) == model);
  RC_ASSERT(by_chunks(r) == model);
  RC_ASSERT(count(r) == model.size());
  for (size_t i = 0; i < model.size(); ++i) RC_ASSERT(as_int(nth(r, static_cast<int64_t>(i))) == model[i]);
  RC_ASSERT(by_consuming(r) == model);
  RC_ASSERT(ints(r) == model);
}

TEST(Range, ReachesTheEndsOfTheIntegers) {
  constexpr int64_t k_most = INT64_MAX, k_least = INT64_MIN;
  EXPECT_EQ(ints(make_int_range(k_most - 2, k_most, 1)), (Model{k_most - 2, k_most - 1}));
  EXPECT_EQ(ints(make_int_range(k_least + 1, k_least, -1)), (Model{k_least + 1}));
  EXPECT_EQ(ints(make_int_range(k_least, k_most, k_most)), (Model{k_least, -1, k_most - 1}));
}

TEST(Range, CountsInIntegersUpToADouble) {
  EXPECT_EQ(ints(make_range(fix(0), real(2.5), fix(1))), (Model{0, 1, 2}));
  EXPECT_EQ(ints(make_range(fix(5), real(3.5), fix(-1))), (Model{5, 4}));
}

TEST(Range, TakesOtherNumbers) {
  std::vector<double> found;
  for (SeqIterator it(make_range(real(0.0), fix(1), real(0.25))); it.more(); it.step())
    found.push_back(to_double(it.value()));
  EXPECT_EQ(found, (std::vector<double>{0.0, 0.25, 0.5, 0.75}));
  EXPECT_TRUE(is<EmptyList>(make_range(real(1.0), real(0.5), real(0.25))));
}

TEST(Seq, StringsGiveCharacters) {
  Ref text = make_string("aλ🙂b");
  std::u32string out;
  for (Ref s = seq(text); !s.is_nil(); s = next_consuming(std::move(s))) out += first(s).get().as_char();
  EXPECT_EQ(out, U"aλ🙂b");
  out.clear();
  for (SeqIterator it(text); it.more(); it.step()) out += it.value().as_char();
  EXPECT_EQ(out, U"aλ🙂b");
  EXPECT_EQ(count(text), 4u);
  EXPECT_EQ(nth(text, 2).get().as_char(), U'🙂');
  EXPECT_TRUE(seq(make_string("")).is_nil());
}

TEST(Seq, RefusesWhatHasNone) {
  EXPECT_EQ(error_class_of([] { seq(fix(5)); }), ErrorClass::illegal_argument);
  EXPECT_EQ(error_class_of([] { first(fix(5)); }), ErrorClass::illegal_argument);
  EXPECT_EQ(error_class_of([] { next(Value::boolean(true)); }), ErrorClass::illegal_argument);
  EXPECT_EQ(error_class_of([] { count(fix(5)); }), ErrorClass::unsupported);
  EXPECT_FALSE(is_seqable(fix(5)));
}

TEST(Seq, ViewsMoveOnInPlaceOnlyWhenUnique) {
  Ref s = vector_seq(make_vector({fix(1), fix(2), fix(3)}));
  Object* before = s.object();
  s = next_consuming(std::move(s));
  EXPECT_EQ(s.object(), before);
  Ref held = s;
  s = next_consuming(std::move(s));
  EXPECT_NE(s.object(), before);
  EXPECT_EQ(ints(held), (Model{2, 3}));
  EXPECT_EQ(ints(s), (Model{3}));
}

TEST(Seq, MillionDeepListsAndNestsAreFreedWithoutRecursion) {
  Ref list(empty_list()), nest(empty_vector()), conses;
  for (int i = 0; i < 1'000'000; ++i) {
    list = list_conj(std::move(list), own(i));
    nest = make_vector({nest});
    conses = cons(own(i), std::move(conses));
  }
  EXPECT_EQ(count(list), 1'000'000u);
  EXPECT_EQ(count(conses), 1'000'000u);
}

TEST(Seq, EntriesAreReusedOnlyWhenNobodyKeepsThem) {
  Ref m = make_map({fix(1), fix(10), fix(2), fix(20), fix(3), fix(30)});
  SeqIterator it(m);
  Ref kept(it.value());
  it.step();
  EXPECT_EQ(as<MapEntry>(kept).key, fix(1));
  Object* second = it.value().as_object();
  EXPECT_NE(second, kept.object());
  it.step();
  EXPECT_EQ(it.value().as_object(), second);
  EXPECT_EQ(as<MapEntry>(it.value()).value, fix(30));
}

int g_calls = 0;

class LazySeqTest : public OnThread {
 protected:
  void SetUp() override { g_calls = 0; }
};

TEST_F(LazySeqTest, IsRealisedOnce) {
  Ref s = make_lazy_seq(native([](Args) {
    ++g_calls;
    return make_list({fix(1), fix(2)});
  }));
  EXPECT_FALSE(is_realised(as<LazySeq>(s)));
  EXPECT_EQ(g_calls, 0);
  EXPECT_EQ(ints(s), (Model{1, 2}));
  EXPECT_EQ(ints(s), (Model{1, 2}));
  EXPECT_EQ(g_calls, 1);
}

TEST_F(LazySeqTest, KeepsItsThunkWhenThatThrows) {
  Ref s = make_lazy_seq(native([](Args) -> Ref {
    if (++g_calls < 3) throw_illegal_state("not yet");
    return make_list({fix(5)});
  }));
  EXPECT_EQ(error_class_of([&] { seq(s); }), ErrorClass::illegal_state);
  EXPECT_EQ(error_class_of([&] { seq(s); }), ErrorClass::illegal_state);
  EXPECT_EQ(ints(s), Model{5});
  EXPECT_EQ(g_calls, 3);
}

// After an error further down, what has been done is not done again.
TEST_F(LazySeqTest, GoesOnWhereAnInnerOneFailed) {
  static int outer_calls;
  outer_calls = 0;
  Ref s = make_lazy_seq(native([](Args) -> Ref {
    ++outer_calls;
    return make_lazy_seq(native([](Args) -> Ref {
      if (++g_calls < 2) throw_illegal_state("not yet");
      return make_vector({fix(5)});
    }));
  }));
  EXPECT_EQ(error_class_of([&] { seq(s); }), ErrorClass::illegal_state);
  EXPECT_EQ(ints(s), Model{5});
  EXPECT_EQ(outer_calls, 1);
  EXPECT_EQ(g_calls, 2);
}

Ref g_self;

TEST_F(LazySeqTest, AskingForItselfIsAnError) {
  g_self = make_lazy_seq(native([](Args) -> Ref { return seq(g_self); }));
  EXPECT_EQ(error_class_of([] { seq(g_self); }), ErrorClass::illegal_state);
  Ref itself = make_lazy_seq(native([](Args) -> Ref { return g_self; }));
  g_self = itself;
  EXPECT_EQ(error_class_of([] { seq(g_self); }), ErrorClass::illegal_state);
  g_self = nil();
}

Ref chain_link() {
  if (++g_calls == 300'000) return make_list({fix(1)});
  return make_lazy_seq(native([](Args) { return chain_link(); }));
}

TEST_F(LazySeqTest, ChainsAreFollowedWithoutRecursion) {
  Ref s = make_lazy_seq(native([](Args) { return chain_link(); }));
  EXPECT_EQ(ints(s), Model{1});
}

// The same, with every link held elsewhere: none may be dropped, all are realised by the walk.
std::vector<Ref> g_links;

TEST_F(LazySeqTest, LinksThatOthersHoldAreRealisedToo) {
  Ref s = make_lazy_seq(native([](Args) -> Ref {
    struct Link {
      static Ref make(Args) {
        if (++g_calls == 1000) return make_list({fix(1)});
        g_links.push_back(make_lazy_seq(native(make)));
        return g_links.back();
      }
    };
    return Link::make(Args(nullptr, 0));
  }));
  EXPECT_EQ(ints(s), Model{1});
  int calls = g_calls;
  for (const Ref& link : g_links) EXPECT_EQ(ints(link), Model{1});
  EXPECT_EQ(g_calls, calls);
  g_links.clear();
}

// A resource that counts how many of its kind are alive.
int g_alive = 0;
class Counted : public Resource {
 public:
  Counted() { ++g_alive; }
  ~Counted() override { --g_alive; }
  std::string describe() const override { return "Counted"; }
};

// Up to g_limit such resources, one lazy cell at a time.
int g_limit = 0;
Ref counted_cells(Args) {
  if (g_calls == g_limit) return nil();
  ++g_calls;
  return cons(make_handle(new Counted), make_lazy_seq(native(counted_cells)));
}

TEST_F(LazySeqTest, AWalkHoldsNoMoreThanItsPosition) {
  g_limit = 10'000;
  int most = 0;
  for (SeqIterator it(make_lazy_seq(native(counted_cells))); it.more(); it.step())
    most = std::max(most, g_alive);
  EXPECT_EQ(g_calls, 10'000);
  EXPECT_LE(most, 2);
  EXPECT_EQ(g_alive, 0);

  g_calls = most = 0;
  Ref it = make_iterator(make_lazy_seq(native(counted_cells)));
  while (!iterator_next(as<Iterator>(it)).is_none()) most = std::max(most, g_alive);
  EXPECT_EQ(g_calls, 10'000);
  EXPECT_LE(most, 2);
  EXPECT_EQ(g_alive, 0);

  g_calls = most = 0;
  for (Ref s = make_lazy_seq(native(counted_cells)); !(s = next_consuming(std::move(s))).is_nil();) {
    most = std::max(most, g_alive);
  }
  EXPECT_EQ(g_calls, 10'000);
  EXPECT_LE(most, 2);

  g_calls = 0;
  EXPECT_EQ(count_consuming(make_lazy_seq(native(counted_cells))), 10'000u);
  EXPECT_EQ(g_alive, 0);
}

TEST_F(LazySeqTest, AWalkThatIsLentTheSequenceLeavesItWhole) {
  g_limit = 100;
  Ref s = make_lazy_seq(native(counted_cells));
  EXPECT_EQ(count(s), 100u);
  EXPECT_EQ(g_alive, 100);
  s = nil();
  EXPECT_EQ(g_alive, 0);
}

std::atomic<int> g_shared_calls{0};

TEST_F(LazySeqTest, ThreadsThatAskTogetherGetTheSameRealisation) {
  for (int round = 0; round < 50; ++round) {
    g_shared_calls = 0;
    Ref s = make_lazy_seq(native([](Args) -> Ref {
      ++g_shared_calls;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return make_vector({fix(1), fix(2), fix(3)});
    }));
    publish(s);
    std::vector<std::future<Model>> asking;
    for (int i = 0; i < 3; ++i) {
      asking.push_back(std::async(std::launch::async, [s] {
        ThreadScope scope;
        return ints(s);
      }));
    }
    for (auto& answer : asking) {
      ASSERT_EQ(answer.wait_for(std::chrono::seconds(30)), std::future_status::ready);
      EXPECT_EQ(answer.get(), (Model{1, 2, 3}));
    }
    EXPECT_EQ(g_shared_calls, 1);
  }
}

TEST_F(LazySeqTest, AThreadThatWaitedTakesOverWhenTheOtherFails) {
  g_shared_calls = 0;
  Ref s = make_lazy_seq(native([](Args) -> Ref {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (++g_shared_calls == 1) throw_illegal_state("the first one fails");
    return make_vector({fix(1)});
  }));
  publish(s);
  std::vector<std::future<bool>> asking;
  for (int i = 0; i < 2; ++i) {
    asking.push_back(std::async(std::launch::async, [s] {
      ThreadScope scope;
      try {
        return ints(s) == Model{1};
      } catch (const Thrown&) {
        return false;
      }
    }));
  }
  int answers = 0;
  for (auto& answer : asking) {
    ASSERT_EQ(answer.wait_for(std::chrono::seconds(30)), std::future_status::ready);
    answers += answer.get();
  }
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(g_shared_calls, 2);
}

// What a published lazy sequence comes to must be published as well.
TEST_F(LazySeqTest, PublishesWhatItIsRealisedTo) {
  Ref s = make_lazy_seq(native([](Args) { return make_list({fix(1)}); }));
  publish(s);
  Ref content = seq(s);
  EXPECT_TRUE(content.object()->flags & k_shared);
}

class LazySeqLanguage : public LanguageTest {};

// A thunk's captured values are moved out as it runs: after an error they are gone, and the error is what is
// left.
TEST_F(LazySeqLanguage, AFailedThunkThatIsUsedUpFailsAgainTheSameWay) {
  EXPECT_EQ(shown("(let [c (vec [1 2]) s (lazy-seq (throw (ex-info (str (first c)) {})))]"
                  "  (mapv (fn [_] (try (first s) (catch Exception e (.getMessage e)))) [1 2]))"),
            "[\"1\" \"1\"]");
}

TEST(Transient, UpdatesInPlaceAndEndsWithPersistent) {
  Ref v = make_vector({fix(1)});
  Ref t = make_transient(v);
  for (int64_t i = 0; i < 100; ++i) transient_conj(t, own(i));
  EXPECT_EQ(ints(v), Model{1});
  EXPECT_EQ(count(t), 101u);
  Object* inside = transient_content(t).as_object();
  transient_assoc(t, own(0), own(-1));
  transient_pop(t);
  EXPECT_EQ(transient_content(t).as_object(), inside);
  Ref done = persistent(t);
  EXPECT_EQ(vector_count(done), 100u);
  EXPECT_EQ(vector_at(done, 0), fix(-1));
  EXPECT_EQ(error_class_of([&] { transient_conj(t, own(1)); }), ErrorClass::illegal_access);
  EXPECT_EQ(error_class_of([&] { persistent(t); }), ErrorClass::illegal_access);
  EXPECT_EQ(error_class_of([&] { count(t); }), ErrorClass::illegal_access);
}

TEST(Transient, SurvivesAnUpdateThatFails) {
  Ref t = make_transient(make_vector({fix(1)}));
  EXPECT_EQ(error_class_of([&] { transient_assoc(t, own(5), own(5)); }), ErrorClass::index_out_of_bounds);
  transient_conj(t, own(2));
  EXPECT_EQ(ints(persistent(t)), (Model{1, 2}));
}

TEST(Transient, MapsGrowIntoHashMaps) {
  Ref t = make_transient(Ref(empty_map()));
  for (int64_t i = 0; i < 100; ++i) transient_assoc(t, own(i), own(i));
  transient_dissoc(t, fix(5));
  Ref m = persistent(t);
  EXPECT_EQ(map_count(m), 99u);
  EXPECT_TRUE(map_get(m, fix(5)).is_none());
  EXPECT_EQ(map_get(m, fix(6)), fix(6));
}

TEST(Transient, RefusesWhatItsCollectionCannotDo) {
  Ref t = make_transient(Ref(empty_set()));
  EXPECT_EQ(error_class_of([&] { transient_assoc(t, own(5), own(5)); }), ErrorClass::class_cast);
  EXPECT_EQ(error_class_of([&] { transient_pop(t); }), ErrorClass::class_cast);
  EXPECT_EQ(error_class_of([] { make_transient(make_list({fix(1)})); }), ErrorClass::class_cast);
  EXPECT_EQ(error_class_of([] { transient_conj(empty_vector(), own(1)); }), ErrorClass::class_cast);
}

TEST(Lists, ConjPeekPopAndCount) {
  Ref l = make_list({fix(1), fix(2)});
  Ref longer = conj(l, own(0));
  EXPECT_EQ(count(longer), 3u);
  EXPECT_EQ(peek(longer), fix(0));
  EXPECT_EQ(pop(longer).object(), l.object());
  EXPECT_TRUE(is<EmptyList>(pop(pop(l))));
  EXPECT_EQ(error_class_of([] { pop(Ref(empty_list())); }), ErrorClass::illegal_state);
  EXPECT_TRUE(peek(empty_list()).is_nil());
  EXPECT_EQ(ints(conj(nil(), own(7))), Model{7});
}

TEST(Lists, MetadataBelongsToTheWholeList) {
  Ref m = make_map({fix(1), fix(2)});
  Ref l = with_meta(make_list({fix(1), fix(2)}), m);
  EXPECT_TRUE(meta(rest(l)).is_nil());
  EXPECT_TRUE(equal(meta(conj(l, own(0))), m));
  EXPECT_TRUE(equal(meta(empty(l)), m));
}

}  // namespace
}  // namespace reops::lang
