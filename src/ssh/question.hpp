#pragma once
// Secrets, and asking a person for them.

#include <string.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace reops::ssh {

/// Text that is wiped when nobody needs it any more, and that nothing prints.
using Secret = std::shared_ptr<const std::string>;

inline Secret make_secret(std::string text) {
  return Secret(new std::string(std::move(text)), [](std::string* kept) {
    ::explicit_bzero(kept->data(), kept->size());
    delete kept;
  });
}

/// What a host asks at the login (keyboard-interactive): one line of a round of them.
struct Question {
  std::string host;  ///< as the person named it
  std::string who;   ///< "web7 (192.0.2.7:22)"
  std::string user;
  std::string name;         ///< of the round, as the host calls it; often empty
  std::string instruction;  ///< of the round; often empty
  std::string prompt;
  bool is_shown = false;  ///< the answer is no secret, and may be seen while it is typed
};

struct Reply {
  std::optional<std::string> text;  ///< none: it is not answered
  std::string problem;              ///< why not, where there is more to say
};

/// Answers a question, on the thread that waits for the batch. Must not throw.
using Answer = std::function<Reply(const Question& question)>;

class Person;

/// Who answers what a host asks; nobody when there is no answer.
struct Questions {
  std::shared_ptr<const Answer> answer;
  std::shared_ptr<Person> person;  ///< the batch's
  explicit operator bool() const { return answer != nullptr && person != nullptr; }
};

/// Asks the person at the terminal without showing the answer; none when there is no answer.
using Asker = std::function<std::optional<std::string>(const std::string& question)>;

}  // namespace reops::ssh
