#include "ssh/authenticator.hpp"

namespace reops::ssh {
namespace {

constexpr const char* k_questions = "a password (keyboard-interactive)";
constexpr const char* k_answers = "a person's answers (keyboard-interactive)";
// As often as OpenSSH lets a person try.
constexpr std::size_t k_denials_taken = 3;
// A host that goes on asking wants something else than to know us.
constexpr std::size_t k_most_rounds = 24;

std::string method_names(int methods) {
  constexpr struct {
    int bit;
    const char* name;
  } k_methods[] = {{SSH_AUTH_METHOD_PUBLICKEY, "publickey"},
                   {SSH_AUTH_METHOD_PASSWORD, "password"},
                   {SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive"},
                   {SSH_AUTH_METHOD_HOSTBASED, "hostbased"},
                   {SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic"}};
  std::string names;
  for (const auto& method : k_methods)
    if ((methods & method.bit) != 0) names += (names.empty() ? "" : ", ") + std::string(method.name);
  return names;
}

std::string join(const std::vector<std::string>& parts, const char* separator) {
  std::string joined;
  for (const std::string& part : parts) joined += (joined.empty() ? "" : separator) + part;
  return joined;
}

bool connection_is_gone(ssh_session session) {
  return (ssh_get_status(session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0;
}

// libssh goes on saying "again" about a request whose answer was the end of the connection.
int settle(ssh_session session, int answer) {
  return answer == SSH_AUTH_AGAIN && connection_is_gone(session) ? SSH_AUTH_ERROR : answer;
}

}  // namespace

Authenticator::Authenticator(ssh_session session, std::string who, std::string user, Identities identities,
                             std::string agent_socket, Secret password, bool person_answers)
    : session_(session),
      who_(std::move(who)),
      user_(std::move(user)),
      identities_(std::move(identities)),
      agent_socket_(std::move(agent_socket)),
      password_(std::move(password)),
      person_answers_(person_answers) {
  while (next_ < identities_.size() && identities_[next_]->key == nullptr) ++next_;
}

Authenticator::Progress Authenticator::step() {
  if (is_declined_) return conclude();
  if (stage_ == Stage::password) return step_password();
  if (stage_ == Stage::questions) return step_questions();
  if (next_ < identities_.size()) {
    const Progress progress = step_files();
    // The agent's turn is another call's, because that one may block.
    if (progress != Progress::refused || !needs_worker() || connection_is_gone(session_)) return progress;
    return Progress::again;
  }
  return agent_socket_.empty() ? conclude() : step_agent();
}

Authenticator::Progress Authenticator::ask_password() {
  Question question;
  question.prompt = "Password: ";
  questions_ = {std::move(question)};
  return Progress::asks;
}

void Authenticator::answer(const std::optional<std::vector<Secret>>& answers, const std::string& problem) {
  if (!answers) {
    is_declined_ = true;
    trouble_ = "nobody answered its question \"" + questions_.front().prompt + "\"" +
               (problem.empty() ? "" : " (" + problem + ")");
    return;
  }
  if (stage_ == Stage::password) {
    typed_password_ = answers->front();
    return;
  }
  for (std::size_t i = 0; i < asked_.size(); ++i)
    ssh_userauth_kbdint_setanswer(session_, asked_[i], (*answers)[i]->c_str());
}

// What the host calls a password may be either method; sshd with PAM often has both. Where a person answers,
// the method that can ask more is tried.
Authenticator::Progress Authenticator::step_password() {
  if (methods_ == 0) {
    // Nothing has been tried, so the host has not said yet what it takes.
    const int answer = settle(session_, ssh_userauth_none(session_, nullptr));
    if (answer == SSH_AUTH_AGAIN) return Progress::again;
    if (answer == SSH_AUTH_SUCCESS) return Progress::accepted;
    methods_ = connection_is_gone(session_) ? 0 : ssh_userauth_list(session_, nullptr);
    if (methods_ == 0) return conclude();
  }
  const bool may_ask = person_answers_ && (methods_ & SSH_AUTH_METHOD_INTERACTIVE) != 0;
  if ((methods_ & SSH_AUTH_METHOD_PASSWORD) != 0 && !may_ask) {
    const Secret& password = password_ != nullptr && !is_password_used_ ? password_ : typed_password_;
    if (password == nullptr) return ask_password();
    const int answer = settle(session_, ssh_userauth_password(session_, nullptr, password->c_str()));
    if (answer == SSH_AUTH_AGAIN) return Progress::again;
    is_password_used_ = true;
    typed_password_ = nullptr;
    if (tried_.empty() || tried_.back() != "a password") tried_.emplace_back("a password");
    if (answer == SSH_AUTH_SUCCESS) return Progress::accepted;
    if (answer == SSH_AUTH_ERROR) trouble_ = to_string(ssh_get_error(session_));
    if (answer == SSH_AUTH_DENIED && person_answers_ && ++denials_ < k_denials_taken) return ask_password();
    if (answer != SSH_AUTH_PARTIAL) return conclude();
    more_wanted_ = true;
    methods_ = ssh_userauth_list(session_, nullptr);
  }
  stage_ = Stage::questions;
  return step_questions();
}

Authenticator::Progress Authenticator::step_questions() {
  if ((methods_ & SSH_AUTH_METHOD_INTERACTIVE) == 0) return conclude();
  for (;;) {
    const int answer = settle(session_, ssh_userauth_kbdint(session_, nullptr, nullptr));
    if (answer == SSH_AUTH_AGAIN) return Progress::again;
    if (answer == SSH_AUTH_SUCCESS) return Progress::accepted;
    if (answer == SSH_AUTH_INFO) {
      const Round round = answer_questions();
      if (round == Round::asks) return Progress::asks;
      if (round == Round::answered) continue;
    }
    const char* const what = person_answers_ ? k_answers : k_questions;
    if (tried_.empty() || tried_.back() != what) tried_.emplace_back(what);
    if (answer == SSH_AUTH_DENIED && person_answers_ && ++denials_ < k_denials_taken) continue;
    if (answer == SSH_AUTH_PARTIAL) more_wanted_ = true;
    if (answer == SSH_AUTH_ERROR) trouble_ = to_string(ssh_get_error(session_));
    return conclude();
  }
}

// The first hidden question is one for the password where there is one. All others are for a person: their
// answers cannot be known for many hosts at once.
Authenticator::Round Authenticator::answer_questions() {
  const int count = ssh_userauth_kbdint_getnprompts(session_);
  if (++rounds_ > k_most_rounds) {
    trouble_ = "it goes on asking questions";
    return Round::refused;
  }
  questions_.clear();
  asked_.clear();
  for (unsigned i = 0; static_cast<int>(i) < count; ++i) {
    char is_shown = 0;
    const std::string prompt = to_string(ssh_userauth_kbdint_getprompt(session_, i, &is_shown));
    if (is_shown == 0 && password_ != nullptr && !is_password_used_) {
      ssh_userauth_kbdint_setanswer(session_, i, password_->c_str());
      is_password_used_ = true;
      continue;
    }
    if (!person_answers_) {
      trouble_ =
          "it asks \"" + prompt + "\" besides, which only a person can answer (hosts are given :questions)";
      return Round::refused;
    }
    Question question;
    question.name = to_string(ssh_userauth_kbdint_getname(session_));
    question.instruction = to_string(ssh_userauth_kbdint_getinstruction(session_));
    question.prompt = prompt;
    question.is_shown = is_shown != 0;
    questions_.push_back(std::move(question));
    asked_.push_back(i);
  }
  return questions_.empty() ? Round::answered : Round::asks;
}

Authenticator::Progress Authenticator::step_files() {
  while (next_ < identities_.size()) {
    const Identity& identity = *identities_[next_];
    if (identity.key != nullptr) {
      const int answer = settle(session_, ssh_userauth_publickey(session_, nullptr, identity.key.get()));
      if (answer == SSH_AUTH_AGAIN) return Progress::again;
      tried_.push_back("key " + identity.path + " (" + identity.type + ")");
      if (answer == SSH_AUTH_SUCCESS) return Progress::accepted;
      if (answer == SSH_AUTH_PARTIAL) more_wanted_ = true;
      if (answer == SSH_AUTH_ERROR) {
        trouble_ = to_string(ssh_get_error(session_));
        if (connection_is_gone(session_)) return conclude();
      }
    }
    ++next_;
  }
  return conclude();
}

Authenticator::Progress Authenticator::step_agent() {
  if (!agent_begun_) {
    agent_begun_ = true;
    base::UniqueFd socket = agent_.connect(agent_socket_);
    if (!socket) {
      trouble_ = "the ssh-agent at " + agent_socket_ + " does not answer";
      return conclude();
    }
    // Should this connection end, libssh would open another of its own, which nobody could interrupt. A path
    // that is no socket prevents that.
    ssh_options_set(session_, SSH_OPTIONS_IDENTITY_AGENT, "/dev/null");
    ssh_set_agent_socket(session_, socket.release());
    tried_.emplace_back("the ssh-agent's keys");
  }
  const int answer = settle(session_, ssh_userauth_agent(session_, nullptr));
  if (answer == SSH_AUTH_AGAIN) return Progress::again;
  if (answer == SSH_AUTH_SUCCESS) return Progress::accepted;
  if (answer == SSH_AUTH_PARTIAL) more_wanted_ = true;
  if (answer == SSH_AUTH_ERROR) {
    // libssh calls a signature that it did not get "out of memory".
    trouble_ = connection_is_gone(session_) ? to_string(ssh_get_error(session_))
                                            : "the ssh-agent would not sign with a key that the host accepts";
  }
  return conclude();
}

Authenticator::Progress Authenticator::conclude() {
  if (!connection_is_gone(session_))
    methods_ = ssh_userauth_list(session_, nullptr);
  else
    // A host that has had enough of us says so; a connection that breaks says nothing.
    cut_off_ = trouble_.find("Socket error") != std::string::npos;
  if ((password_ != nullptr || person_answers_) && stage_ == Stage::keys && !connection_is_gone(session_)) {
    stage_ = Stage::password;
    // One that only asks counts as a method too; after a refusal the host has said what it takes.
    return step_password();
  }
  return Progress::refused;
}

std::string Authenticator::tried() const { return join(tried_, ", "); }

Failure Authenticator::failure() const {
  if (cut_off_)
    return {Reason::disconnected, who_ + " closed the connection during the login of user " + user_ +
                                      (tried_.empty() ? "" : ": tried " + tried()) + "; " + trouble_};
  std::string message = who_;
  if (more_wanted_)
    message += " accepted a key of user " + user_ + " but wants more than a key";
  else if (tried_.empty())
    message += " was offered no key for user " + user_ + ", because there is none to offer";
  else
    message += " refused user " + user_;
  if (!tried_.empty()) message += ": tried " + tried();
  for (const auto& identity : identities_) {
    // A default key that is not there is nothing to report; the destination's own are.
    if (!identity->complaint.empty()) message += "; " + identity->complaint;
  }
  if (!trouble_.empty()) message += "; " + trouble_;
  if (const std::string methods = method_names(methods_); !methods.empty())
    message += "; it accepts " + methods;
  if (password_ == nullptr && !person_answers_ &&
      (methods_ & (SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_INTERACTIVE)) != 0)
    message += " (a password is used when the hosts are given :password)";
  message += " — add the public key to " + user_ + "'s ~/.ssh/authorized_keys there, or name another key";
  return {Reason::auth, std::move(message)};
}

}  // namespace reops::ssh
