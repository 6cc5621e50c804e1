// A controller as small as can be, for tests of the agent: takes commands from standard input, line by line,
// and says on standard output, one JSON object a line, what an agent sent.
//
//   call NAME WITHIN_MS STREAMS FORM   sends [f argument …], which FORM evaluates to
//   again NAME                         sends the same message again
//   cancel NAME, ask NAME…, forget NAME…
//   set SETTING 0|1                    welcomes: lets agents in; answers: sends units, alive; forgets: each
//   outcome at once

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>

#include "base/clock.hpp"
#include "lang/codec/printer.hpp"
#include "lang/codec/report.hpp"
#include "lang/codec/shipping/packer.hpp"
#include "lang/codec/shipping/results.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/value/error.hpp"
#include "linked_image.hpp"
#include "wire/message.hpp"
#include "wire/sockets.hpp"

namespace {

using namespace reops;

constexpr int64_t k_heartbeat_ms = 1000;

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (json += '\\') += c;
    } else if (byte < 32 || byte > 126) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      json += escaped;
    } else {
      json += c;
    }
  }
  return json + "\"";
}

wire::CallId id_of(std::string name) {
  name.resize(16, ' ');
  return name;
}
std::string name_of(const wire::CallId& id) { return id.substr(0, id.find(' ')); }

class Controller {
 public:
  explicit Controller(std::unique_ptr<wire::FleetSocket> socket) : socket_(std::move(socket)) {}

  void serve() {
    auto on_message = [this](wire::FleetSocket::Received&& m) {
      auto message = wire::read_message(m.bytes);
      if (!message) return say("malformed", {});
      std::visit([&](auto& one) { on(m, one); }, message.value());
    };
    while (socket_->serve(on_message)) {
    }
  }

  void beat() {
    if (!answers_ || base::Steady::now() - beat_ < base::Millis(k_heartbeat_ms)) return;
    beat_ = base::Steady::now();
    for (const auto& [key, peer] : peers_) socket_->send(peer, wire::write_message(wire::Alive{}));
  }

  void command(const std::string& line) {
    std::istringstream words(line);
    std::string what, name;
    words >> what >> name;
    if (what == "call") {
      wire::Call call;
      words >> call.within_ms >> call.streams;
      std::string form;
      std::getline(words, form);
      lang::Parcel parcel = packer_.pack(lang::load_source(form, "a test"));
      call.id = id_of(name);
      call.parcel = parcel.value;
      for (const auto& unit : parcel.units) {
        call.needs.push_back(unit->hash);
        units_[unit->hash] = unit;
      }
      calls_[name] = wire::write_message(call);
      send(calls_[name]);
    } else if (what == "again") {
      send(calls_[name]);
    } else if (what == "cancel") {
      send(wire::write_message(wire::Cancel{id_of(name)}));
    } else if (what == "ask" || what == "forget") {
      std::vector<wire::CallId> ids;
      do ids.push_back(id_of(name));
      while (words >> name);
      send(what == "ask" ? wire::write_message(wire::Ask{ids}) : wire::write_message(wire::Forget{ids}));
    } else if (what == "set") {
      bool on = false;
      words >> on;
      if (name == "welcomes") welcomes_ = on;
      if (name == "answers") answers_ = on;
      if (name == "forgets") forgets_ = on;
      say("set", {});
    }
    serve();
  }

 private:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  using From = wire::FleetSocket::Received;

  static void say(const std::string& kind, const Fields& fields) {
    std::string line = "{\"kind\":" + quoted(kind);
    for (const auto& [name, json] : fields) line += "," + quoted(name) + ":" + json;
    std::printf("%s}\n", line.c_str());
    std::fflush(stdout);
  }

  void send(const std::string& bytes) {
    for (const auto& [key, peer] : peers_) socket_->send(peer, bytes);
  }

  void on(const From& from, wire::Hello& hello) {
    std::string known;
    for (const auto& id : hello.known) known += (known.empty() ? "" : ",") + quoted(name_of(id));
    say("hello", {{"key", quoted(from.key)},
                  {"host", quoted(hello.host)},
                  {"token", quoted(hello.token)},
                  {"known", "[" + known + "]"}});
    if (!answers_) return;
    if (!welcomes_) {
      socket_->send(from.peer, wire::write_message(wire::Refused{"not now"}));
      return;
    }
    peers_[from.key] = from.peer;
    socket_->send(from.peer, wire::write_message(wire::Welcome{hello.host, k_heartbeat_ms}));
    if (!hello.known.empty()) socket_->send(from.peer, wire::write_message(wire::Ask{hello.known}));
  }
  void on(const From& from, wire::Lacks& lacks) {
    say("lacks", {{"call", quoted(name_of(lacks.id))}, {"units", std::to_string(lacks.units.size())}});
    if (!answers_ || lacks.units.empty()) return;
    wire::Units units{lacks.id, {}};
    for (const auto& hash : lacks.units) {
      auto found = units_.find(hash);
      if (found != units_.end()) units.units.push_back({hash, found->second->content, found->second->places});
    }
    socket_->send(from.peer, wire::write_message(units));
  }
  void on(const From&, wire::Started& started) { say("started", {{"call", quoted(name_of(started.id))}}); }
  void on(const From&, wire::Unknown& unknown) { say("unknown", {{"call", quoted(name_of(unknown.id))}}); }
  void on(const From&, wire::Printed& printed) {
    say("printed", {{"call", quoted(name_of(printed.id))},
                    {"text", quoted(printed.text)},
                    {"error", printed.error ? "true" : "false"}});
  }
  void on(const From& from, wire::Outcome& outcome) {
    std::string value = outcome.value;
    size_t size = value.size();
    if (outcome.code == 0 || outcome.code == 256) {
      lang::Ref v = lang::read_results(outcome.value, packer_);
      value = size > 100'000 ? "" : outcome.code == 256 ? lang::report(v, false) : lang::pr_str(v);
    }
    say("outcome", {{"call", quoted(name_of(outcome.id))},
                    {"code", std::to_string(outcome.code)},
                    {"reason", quoted(outcome.reason)},
                    {"value", quoted(value)},
                    {"size", std::to_string(size)},
                    {"out", quoted(outcome.out.substr(0, 10'000))},
                    {"err", quoted(outcome.err)},
                    {"took_us", std::to_string(outcome.took_us)}});
    if (forgets_) socket_->send(from.peer, wire::write_message(wire::Forget{{outcome.id}}));
  }
  void on(const From&, wire::Alive&) { say("alive", {}); }
  void on(const From&, auto&) { say("unexpected", {}); }

  std::unique_ptr<wire::FleetSocket> socket_;
  lang::Packer packer_;
  std::map<std::string, std::string> peers_, calls_;
  std::map<lang::UnitHash, std::shared_ptr<const lang::Unit>> units_;
  bool welcomes_ = true, answers_ = true, forgets_ = true;
  base::Steady::time_point beat_{};
};

int run(const std::string& folder, const std::string& endpoint) {
  auto keys = wire::keys_in(folder + "/controller-keys");
  if (!keys) return std::fputs(keys.error().message.c_str(), stderr), 1;
  wire::FleetSocket::Options options;
  options.endpoint = endpoint;
  options.keys = keys.value();
  options.admits = [](const std::string&) { return true; };
  auto socket = wire::FleetSocket::open(std::move(options));
  if (!socket) return std::fputs(socket.error().message.c_str(), stderr), 1;
  std::printf("{\"kind\":\"listening\",\"endpoint\":%s,\"key\":%s}\n",
              quoted(socket.value()->endpoint()).c_str(), quoted(keys.value().open).c_str());
  std::fflush(stdout);
  int fds[] = {socket.value()->messages_fd(), socket.value()->admissions_fd()};
  Controller controller(std::move(socket).value());
  std::string input;
  for (;;) {
    controller.serve();
    controller.beat();
    pollfd waited[] = {{STDIN_FILENO, POLLIN, 0}, {fds[0], POLLIN, 0}, {fds[1], POLLIN, 0}};
    poll(waited, 3, 100);
    if (waited[0].revents == 0) continue;
    char buffer[65536];
    ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
    if (n <= 0) return 0;
    input.append(buffer, static_cast<size_t>(n));
    for (size_t end; (end = input.find('\n')) != input.npos; input.erase(0, end + 1))
      controller.command(input.substr(0, end));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    lang::Runtime runtime({{}, app::linked_image()});
    int code = run(argv[1], argv[2]);
    std::_Exit(code);
  } catch (const lang::Thrown& thrown) {
    std::fputs(lang::report(thrown.error(), false).c_str(), stderr);
    std::_Exit(1);
  }
}
