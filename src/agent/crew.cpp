#include "agent/crew.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "agent/descriptors.hpp"

namespace reops::agent {
namespace {

// Calls that are over sooner are not looked after: their memory and processes cannot have become many.
constexpr base::Millis k_watch_after{200};
constexpr base::Millis k_retry{500};
constexpr base::Millis k_end_within{500};

}  // namespace

Crew::Crew(base::EventLoop& loop, const Options& options, Hooks hooks)
    : loop_(loop), options_(options), hooks_(std::move(hooks)) {}

Crew::~Crew() {
  loop_.unwatch(zygote_watch_);
  loop_.cancel(retry_);
  for (auto& w : workers_) {
    loop_.unwatch(w->work_watch);
    loop_.unwatch(w->orders_watch);
    loop_.cancel(w->timer);
  }
}

void Crew::use_zygote(base::UniqueFd requests) {
  loop_.unwatch(zygote_watch_);
  zygote_watch_ = 0;
  zygote_ = std::move(requests);
  asked_for_ = 0;
  auto watched = loop_.watch(zygote_.get(), EPOLLIN, [this](uint32_t) { on_zygote(); });
  if (watched) zygote_watch_ = watched.value();
  hooks_.changed();
}

size_t Crew::available() const {
  return static_cast<size_t>(
      std::count_if(workers_.begin(), workers_.end(), [](const auto& w) { return !w->leaving; }));
}

size_t Crew::running() const {
  return static_cast<size_t>(
      std::count_if(workers_.begin(), workers_.end(), [](const auto& w) { return !w->call.empty(); }));
}

bool Crew::has_free() {
  for (const auto& w : workers_)
    if (w->call.empty() && !w->leaving) return true;
  if (available() + asked_for_ < options_.workers) ask_for_one();
  return false;
}

void Crew::ask_for_one() {
  if (!zygote_ || retry_ != 0) return;
  if (send_descriptors(zygote_.get(), "+", {})) ++asked_for_;
}

void Crew::on_zygote() {
  auto answer = receive_descriptors(zygote_.get());
  if (!answer) return;
  if (answer->text.empty()) {
    // It was killed; the keeper makes another.
    loop_.unwatch(zygote_watch_);
    zygote_watch_ = 0;
    zygote_.reset();
    asked_for_ = 0;
    return;
  }
  if (asked_for_ > 0) --asked_for_;
  if (answer->descriptors.size() == 2) {
    take_in(std::move(answer->descriptors[0]), std::move(answer->descriptors[1]));
    hooks_.changed();
    return;
  }
  // No further process for now.
  if (retry_ == 0) {
    retry_ = loop_.at(base::Deadline::in(k_retry), [this] {
      retry_ = 0;
      hooks_.changed();
    });
  }
}

void Crew::take_in(base::UniqueFd work, base::UniqueFd orders) {
  workers_.push_front(std::make_unique<Worker>(
      Worker{FrameStream(std::move(work)), std::move(orders), 0, 0, 0, {}, false, false, {}}));
  Worker& w = *workers_.front();
  auto work_watch = loop_.watch(w.work.fd(), EPOLLIN, [this, &w](uint32_t events) { on_work(w, events); });
  auto orders_watch = loop_.watch(w.orders.get(), EPOLLIN, [this, &w](uint32_t) { on_orders(w); });
  if (work_watch) w.work_watch = work_watch.value();
  if (orders_watch) w.orders_watch = orders_watch.value();
  rest(w);
}

void Crew::run(const wire::CallId& id, const std::vector<std::shared_ptr<const StoredUnit>>& units,
               std::string_view parcel) {
  auto lacks = [&](const Worker& w) {
    return std::count_if(units.begin(), units.end(),
                         [&](const auto& u) { return !w.units.contains(u->hash); });
  };
  Place best = workers_.end();
  for (Place at = workers_.begin(); at != workers_.end(); ++at) {
    if (!(*at)->call.empty() || (*at)->leaving) continue;
    if (best == workers_.end() || lacks(**at) < lacks(**best)) best = at;
  }
  workers_.splice(workers_.begin(), workers_, best);
  Worker& w = **best;
  w.call = id;
  for (const auto& unit : units) {
    if (!w.units.insert(unit->hash).second) continue;
    uint64_t size = unit->content.size();
    std::string head(unit->hash.view());
    head.append(reinterpret_cast<const char*>(&size), sizeof size);
    w.work.append(FrameKind::unit, head, unit->content, unit->places);
  }
  w.work.append(FrameKind::run, parcel);
  loop_.cancel(w.timer);
  w.timer = loop_.at(base::Deadline::in(k_watch_after), [this, &w] {
    w.timer = 0;
    w.watched = true;
    order(w, GuardOrder::watch);
  });
  flush(w);
}

void Crew::kill(const wire::CallId& id) {
  for (auto& w : workers_) {
    if (w->call == id) {
      // It may still finish this one, but is given no other.
      w->leaving = true;
      order(*w, GuardOrder::kill);
    }
  }
}

void Crew::order(Worker& w, GuardOrder what) {
  char order = static_cast<char>(what);
  [[maybe_unused]] ssize_t sent = send(w.orders.get(), &order, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Crew::flush(Worker& w) {
  // When nobody is there the guard says why.
  if (!w.work.flush()) return;
  loop_.rearm(w.work_watch, w.work.has_unsent() ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void Crew::on_work(Worker& w, uint32_t events) {
  if ((events & EPOLLOUT) != 0) flush(w);
  bool open = w.work.receive([&](Frame&& frame) { on_frame(w, std::move(frame)); });
  if (!open) {
    stop_watching_work(w);
    // Mostly it ends, and the guard says how. One that closed its connection and lives on is killed.
    w.leaving = true;
    loop_.cancel(w.timer);
    w.timer = loop_.at(base::Deadline::in(k_end_within), [this, &w] {
      w.timer = 0;
      order(w, GuardOrder::kill);
    });
  }
}

void Crew::stop_watching_work(Worker& w) {
  loop_.unwatch(w.work_watch);
  w.work_watch = 0;
}

void Crew::on_frame(Worker& w, Frame&& frame) {
  if (w.call.empty()) return;
  switch (frame.kind) {
    case FrameKind::printed:
    case FrameKind::printed_error:
      return hooks_.printed(w.call, frame.kind == FrameKind::printed_error, std::move(frame.bytes));
    case FrameKind::returned:
    case FrameKind::threw: {
      wire::CallId call = std::exchange(w.call, {});
      bool again = frame.bytes.starts_with('+');
      frame.bytes.erase(0, 1);
      rest(w);
      if (!again) dismiss(w);
      return hooks_.finished(call, frame.kind == FrameKind::threw, std::move(frame.bytes));
    }
    default:
      return;
  }
}

void Crew::rest(Worker& w) {
  if (std::exchange(w.watched, false)) order(w, GuardOrder::rest);
  loop_.cancel(w.timer);
  w.timer = loop_.at(base::Deadline::in(options_.worker_idle), [this, &w] {
    w.timer = 0;
    dismiss(w);
  });
}

void Crew::dismiss(Worker& w) {
  w.leaving = true;
  // It finds the end of its work, and leaves in order.
  shutdown(w.work.fd(), SHUT_WR);
  hooks_.changed();
}

void Crew::on_orders(Worker& w) {
  WorkerEnd how{};
  ssize_t n = recv(w.orders.get(), &how, sizeof how, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  // The guard itself was killed, and its worker with it.
  if (n != static_cast<ssize_t>(sizeof how)) how = {SIGKILL, WorkerEnd::by_itself};
  // What it has still said counts.
  if (w.work_watch != 0) w.work.receive([&](Frame&& frame) { on_frame(w, std::move(frame)); });
  remove(w, how);
}

void Crew::remove(Worker& w, const WorkerEnd& how) {
  wire::CallId call = w.call;
  stop_watching_work(w);
  loop_.unwatch(w.orders_watch);
  loop_.cancel(w.timer);
  workers_.remove_if([&](const auto& one) { return one.get() == &w; });
  if (!call.empty()) hooks_.died(call, how);
  hooks_.changed();
}

}  // namespace reops::agent
