#include "ssh/killings.hpp"

#include <utility>

namespace reops::ssh {
namespace {

// The host's part takes a second, but it may be in trouble; nobody waits for this.
constexpr base::Millis k_step{20'000};
constexpr Deadlines k_deadlines{k_step, k_step, k_step, k_step};

Killed verdict_of(const ExecChannel::End& end) {
  if (end.code == k_group_is_gone) return Killed::yes;
  return end.code == k_group_remains ? Killed::no : Killed::unknown;
}

}  // namespace

Killing::Killing(const Services& services, std::shared_ptr<Session> session, LegPtr target, Way way,
                 OnVerdict on_verdict)
    : services_(services),
      session_(std::move(session)),
      target_(std::move(target)),
      way_(std::move(way)),
      on_verdict_(std::move(on_verdict)) {}

Killing::~Killing() {
  session_->close();
  if (other_ != nullptr) other_->close();
}

void Killing::start() {
  session_->kill_command(k_step, [this](const Failure& failure) {
    if (failure.reason == Reason::none) return conclude(session_->killed());
    group_ = session_->command()->group();
    if (!group_) return conclude(Killed::unknown);
    log_in_again();
  });
}

void Killing::log_in_again() {
  login_ = std::make_shared<Login>(
      services_, Login::Goal::log_in, Dialer::Job{target_, way_, k_deadlines}, [](Login::Phase) {},
      [this](std::shared_ptr<Session> other, const Failure&) {
        services_.loop.post([login = std::move(login_)] {});
        if (other == nullptr) return conclude(Killed::unknown);
        ask_through(std::move(other));
      });
  login_->start();
}

void Killing::ask_through(std::shared_ptr<Session> other) {
  other_ = std::move(other);
  other_->exec({.command = kill_script(*group_)}, k_step, [this](const Failure& failure) {
    conclude(failure.reason == Reason::none ? verdict_of(other_->command()->end()) : Killed::unknown);
  });
}

void Killing::conclude(Killed killed) {
  session_->close();
  if (other_ != nullptr) other_->close();
  if (const OnVerdict on_verdict = std::exchange(on_verdict_, nullptr)) on_verdict(killed);
}

void Killings::begin(const Services& services, std::shared_ptr<Session> session, LegPtr target, Way way,
                     Killing::OnVerdict on_verdict) {
  under_way_.emplace_back();
  const Place place = std::prev(under_way_.end());
  *place = std::make_shared<Killing>(
      services, std::move(session), std::move(target), std::move(way),
      [this, &loop = services.loop, place, on_verdict = std::move(on_verdict)](Killed killed) {
        // It is on the stack still.
        loop.post([this, place] { ended(place); });
        on_verdict(killed);
      });
  slots_.acquire(*place, [killing = place->get()] { killing->start(); });
}

void Killings::abandon() {
  abandoned_ = true;
  under_way_.clear();
}

void Killings::ended(Place place) {
  if (abandoned_) return;
  under_way_.erase(place);
  slots_.release();
  if (under_way_.empty())
    for (const auto& on_idle : std::exchange(on_idle_, {})) on_idle();
}

void Killings::when_idle(std::function<void()> on_idle) {
  if (under_way_.empty()) return on_idle();
  on_idle_.push_back(std::move(on_idle));
}

}  // namespace reops::ssh
