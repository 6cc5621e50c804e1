#pragma once
// Authenticator: one session's attempts to log in, key files first, then ssh-agent, then a
// password where there is one, and what a person answers.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ssh/agent_link.hpp"
#include "ssh/handles.hpp"
#include "ssh/key_store.hpp"
#include "ssh/outcome.hpp"
#include "ssh/question.hpp"

namespace reops::ssh {

/// Used by one thread at a time, interrupt() excepted. Does not own the session.
class Authenticator {
 public:
  enum class Progress { again, accepted, refused, asks };
  using Identities = std::vector<std::shared_ptr<const Identity>>;

  Authenticator(ssh_session session, std::string who, std::string user, Identities identities,
                std::string agent_socket, Secret password, bool person_answers);

  /// Goes on as far as it can without waiting for the host. When needs_worker() it may wait for the agent.
  /// Not while it `asks`: until answer() has come.
  Progress step();

  /// What it asks: a prompt each, and what belongs to the round.
  const std::vector<Question>& questions() const { return questions_; }
  void answer(const std::optional<std::vector<Secret>>& answers, const std::string& problem);

  /// The next step talks to the agent, which blocks, so an event loop must not take it.
  bool needs_worker() const {
    return next_ == identities_.size() && !agent_socket_.empty() && stage_ == Stage::keys;
  }

  /// Any thread: ends a wait for the agent.
  void interrupt() { agent_.interrupt(); }

  /// What to tell when step() has said `refused`.
  Failure failure() const;
  /// What was tried so far, for messages: "key ~/.ssh/id_ed25519 (ssh-ed25519), the ssh-agent's keys".
  std::string tried() const;

 private:
  enum class Stage { keys, password, questions };

  Progress step_files();
  Progress step_agent();
  Progress step_password();
  Progress step_questions();
  enum class Round { answered, asks, refused };
  Round answer_questions();
  Progress ask_password();
  Progress conclude();

  ssh_session session_;
  std::string who_;
  std::string user_;
  Identities identities_;
  std::size_t next_ = 0;
  std::string agent_socket_;
  Secret password_;
  Stage stage_ = Stage::keys;
  bool person_answers_;
  bool is_password_used_ = false;
  Secret typed_password_;
  std::vector<Question> questions_;
  std::vector<unsigned> asked_;  // which prompts of the round those are
  std::size_t rounds_ = 0;
  std::size_t denials_ = 0;
  bool is_declined_ = false;
  AgentLink agent_;
  bool agent_begun_ = false;
  bool more_wanted_ = false;  // a key was accepted, but the host wants more than a key
  bool cut_off_ = false;
  std::vector<std::string> tried_;
  std::string trouble_;
  int methods_ = 0;
};

}  // namespace reops::ssh
