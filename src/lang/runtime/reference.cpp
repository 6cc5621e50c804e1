#include "lang/runtime/reference.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "lang/collection/map.hpp"
#include "lang/collection/metadata.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/surroundings.hpp"
#include "lang/runtime/tasks.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/error.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/out_of_memory.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/parking.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {

const KindInfo k_info_Atom = {.name = "Atom", .slots_at = offsetof(Atom, value), .slots = 4, .cell = true};
const KindInfo k_info_Agent = {.name = "Agent", .slots_at = offsetof(Agent, value), .slots = 5, .cell = true};
const KindInfo k_info_Volatile = {
    .name = "Volatile", .slots_at = offsetof(Volatile, value), .slots = 1, .cell = true};
const KindInfo k_info_Delay = {.name = "Delay", .slots_at = offsetof(Delay, thunk), .slots = 2, .cell = true};
const KindInfo k_info_Promise = {
    .name = "Promise", .slots_at = offsetof(Promise, value), .slots = 2, .cell = true};

namespace {

uint32_t state_of(uint32_t& state) { return std::atomic_ref(state).load(std::memory_order_acquire); }
void set_state(uint32_t& state, uint32_t to) { std::atomic_ref(state).store(to, std::memory_order_release); }
bool change_state(uint32_t& state, uint32_t from, uint32_t to) {
  return std::atomic_ref(state).compare_exchange_strong(from, to);
}

/// Never 0, and never twice within a process' life.
uint32_t thread_number() {
  static std::atomic<uint32_t> last{0};
  thread_local uint32_t mine = ++last;
  return mine;
}

/// The thread that computes a future, for as long as it does.
class FutureTask : public Resource {
 public:
  std::string describe() const override { return "FutureTask"; }

  void begin() {
    std::lock_guard held(lock_);
    runner_ = t_thread;
  }
  void end() {
    std::lock_guard held(lock_);
    runner_ = nullptr;
  }
  void interrupt() {
    std::lock_guard held(lock_);
    if (runner_) interrupt_thread(*runner_);
  }

 private:
  std::mutex lock_;
  Thread* runner_ = nullptr;
};

Ref make_pending(Promise::Form form, Ref task) {
  auto* p = allocate<Promise>();
  p->state = Promise::pending;
  p->form = form;
  p->value = Value::nil();
  p->task = task.take();
  return Ref::adopt(p);
}

/// Ends the wait for `p`, unless it has ended: with a value, an Error, or nothing.
bool settle(Promise& p, Promise::State how, Ref value) {
  if (!change_state(p.state, Promise::pending, Promise::claimed)) return false;
  try {
    cell_swap(p, p.value, std::move(value));
  } catch (const std::bad_alloc&) {
    // Whoever waits must be told, and this error needs no memory.
    cell_swap(p, p.value, Ref(out_of_memory_error()));
    how = Promise::failed;
  }
  set_state(p.state, how);
  unpark(&p);
  return true;
}

bool is_settled(uint32_t state) { return state != Promise::pending && state != Promise::claimed; }

void run_future(Promise& p, FutureTask& task, Value thunk, Ref frame) {
  task.begin();
  swap_binding_frame(std::move(frame));
  try {
    // Cancelled before it began: not worth beginning.
    if (!is_settled(state_of(p.state))) settle(p, Promise::delivered, call(thunk, {}));
  } catch (const Thrown& t) {
    settle(p, Promise::failed, t.error());
  } catch (const std::bad_alloc&) {
    settle(p, Promise::failed, Ref(out_of_memory_error()));
  } catch (const std::exception& e) {
    settle(p, Promise::failed, make_error(ErrorClass::error, e.what()));
  }
  task.end();
}

/// What a failed future throws where it is looked at: the error itself is the cause.
[[noreturn]] void throw_failed(Value error) {
  const Error& e = as<Error>(error);
  std::string message(error_class_full_name(e.error_class));
  if (is<String>(e.message)) message += ": " + std::string(text_of(e.message));
  throw Thrown(make_error(ErrorClass::execution, message, Value::nil(), error));
}

Ref deref_promise(Promise& p, Wait wait, Value otherwise) {
  Ref keep(Value::object(&p));
  Deadline deadline;
  if (wait) deadline = std::chrono::steady_clock::now() + *wait;
  if (!park(
          &p, [&p] { return is_settled(state_of(p.state)); }, deadline))
    return Ref(otherwise);
  Ref value = cell_load(p, p.value);
  switch (state_of(p.state)) {
    case Promise::failed:
      throw_failed(value);
    case Promise::cancelled:
      throw_error(ErrorClass::cancellation, "The future was cancelled");
    default:
      return value;
  }
}

Ref force_delay(Delay& d) {
  Ref keep(Value::object(&d));
  for (;;) {
    switch (state_of(d.state)) {
      case Delay::done:
        return cell_load(d, d.value);
      case Delay::failed:
        throw Thrown(cell_load(d, d.value));
      case Delay::running:
        if (std::atomic_ref(d.runner).load() == thread_number()) {
          throw_illegal_state("This delay needs its own value to compute it");
        }
        park(&d, [&d] { return state_of(d.state) != Delay::running; });
        break;
      default:
        if (!change_state(d.state, Delay::unrealised, Delay::running)) break;
        std::atomic_ref(d.runner).store(thread_number());
        Ref thunk = cell_swap(d, d.thunk, Ref());
        Delay::State end = Delay::done;
        Ref value;
        try {
          value = call(thunk, {});
        } catch (const Thrown& t) {
          value = t.error();
          end = Delay::failed;
        }
        cell_swap(d, d.value, std::move(value));
        std::atomic_ref(d.runner).store(0);
        set_state(d.state, end);
        unpark(&d);
    }
  }
}

/// Whoever a future is begun for knows of it until it is done.
class CountedFuture {
 public:
  /// `frame` is the bindings in effect, in which the person is.
  explicit CountedFuture(Ref frame) : frame_(std::move(frame)), person_(person_served()) {
    if (person_) person_->surroundings().count_begun();
  }
  ~CountedFuture() {
    if (person_) person_->surroundings().count_done();
  }
  CountedFuture(const CountedFuture&) = delete;
  CountedFuture& operator=(const CountedFuture&) = delete;

 private:
  Ref frame_;
  PersonServed* person_;
};

}  // namespace

Ref make_atom(Ref value, Ref meta) {
  auto* a = allocate<Atom>();
  a->value = value.take();
  a->watches = Value::nil();
  a->validator = Value::nil();
  a->meta = meta.take();
  return Ref::adopt(a);
}

Ref make_agent(Ref value, Ref state) {
  auto* a = allocate<Agent>();
  a->value = value.take();
  a->watches = Value::nil();
  a->validator = Value::nil();
  a->meta = Value::nil();
  a->state = state.take();
  return Ref::adopt(a);
}

Ref make_volatile(Ref value) {
  auto* v = allocate<Volatile>();
  v->value = value.take();
  return Ref::adopt(v);
}

Ref make_delay(Ref thunk) {
  auto* d = allocate<Delay>();
  d->state = Delay::unrealised;
  d->runner = 0;
  d->thunk = thunk.take();
  d->value = Value::nil();
  return Ref::adopt(d);
}

Ref make_promise() { return make_pending(Promise::promise, Ref()); }

Ref start_future(Ref thunk) {
  Ref task = make_handle(new FutureTask);
  Ref promise = make_pending(Promise::future, task);
  Ref frame = binding_frame();
  for (Value v : {promise.get(), thunk.get(), frame.get()}) publish(v);
  auto* interruptible = resource_of<FutureTask>(task);
  auto counted = std::make_shared<CountedFuture>(frame);
  run_task([promise, interruptible, thunk, frame, counted]() mutable {
    run_future(as<Promise>(promise), *interruptible, thunk, std::move(frame));
    // What the closure captured ends here, on the thread that used it, before anything else runs on it.
    thunk = Ref();
    counted.reset();
  });
  return promise;
}

bool deliver(Promise& promise, Ref value) { return settle(promise, Promise::delivered, std::move(value)); }

bool cancel_future(Promise& future) {
  Ref task = cell_load(future, future.task);
  if (!settle(future, Promise::cancelled, Ref())) return false;
  if (auto* t = resource_of<FutureTask>(task)) t->interrupt();
  return true;
}

void interrupt_future(Promise& future) {
  Ref task = cell_load(future, future.task);
  if (auto* t = resource_of<FutureTask>(task)) t->interrupt();
}

Ref force(Value v) { return is<Delay>(v) ? force_delay(as<Delay>(v)) : Ref(v); }

Ref deref(Value v, Wait wait, Value otherwise) {
  if (v.is_object()) {
    switch (v.as_object()->kind) {
      case Kind::Atom:
        return cell_load(*v.as_object(), as<Atom>(v).value);
      case Kind::Agent:
        return cell_load(*v.as_object(), as<Agent>(v).value);
      case Kind::Volatile:
        return cell_load(*v.as_object(), as<Volatile>(v).value);
      case Kind::Var:
        return deref(as<Var>(v));
      case Kind::Delay:
        return force_delay(as<Delay>(v));
      case Kind::Promise:
        return deref_promise(as<Promise>(v), wait, otherwise);
      case Kind::Reduced:
        return Ref(slots_of(*v.as_object())[0]);
      case Kind::Record:
        if (Ref own = call_inline(v, "deref", {}); !own.get().is_none()) return own;
        break;
      default:
        break;
    }
  }
  throw_class_cast(v, "something to deref: an atom, agent, var, volatile, delay, promise or future");
}

bool is_realized(Value v) {
  if (auto* d = try_as<Delay>(v))
    return state_of(d->state) == Delay::done || state_of(d->state) == Delay::failed;
  if (auto* p = try_as<Promise>(v)) return is_settled(state_of(p->state));
  if (auto* s = try_as<LazySeq>(v)) return cell_load(*s, s->thunk).is_nil();
  throw_class_cast(v, "something that is realised: a delay, promise, future or lazy sequence");
}

Ref set_reference_meta(Value v, Ref meta) {
  if (!meta.is_nil() && !is_map(meta)) throw_class_cast(meta, "a map as metadata");
  Value* place = v.is_object() ? reference_meta(*v.as_object()) : nullptr;
  if (!place) throw_class_cast(v, "a reference whose metadata can change: a var, namespace, atom or agent");
  if (auto* var = try_as<Var>(v)) {
    set_var_meta(*var, meta);
  } else {
    cell_swap(*v.as_object(), *place, meta);
  }
  return meta;
}

void validate(Value validator, Value value) {
  if (validator.is_nil()) return;
  if (!call(validator, {value}).truthy()) throw_illegal_state("The validator refuses this value");
}

void notify_watches(Value watches, Value reference, Value old_value, Value new_value) {
  if (watches.is_nil()) return;
  Ref all(watches);
  map_each(all, [&](Value key, Value watch) { call(watch, {key, reference, old_value, new_value}); });
}

void validate(Var& var, Value value) {
  if (&var == core_vars().ns && !is<Namespace>(value)) throw_class_cast(value, "a namespace as *ns*");
  Ref validator = cell_load(var, var.validator);
  validate(validator, value);
}

}  // namespace reops::lang
