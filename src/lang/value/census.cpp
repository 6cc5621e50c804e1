#include "lang/value/census.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <unordered_set>

#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

struct alignas(64) Shard {
  std::mutex lock;
  std::unordered_set<Object*> cells;
};

std::array<Shard, 16>& shards() {
  // Never destroyed: threads may still end cells when the process does.
  static auto& the = *new std::array<Shard, 16>;
  return the;
}

Shard& shard_of(const Object* cell) {
  auto bits = reinterpret_cast<uintptr_t>(cell);
  return shards()[(bits >> 4 ^ bits >> 9) % 16];
}

std::atomic<size_t> g_noted{0};
std::atomic<size_t> g_threshold{100'000};

}  // namespace

void note_cell(Object& cell) {
  if (std::atomic_ref(cell.aux).fetch_or(k_cell_noted, std::memory_order_relaxed) & k_cell_noted) return;
  // A cell of the image is never freed; a cycle through it is alive.
  if (cell.flags & k_immortal) return;
  {
    Shard& shard = shard_of(&cell);
    std::lock_guard lock(shard.lock);
    shard.cells.insert(&cell);
  }
  if (g_noted.fetch_add(1, std::memory_order_relaxed) >= g_threshold.load(std::memory_order_relaxed) &&
      t_thread) {
    t_thread->ask(Thread::collect);
  }
}

void forget_cell(Object& cell) {
  Shard& shard = shard_of(&cell);
  std::lock_guard lock(shard.lock);
  shard.cells.erase(&cell);
  g_noted.fetch_sub(1, std::memory_order_relaxed);
}

size_t noted_cells() { return g_noted.load(std::memory_order_relaxed); }

void each_noted_cell(const std::function<void(Object&)>& visit) {
  for (Shard& shard : shards()) {
    std::lock_guard lock(shard.lock);
    for (Object* cell : shard.cells) visit(*cell);
  }
}

void set_collection_threshold(size_t cells) { g_threshold.store(cells, std::memory_order_relaxed); }

}  // namespace reops::lang
