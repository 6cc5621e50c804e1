#include "ssh/person.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace reops::ssh {

Person::Person(std::shared_ptr<base::Inbox> inbox)
    : inbox_(std::move(inbox)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Person::ask(std::vector<Question> questions, std::shared_ptr<const Answer> answer,
                 std::weak_ptr<void> alive, OnAnswers on_answers) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return reply(std::move(on_answers), std::nullopt, "");
  rounds_.push_back({std::move(questions), std::move(answer), std::move(alive), std::move(on_answers)});
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

std::optional<Person::Round> Person::take() {
  const std::lock_guard lock(mutex_);
  std::optional<Round> next;
  if (!rounds_.empty()) {
    next = std::move(rounds_.front());
    rounds_.pop_front();
  }
  std::uint64_t drained = 0;
  if (rounds_.empty()) {
    [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &drained, sizeof drained);
  }
  return next;
}

void Person::reply(OnAnswers on_answers, std::optional<std::vector<Secret>> answers, std::string problem) {
  inbox_->post(
      [on_answers = std::move(on_answers), answers = std::move(answers),
       problem = std::move(problem)]() mutable { on_answers(std::move(answers), std::move(problem)); });
}

void Person::answer_next() {
  std::optional<Round> round = take();
  if (!round || round->alive.expired()) return;
  std::vector<Secret> answers;
  for (const Question& question : round->questions) {
    Reply given = (*round->answer)(question);
    if (!given.text) return reply(std::move(round->on_answers), std::nullopt, std::move(given.problem));
    answers.push_back(make_secret(std::move(*given.text)));
  }
  reply(std::move(round->on_answers), std::move(answers), "");
}

void Person::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  while (std::optional<Round> round = take()) reply(std::move(round->on_answers), std::nullopt, "");
}

}  // namespace reops::ssh
