#include "repl/nrepl/session.hpp"

#include <utility>

#include "lang/collection/map.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/publish.hpp"
#include "lang/vm/thread.hpp"
#include "repl/nrepl/evaluator.hpp"

namespace reops::repl {
namespace {

std::string key_of(const std::optional<Bencode>& id) {
  std::string key;
  if (id) encode_bencode(key, *id);
  return key;
}

}  // namespace

void Session::begin_as(std::shared_ptr<Session> other) {
  tasks_->post([self = shared_from_this(), other = std::move(other)] {
    lang::Ref values = other->values();
    // Closed before our turn came: then we stay without, and say so when asked to evaluate.
    if (values.is_nil()) return;
    // Input is each session's own.
    values = lang::map_dissoc(std::move(values), lang::Value::object(lang::core_vars().in));
    lang::publish(values);
    self->set_values(std::move(values), other->ns_name());
  });
}

void Session::begin_here() {
  lang::Ref values = lang::thread_bindings();
  lang::publish(values);
  set_values(std::move(values), std::string(lang::ns_name(lang::current_ns())));
}

void Session::evaluate(Evaluation evaluation) {
  if (wait_in_line(evaluation)) {
    if (tasks_->post([self = shared_from_this(), evaluation] { self->run(evaluation); })) return;
    const std::lock_guard held(lock_);
    leave_line(evaluation);
  }
  evaluation.request.reply_status(
      {"error", "busy", "done"},
      {{"err", "Too much waits in this session already; interrupt it, or wait.\n"}});
}

bool Session::wait_in_line(const Evaluation& evaluation) {
  const std::lock_guard held(lock_);
  if (waiting_bytes_ + evaluation.code.size() > k_most_waiting_bytes) return false;
  waiting_bytes_ += evaluation.code.size();
  waiting_.insert(key_of(evaluation.request.id));
  return true;
}

// Whether it may still run. The lock is held.
bool Session::leave_line(const Evaluation& evaluation) {
  const std::string key = key_of(evaluation.request.id);
  waiting_bytes_ -= evaluation.code.size();
  waiting_.erase(waiting_.find(key));
  return cancelled_.erase(key) == 0;
}

bool Session::begin(const Evaluation& evaluation) {
  const std::lock_guard held(lock_);
  if (!leave_line(evaluation) || closing_ || evaluation.request.channel->closed()) return false;
  running_ = &evaluation;
  thread_ = &lang::this_thread();
  interrupted_ = false;
  return true;
}

bool Session::end() {
  const std::lock_guard held(lock_);
  running_ = nullptr;
  thread_ = nullptr;
  // Asked for too late to find anything running, it must not end what comes next.
  lang::clear_interrupt(lang::this_thread());
  return std::exchange(interrupted_, false);
}

void Session::run(const Evaluation& evaluation) {
  if (!begin(evaluation)) {
    evaluation.request.reply_status({"done", "interrupted"});
    return;
  }
  Evaluator(*this, evaluation).run();
  if (end()) {
    evaluation.request.reply_status({"done", "interrupted"});
  } else {
    evaluation.request.reply_status({"done"});
  }
}

Session::Interrupted Session::interrupt(const std::optional<Bencode>& id) {
  const std::lock_guard held(lock_);
  if (running_ && (!id || running_->request.id == id)) {
    interrupted_ = true;
    lang::interrupt_thread(*thread_);
    return Interrupted::running;
  }
  if (id && waiting_.contains(key_of(id))) {
    cancelled_.insert(key_of(id));
    return Interrupted::waiting;
  }
  return running_ || !waiting_.empty() ? Interrupted::other : Interrupted::idle;
}

void Session::interrupt_for(const Channel& gone) {
  const std::lock_guard held(lock_);
  if (!running_ || running_->request.channel.get() != &gone) return;
  interrupted_ = true;
  lang::interrupt_thread(*thread_);
}

void Session::close() {
  {
    const std::lock_guard held(lock_);
    closing_ = true;
    if (running_) {
      interrupted_ = true;
      lang::interrupt_thread(*thread_);
    }
  }
  input_->close();
  tasks_->post([self = shared_from_this()] { self->set_values(lang::nil(), "user"); });
}

std::string Session::ns_name() const {
  const std::lock_guard held(lock_);
  return ns_name_;
}

lang::Ref Session::values() const {
  const std::lock_guard held(lock_);
  return values_;
}

void Session::set_values(lang::Ref values, std::string ns_name) {
  // What was there dies outside the lock: its end may run anything.
  lang::Ref gone;
  const std::lock_guard held(lock_);
  gone = std::exchange(values_, std::move(values));
  ns_name_ = std::move(ns_name);
}

}  // namespace reops::repl
