// A host that asks several things in a round, and several rounds: a server of libssh's, since sshd asks one
// thing at a time.

#include <arpa/inet.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <map>
#include <thread>

#include "engine_fixture.hpp"
#include "ssh/handles.hpp"

namespace reops::ssh {
namespace {

struct Prompt {
  const char* text;
  bool is_shown;
};
/// What it asks in one round, and the answers that it takes; with none it takes any.
struct AskedRound {
  const char* name;
  const char* instruction;
  std::vector<Prompt> prompts;
  std::vector<std::string> answers;
};

/// Lets in whoever answers all rounds, one connection after the other, and every command succeeds.
class AskingServer {
 public:
  AskingServer(const std::string& host_key, std::vector<AskedRound> rounds)
      : rounds_(std::move(rounds)), bind_(ssh_bind_new()) {
    const int any_port = 0;
    ssh_bind_options_set(bind_, SSH_BIND_OPTIONS_BINDADDR, "127.0.0.1");
    ssh_bind_options_set(bind_, SSH_BIND_OPTIONS_BINDPORT, &any_port);
    ssh_bind_options_set(bind_, SSH_BIND_OPTIONS_HOSTKEY, host_key.c_str());
    if (ssh_bind_listen(bind_) != SSH_OK) throw std::runtime_error(ssh_get_error(bind_));
    sockaddr_in here{};
    socklen_t size = sizeof here;
    ::getsockname(ssh_bind_get_fd(bind_), reinterpret_cast<sockaddr*>(&here), &size);
    port_ = ntohs(here.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~AskingServer() {
    stopping_ = true;
    thread_.join();
    ssh_bind_free(bind_);
  }
  AskingServer(const AskingServer&) = delete;
  AskingServer& operator=(const AskingServer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  void serve() {
    while (!stopping_) {
      pollfd waiting{ssh_bind_get_fd(bind_), POLLIN, 0};
      if (::poll(&waiting, 1, 10) <= 0) continue;
      const SessionHandle session(ssh_new());
      if (ssh_bind_accept(bind_, session.get()) == SSH_OK && ssh_handle_key_exchange(session.get()) == SSH_OK)
        converse(session.get());
      ssh_disconnect(session.get());
    }
  }

  // Until the caller goes, or the test is over.
  void converse(ssh_session session) {
    std::size_t round = 0;
    // Several messages may have come at once, and only the socket can be waited for.
    ssh_set_blocking(session, 0);
    while (!stopping_) {
      ssh_message message = ssh_message_get(session);
      if (message == nullptr) {
        if ((ssh_get_status(session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0) return;
        pollfd waiting{ssh_get_fd(session), POLLIN, 0};
        ::poll(&waiting, 1, 10);
        continue;
      }
      if (ssh_message_type(message) == SSH_REQUEST_AUTH)
        authenticate(session, message, round);
      else if (ssh_message_type(message) == SSH_REQUEST_CHANNEL_OPEN)
        ssh_message_channel_request_open_reply_accept(message);
      else if (ssh_message_type(message) == SSH_REQUEST_CHANNEL &&
               ssh_message_subtype(message) == SSH_CHANNEL_REQUEST_EXEC)
        execute(message);
      else
        ssh_message_reply_default(message);
      ssh_message_free(message);
    }
  }

  void authenticate(ssh_session session, ssh_message message, std::size_t& round) {
    if (ssh_message_subtype(message) != SSH_AUTH_METHOD_INTERACTIVE) {
      ssh_message_auth_set_methods(message, SSH_AUTH_METHOD_INTERACTIVE);
      ssh_message_reply_default(message);
      return;
    }
    if (!ssh_message_auth_kbdint_is_response(message)) {
      round = 0;
    } else {
      if (!is_right(session, rounds_[round])) {
        ssh_message_reply_default(message);
        return;
      }
      ++round;
    }
    if (round == rounds_.size()) {
      ssh_message_auth_reply_success(message, 0);
      return;
    }
    std::vector<const char*> prompts;
    std::vector<char> shown;
    for (const Prompt& prompt : rounds_[round].prompts) {
      prompts.push_back(prompt.text);
      shown.push_back(prompt.is_shown);
    }
    ssh_message_auth_interactive_request(message, rounds_[round].name, rounds_[round].instruction,
                                         static_cast<unsigned>(prompts.size()), prompts.data(), shown.data());
  }

  static bool is_right(ssh_session session, const AskedRound& asked) {
    if (ssh_userauth_kbdint_getnanswers(session) != static_cast<int>(asked.prompts.size())) return false;
    for (unsigned i = 0; i < asked.answers.size(); ++i)
      if (to_string(ssh_userauth_kbdint_getanswer(session, i)) != asked.answers[i]) return false;
    return true;
  }

  static void execute(ssh_message message) {
    ssh_channel channel = ssh_message_channel_request_channel(message);
    ssh_message_channel_request_reply_success(message);
    ssh_channel_request_send_exit_status(channel, 0);
    ssh_channel_send_eof(channel);
    ssh_channel_close(channel);
  }

  std::vector<AskedRound> rounds_;
  ssh_bind bind_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

class QuestionsTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    start({"--hosts", "web1"});
  }

  /// A run of `true` on an asking host, with the key of web1.
  Outcome run_at(const AskingServer& server, Target target) {
    Request made = request("asking", "true");
    made.target = std::move(target);
    made.target.name = "asking";
    made.target.host = "127.0.0.1";
    made.target.port = server.port();
    made.target.user = "ada";
    made.target.new_keys =
        std::make_shared<const NewKeyPolicy>(NewKeyPolicy::parse({{"127.0.0.0/8", true}}).value());
    made.target.known_hosts_files = {sshd_->file("of_asking")};
    made.is_tracked = false;
    return run({made}).at(0);
  }

  std::string host_key() { return sshd_->host_file("web1", "host_key"); }

  std::vector<Question> asked_;
};

const std::vector<AskedRound> k_rounds = {
    {"", "", {{"Password: ", false}}, {"secret"}},
    {"Second step",
     "Look at your token.\nIt shows two codes.",
     {{"First: ", false}, {"Second: ", false}, {"Where are you? ", true}},
     {"11", "22", "here"}},
    {"", "Nothing more.", {}, {}},
    {"", "", {{"Really? ", true}}, {"yes"}}};

TEST_F(QuestionsTest, SeveralInARoundAndSeveralRounds) {
  Target target;
  target.questions.answer = std::make_shared<const Answer>([this](const Question& question) {
    asked_.push_back(question);
    const std::map<std::string, std::string> answers = {{"Password: ", "secret"},
                                                        {"First: ", "11"},
                                                        {"Second: ", "22"},
                                                        {"Where are you? ", "here"},
                                                        {"Really? ", "yes"}};
    return Reply{answers.at(question.prompt), ""};
  });
  const AskingServer server(host_key(), k_rounds);
  const Outcome outcome = run_at(server, target);
  EXPECT_REASON(none, 0, outcome);
  ASSERT_EQ(5u, asked_.size());
  EXPECT_EQ("asking", asked_[0].host);
  EXPECT_EQ("ada", asked_[0].user);
  EXPECT_EQ("Second step", asked_[2].name);
  EXPECT_EQ("Look at your token.\nIt shows two codes.", asked_[2].instruction);
  std::vector<bool> shown;
  for (const Question& question : asked_) shown.push_back(question.is_shown);
  EXPECT_EQ((std::vector<bool>{false, false, false, true, true}), shown);
  engine_.reset();
}

TEST_F(QuestionsTest, ThePasswordAnswersTheFirstHiddenOne) {
  Target target;
  target.password = make_secret("secret");
  target.questions.answer = std::make_shared<const Answer>([this](const Question& question) {
    asked_.push_back(question);
    return Reply{question.prompt == "First: "    ? "11"
                 : question.prompt == "Second: " ? "22"
                 : question.prompt == "Really? " ? "yes"
                                                 : "here",
                 ""};
  });
  const AskingServer server(host_key(), k_rounds);
  EXPECT_REASON(none, 0, run_at(server, target));
  EXPECT_EQ(4u, asked_.size());
  engine_.reset();
}

TEST_F(QuestionsTest, ThreeWrongAnswers) {
  Target target;
  target.questions.answer = std::make_shared<const Answer>([this](const Question& question) {
    asked_.push_back(question);
    return Reply{"wrong", ""};
  });
  const AskingServer server(host_key(), k_rounds);
  const Outcome outcome = run_at(server, target);
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_EQ(3u, asked_.size());
  EXPECT_TRUE(has_all(outcome.message,
                      {"refused user ada", "a person's answers", "it accepts keyboard-interactive"}));
}

TEST_F(QuestionsTest, NobodyAnswers) {
  const AskingServer server(host_key(), k_rounds);
  Target target;
  EXPECT_REASON(auth, k_not_started, run_at(server, target));
  target.questions.answer = std::make_shared<const Answer>([](const Question&) {
    return Reply{std::nullopt, "gone for lunch"};
  });
  const Outcome outcome = run_at(server, target);
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"nobody answered its question \"Password: \" (gone for lunch)"}));
}

TEST_F(QuestionsTest, AHostThatGoesOnAsking) {
  const AskingServer server(host_key(), std::vector<AskedRound>(100, {"", "", {{"More? ", true}}, {}}));
  Target target;
  target.questions.answer = std::make_shared<const Answer>([](const Question&) { return Reply{"yes", ""}; });
  const Outcome outcome = run_at(server, target);
  EXPECT_REASON(auth, k_not_started, outcome);
  EXPECT_TRUE(has_all(outcome.message, {"it goes on asking"}));
}

TEST_F(QuestionsTest, CancelledWhileAPersonThinks) {
  const AskingServer server(host_key(), k_rounds);
  base::Cancel cancel;
  options_.cancel_fd = cancel.fd();
  Target target;
  target.questions.answer = std::make_shared<const Answer>([&](const Question&) {
    cancel.cancel();
    return Reply{};
  });
  EXPECT_REASON(cancelled, k_not_started, run_at(server, target));
}

}  // namespace
}  // namespace reops::ssh
