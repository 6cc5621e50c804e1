// What the everyday operations cost, one operation an iteration unless the name says otherwise.
//
// "Held" means that an older version is kept, so that each update copies its path; otherwise updates are in
// place.

#include <benchmark/benchmark.h>

#include <string>

#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/sorted_map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/number.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

Ref int_map(int64_t count) {
  Ref m(empty_map());
  for (int64_t i = 0; i < count; ++i) m = assoc(std::move(m), integer(i), integer(i));
  return m;
}
Ref int_vector(int64_t count) {
  Ref v(empty_vector());
  for (int64_t i = 0; i < count; ++i) vector_push(v, integer(i));
  return v;
}
// A sequence of numbers without any pattern, the same in every run.
int64_t scattered(int64_t i) {
  return static_cast<int64_t>(static_cast<uint64_t>(i) * 0x9e3779b97f4a7c15u >> 20);
}

void map_assoc_million(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(int_map(1'000'000));
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}
BENCHMARK(map_assoc_million)->Unit(benchmark::kMillisecond);

void map_assoc_million_scattered(benchmark::State& state) {
  for (auto _ : state) {
    Ref m(empty_map());
    for (int64_t i = 0; i < 1'000'000; ++i) m = assoc(std::move(m), integer(scattered(i)), integer(i));
    benchmark::DoNotOptimize(m);
  }
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}
BENCHMARK(map_assoc_million_scattered)->Unit(benchmark::kMillisecond);

void map_assoc_held(benchmark::State& state) {
  Ref m = int_map(state.range(0));
  if (state.range(1)) publish(m);
  int64_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(assoc(m, integer(scattered(++i) % state.range(0)), integer(1)));
}
BENCHMARK(map_assoc_held)
    ->ArgNames({"size", "shared"})
    ->Args({8, 0})
    ->Args({1000, 0})
    ->Args({1'000'000, 0})
    ->Args({1'000'000, 1});

void map_get(benchmark::State& state) {
  Ref m = int_map(state.range(0));
  int64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(lookup(m, Value::fixnum(scattered(++i) % state.range(0))));
}
BENCHMARK(map_get)->Arg(8)->Arg(1000)->Arg(1'000'000);

void map_get_keyword(benchmark::State& state) {
  Ref m(empty_map());
  Value last;
  for (int i = 0; i < state.range(0); ++i)
    m = assoc(std::move(m), Ref(last = keyword("key-" + std::to_string(i))), integer(i));
  for (auto _ : state) benchmark::DoNotOptimize(lookup(m, last));
}
BENCHMARK(map_get_keyword)->Arg(8)->Arg(1000);

void map_get_string(benchmark::State& state) {
  Ref m(empty_map());
  for (int i = 0; i < state.range(0); ++i)
    m = assoc(std::move(m), make_string("host-" + std::to_string(i)), integer(i));
  Ref key = make_string("host-3");
  for (auto _ : state) benchmark::DoNotOptimize(lookup(m, key));
}
BENCHMARK(map_get_string)->Arg(8)->Arg(1000);

void map_dissoc_assoc(benchmark::State& state) {
  Ref m = int_map(state.range(0));
  for (auto _ : state) {
    m = dissoc(std::move(m), Value::fixnum(3));
    m = assoc(std::move(m), integer(3), integer(3));
  }
}
BENCHMARK(map_dissoc_assoc)->Arg(5)->Arg(100'000);

void map_walk(benchmark::State& state) {
  Ref m = int_map(state.range(0));
  for (auto _ : state) {
    for (SeqIterator it(m); it.more(); it.step()) benchmark::DoNotOptimize(it.value());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(map_walk)->Arg(8)->Arg(100'000);

Ref scattered_map(int64_t count) {
  Ref m = make_sorted_map(nil());
  for (int64_t i = 0; i < count; ++i) map_put(m, integer(scattered(i) % count), integer(i));
  return m;
}

void sorted_assoc_million(benchmark::State& state) {
  for (auto _ : state) {
    Ref m = make_sorted_map(nil());
    for (int64_t i = 0; i < 1'000'000; ++i) map_put(m, integer(scattered(i)), integer(i));
    benchmark::DoNotOptimize(m);
  }
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}
BENCHMARK(sorted_assoc_million)->Unit(benchmark::kMillisecond);

void sorted_assoc_held(benchmark::State& state) {
  Ref m = scattered_map(state.range(0));
  int64_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(assoc(m, integer(scattered(++i) % state.range(0)), integer(-i)));
}
BENCHMARK(sorted_assoc_held)->Arg(8)->Arg(1000)->Arg(1'000'000);

void sorted_get(benchmark::State& state) {
  Ref m = scattered_map(state.range(0));
  int64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(lookup(m, Value::fixnum(scattered(++i) % state.range(0))));
}
BENCHMARK(sorted_get)->Arg(8)->Arg(1000)->Arg(1'000'000);

void sorted_dissoc_assoc(benchmark::State& state) {
  Ref m = scattered_map(state.range(0));
  for (auto _ : state) {
    m = dissoc(std::move(m), Value::fixnum(3));
    m = assoc(std::move(m), integer(3), integer(3));
  }
}
BENCHMARK(sorted_dissoc_assoc)->Arg(5)->Arg(100'000);

void sorted_walk(benchmark::State& state) {
  Ref m = scattered_map(state.range(0));
  for (auto _ : state) {
    for (SeqIterator it(m); it.more(); it.step()) benchmark::DoNotOptimize(it.value());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sorted_walk)->Arg(8)->Arg(100'000);

void vector_conj_million(benchmark::State& state) {
  for (auto _ : state) {
    Ref v(empty_vector());
    for (int64_t i = 0; i < 1'000'000; ++i) v = conj(std::move(v), integer(i));
    benchmark::DoNotOptimize(v);
  }
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}
BENCHMARK(vector_conj_million)->Unit(benchmark::kMillisecond);

void vector_conj_held(benchmark::State& state) {
  Ref v = int_vector(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(conj(v, integer(1)));
}
BENCHMARK(vector_conj_held)->Arg(5)->Arg(100'016);

void vector_nth(benchmark::State& state) {
  Ref v = int_vector(state.range(0));
  int64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(nth(v, ++i % state.range(0)));
}
BENCHMARK(vector_nth)->Arg(10)->Arg(100'000);

void vector_assoc(benchmark::State& state) {
  Ref v = int_vector(state.range(0));
  int64_t i = 0;
  for (auto _ : state) v = assoc(std::move(v), integer(++i % state.range(0)), integer(1));
}
BENCHMARK(vector_assoc)->Arg(100'000);

template <class Make>
void walk(benchmark::State& state, Make make) {
  Ref coll = make();
  for (auto _ : state) {
    Ref it = make_iterator(coll);
    Iterator& iterator = as<Iterator>(it);
    for (Value v = iterator_next(iterator); !v.is_none(); v = iterator_next(iterator))
      benchmark::DoNotOptimize(v);
  }
  state.SetItemsProcessed(state.iterations() * 100'000);
}
void iterate_vector(benchmark::State& state) {
  walk(state, [] { return int_vector(100'000); });
}
void iterate_range(benchmark::State& state) {
  walk(state, [] { return make_int_range(0, 100'000, 1); });
}
void iterate_list(benchmark::State& state) {
  walk(state, [] {
    Ref l(empty_list());
    for (int64_t i = 0; i < 100'000; ++i) l = list_conj(std::move(l), integer(i));
    return l;
  });
}
BENCHMARK(iterate_vector);
BENCHMARK(iterate_range);
BENCHMARK(iterate_list);

void next_over_vector(benchmark::State& state) {
  Ref v = int_vector(100'000);
  for (auto _ : state) {
    for (Ref s = seq(v); !s.is_nil(); s = next_consuming(std::move(s))) benchmark::DoNotOptimize(first(s));
  }
  state.SetItemsProcessed(state.iterations() * 100'000);
}
BENCHMARK(next_over_vector);

void list_make_and_free(benchmark::State& state) {
  for (auto _ : state) {
    Ref l(empty_list());
    for (int64_t i = 0; i < 1000; ++i) l = list_conj(std::move(l), integer(i));
    benchmark::DoNotOptimize(l);
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(list_make_and_free);

}  // namespace
}  // namespace reops::lang
