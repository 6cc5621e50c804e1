#pragma once
// Person: who answers what hosts ask at the login, one host after the other, while a batch runs.

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.hpp"
#include "base/unique_fd.hpp"
#include "ssh/question.hpp"

namespace reops::ssh {

/// Of one batch. The loop's thread asks, and the thread that waits for the batch answers.
class Person {
 public:
  /// What was answered, an answer for each question; none, and perhaps a problem, when one was not.
  using OnAnswers = std::function<void(std::optional<std::vector<Secret>>, std::string problem)>;

  /// `inbox` is the loop's.
  explicit Person(std::shared_ptr<base::Inbox> inbox);

  /// Readable while somebody waits for an answer whose turn it is.
  int fd() const { return wake_.get(); }

  /// Calls `on_answers` once, later, on the loop's thread; not if `alive` has gone by the time of its turn.
  /// `asker` stands for a login, which may ask several times: once it has its turn, no other has, until
  /// finished() is called.
  void ask(const void* asker, std::weak_ptr<void> alive, std::vector<Question> questions,
           std::shared_ptr<const Answer> answer, OnAnswers on_answers);
  void finished(const void* asker);

  /// Has the questions answered whose turn it is. When `cancel_fd` becomes readable meanwhile they wait on,
  /// for close().
  void answer_next(int cancel_fd);

  /// Whoever waits gets no answer, and nobody is asked any more.
  void close();

 private:
  struct Round {
    const void* asker;
    std::vector<Question> questions;
    std::shared_ptr<const Answer> answer;
    std::weak_ptr<void> alive;
    OnAnswers on_answers;
  };

  std::deque<Round>::iterator next();
  void show_turn();
  std::optional<Round> take();
  void reply(OnAnswers on_answers, std::optional<std::vector<Secret>> answers, std::string problem);

  std::shared_ptr<base::Inbox> inbox_;
  base::UniqueFd wake_;
  std::mutex mutex_;  // guards what follows
  std::deque<Round> rounds_;
  const void* current_ = nullptr;  // whose turn it is
  bool is_closed_ = false;
};

}  // namespace reops::ssh
