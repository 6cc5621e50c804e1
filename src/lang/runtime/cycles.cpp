#include "lang/runtime/cycles.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lang/runtime/var.hpp"
#include "lang/value/census.hpp"
#include "lang/value/publish.hpp"
#include "lang/vm/registry.hpp"

namespace reops::lang {
namespace {

// Below this many cells a run would cost more than it could free.
constexpr size_t k_least_threshold = 100'000;

bool is_counted(Value v) { return v.is_object() && v.bits() != 0 && !(v.as_object()->flags & k_immortal); }

/// One run, over a world that stands still.
class Trial {
 public:
  /// The cells that nothing outside reaches.
  std::vector<Object*> garbage() {
    each_noted_cell([&](Object& cell) {
      if (!(cell.flags & k_immortal)) reach(&cell);
    });
    for (size_t i = 0; i < objects_.size(); ++i) {
      for (Value slot : slots_of(*objects_[i])) {
        if (!is_counted(slot)) continue;
        reach(slot.as_object());
        ++state_.at(slot.as_object()).inside;
      }
    }
    for (Object* o : objects_) {
      if (o->count > state_.at(o).inside) keep(o);
    }
    each_thread_stopped();
    spread();
    std::vector<Object*> dead;
    for (Object* o : objects_) {
      if (!state_.at(o).alive && info(*o).cell) dead.push_back(o);
    }
    return dead;
  }

 private:
  struct State {
    uint32_t inside = 0;  ///< references from objects of this trial
    bool alive = false;
  };

  void reach(Object* o) {
    if (state_.try_emplace(o).second) objects_.push_back(o);
  }

  void keep(Object* o) {
    State& s = state_.at(o);
    if (s.alive) return;
    s.alive = true;
    alive_.push_back(o);
  }

  /// What a stack or frame merely borrows is in use as well.
  void each_thread_stopped() {
    std::vector<const Object*> held = held_by_stacks();
    for (const Object* o : held) {
      auto* object = const_cast<Object*>(o);
      if (state_.contains(object)) keep(object);
    }
  }

  void spread() {
    while (!alive_.empty()) {
      Object* o = alive_.back();
      alive_.pop_back();
      for (Value slot : slots_of(*o)) {
        if (is_counted(slot)) keep(slot.as_object());
      }
    }
  }

  std::unordered_map<Object*, State> state_;
  std::vector<Object*> objects_, alive_;
};

/// Takes everything out of a cell that nobody can look into any more. What it held may be alive, and another
/// thread's own until now: we release it later, beside that thread, so it becomes shared.
void empty(Object& cell, std::vector<Ref>& taken) {
  for (Value& slot : slots_of(cell)) {
    publish(slot);
    taken.push_back(Ref::adopt(std::exchange(slot, Value::nil())));
  }
  if (cell.kind == Kind::Var) static_cast<Var&>(cell).root = Value::none();
}

}  // namespace

Collection collect_cycles() {
  Collection result;
  std::vector<Ref> cells, contents;
  result.ran = with_world_stopped([&] {
    result.cells = noted_cells();
    std::vector<Object*> dead = Trial().garbage();
    for (Object* cell : dead) cells.emplace_back(Value::object(cell));
    for (Object* cell : dead) empty(*cell, contents);
  });
  result.collected = cells.size();
  // Outside, because closing what the garbage held may take its time.
  contents.clear();
  cells.clear();
  set_collection_threshold(std::max(k_least_threshold, 2 * noted_cells()));
  return result;
}

}  // namespace reops::lang
