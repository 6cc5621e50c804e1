#include "ssh/person.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/cancel.hpp"

namespace reops::ssh {

Person::Person(std::shared_ptr<base::Inbox> inbox)
    : inbox_(std::move(inbox)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Person::ask(const void* asker, std::weak_ptr<void> alive, std::vector<Question> questions,
                 std::shared_ptr<const Answer> answer, OnAnswers on_answers) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return reply(std::move(on_answers), std::nullopt, "");
  rounds_.push_back(
      {asker, std::move(questions), std::move(answer), std::move(alive), std::move(on_answers)});
  show_turn();
}

void Person::finished(const void* asker) {
  const std::lock_guard lock(mutex_);
  if (current_ == asker) current_ = nullptr;
  show_turn();
}

std::deque<Person::Round>::iterator Person::next() {
  if (current_ == nullptr) return rounds_.begin();
  return std::find_if(rounds_.begin(), rounds_.end(),
                      [this](const Round& round) { return round.asker == current_; });
}

void Person::show_turn() {
  std::uint64_t count = 1;
  if (next() != rounds_.end()) {
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &count, sizeof count);
  } else {
    [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &count, sizeof count);
  }
}

std::optional<Person::Round> Person::take() {
  const std::lock_guard lock(mutex_);
  std::optional<Round> taken;
  if (const auto turn = next(); turn != rounds_.end()) {
    taken = std::move(*turn);
    rounds_.erase(turn);
    current_ = taken->asker;
  }
  show_turn();
  return taken;
}

void Person::reply(OnAnswers on_answers, std::optional<std::vector<Secret>> answers, std::string problem) {
  inbox_->post(
      [on_answers = std::move(on_answers), answers = std::move(answers),
       problem = std::move(problem)]() mutable { on_answers(std::move(answers), std::move(problem)); });
}

void Person::answer_next(int cancel_fd) {
  std::optional<Round> round = take();
  if (!round) return;
  if (round->alive.expired()) return finished(round->asker);
  std::vector<Secret> answers;
  for (const Question& question : round->questions) {
    Reply given = (*round->answer)(question);
    if (!given.text && base::is_cancelled(cancel_fd)) {
      const std::lock_guard lock(mutex_);
      rounds_.push_front(std::move(*round));
      return;
    }
    if (!given.text) return reply(std::move(round->on_answers), std::nullopt, std::move(given.problem));
    answers.push_back(make_secret(std::move(*given.text)));
  }
  reply(std::move(round->on_answers), std::move(answers), "");
}

void Person::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  for (Round& round : rounds_) reply(std::move(round.on_answers), std::nullopt, "");
  rounds_.clear();
}

}  // namespace reops::ssh
