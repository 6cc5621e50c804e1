// The ssh room as the language sees it: the namespace re-mote.native, loaded with the module "ssh".

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/codec/printer.hpp"
#include "lang/codec/terminal_text.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/module.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/thread.hpp"
#include "ssh/ansible_vault.hpp"
#include "ssh/bindings/answers.hpp"
#include "ssh/bindings/conversions.hpp"
#include "ssh/bindings/progress_line.hpp"
#include "ssh/bindings/terminal_question.hpp"
#include "ssh/client_config.hpp"
#include "ssh/engine.hpp"
#include "ssh/host_key_review.hpp"
#include "ssh/plan.hpp"

namespace reops::ssh {
namespace {

using namespace lang;

// Runs `work` with a switch that an interrupt turns. The interrupt is still to be served afterwards, by
// poll() where what there is of the result is worth something to a caller who holds interrupts, else by
// poll_after_wait().
template <class F>
auto until_interrupted(F&& work) {
  EngineWait wait;
  return wait.run([&] { return work(wait.cancel_fd()); });
}

// What holds for the program's engine; read once, when it is made.
EngineOptions& engine_options() {
  static EngineOptions options;
  return options;
}

Ref native_set_limits(Args args) {
  EngineOptions& options = engine_options();
  const auto number = [&](const char* key, std::size_t& limit) {
    limit = static_cast<std::size_t>(number_option(args[0], key, 1, static_cast<int64_t>(limit)));
  };
  number("connections", options.max_in_flight);
  number("per-jump-host", options.max_per_bastion);
  number("logins", options.max_handshakes);
  number("most-idle", options.max_idle);
  read_millis(args[0], "idle", options.idle);
  return Ref();
}

// The program's one engine: its connections wait there for the next command. It ends with the program, before
// the libraries beneath it do.
Engine& engine() {
  static const std::unique_ptr<Engine> made = [] {
    auto created = Engine::create(engine_options());
    if (!created) throw_diagnostic(ErrorClass::io, created.error().type, created.error().message);
    return std::move(created).value();
  }();
  return *made;
}

// What a batch shows and asks, where a person stands before us.
void set_terminal(BatchOptions& options, const EngineWait& wait, ProgressLine& line, bool shows_progress) {
  options.cancel_fd = wait.cancel_fd();
  if (shows_progress && ProgressLine::wanted())
    options.on_progress = [&line](const Progress& p) { line.show(p); };
  if (const auto terminal = TerminalQuestion::here())
    options.ask = [terminal, fd = wait.cancel_fd()](const std::string& question) {
      return terminal->ask(lang::terminal_text(question), fd);
    };
}

Ref native_run_batch(Args args) {
  EngineWait wait;
  Answers answers(wait);
  std::vector<Request> requests;
  for (SeqIterator it(args[0]); it.more(); it.step()) {
    requests.push_back(read_request(it.value()));
    requests.back().target.questions.answer = answers.of(get(it.value(), keyword("questions")));
  }
  BatchOptions options;
  options.max_in_flight = static_cast<size_t>(
      number_option(args.get(1), "fanout", 1, static_cast<int64_t>(options.max_in_flight)));
  read_millis(args.get(1), "run-ms", options.whole_run);
  const Ref progress = get(args.get(1), keyword("progress"));
  const std::vector<Outcome> outcomes = wait.run([&] {
    ProgressLine line;
    set_terminal(options, wait, line, progress.is_nil() || progress.truthy());
    return engine().run(std::move(requests), options);
  });
  poll();
  Ref result(empty_vector());
  OutcomeMaps maps;
  for (const Outcome& o : outcomes) result = vector_conj(std::move(result), maps.make(o));
  return result;
}

const char* verdict_name(KnownHosts::Lookup::Verdict verdict) {
  using Verdict = KnownHosts::Lookup::Verdict;
  switch (verdict) {
    case Verdict::known:
      return "known";
    case Verdict::changed:
      return "changed";
    case Verdict::revoked:
      return "revoked";
    case Verdict::unknown:
      break;
  }
  return "unknown";
}

Ref native_host_keys(Args args) {
  EngineWait wait;
  Answers answers(wait);
  std::vector<Target> targets;
  for (SeqIterator it(args[0]); it.more(); it.step()) {
    targets.push_back(read_target(it.value()));
    targets.back().questions.answer = answers.of(get(it.value(), keyword("questions")));
  }
  std::vector<ShownHostKey> keys = wait.run([&] {
    BatchOptions options;
    ProgressLine line;
    set_terminal(options, wait, line, true);
    return shown_host_keys(engine(), targets, options);
  });
  poll();
  Ref result(empty_vector());
  for (const ShownHostKey& shown : keys) {
    MapMaker m;
    m.put_text("host", shown.host);
    m.put_text("address", shown.address);
    m.put("reason", Ref(keyword(reason_name(shown.failure.reason))));
    m.put_text("message", shown.failure.message);
    if (!shown.key.base64.empty()) {
      m.put_text("type", shown.key.type);
      m.put_text("fingerprint", shown.key.fingerprint);
      m.put_text("key", shown.key.base64);
      m.put("verdict", Ref(keyword(verdict_name(shown.verdict))));
      m.put_text("file", shown.file);
    }
    result = vector_conj(std::move(result), m.take());
  }
  return result;
}

Ref native_keep_host_keys(Args args) {
  std::vector<KeptHostKey> keys;
  for (SeqIterator it(args[0]); it.more(); it.step()) {
    HostKey key;
    key.type = text_option(it.value(), "type", true);
    key.base64 = text_option(it.value(), "key", true);
    key.fingerprint = text_option(it.value(), "fingerprint", true);
    keys.push_back({read_target(it.value()), std::move(key)});
  }
  if (auto kept = keep_host_keys(keys); !kept)
    throw_diagnostic(ErrorClass::io, kept.error().type, kept.error().message);
  return Ref();
}

Ref native_config_hosts(Args) {
  const auto config = ClientConfig::load_default();
  if (!config) throw_diagnostic(ErrorClass::io, config.error().type, config.error().message);
  Ref names(empty_vector());
  for (const std::string& name : config.value()->host_names())
    names = vector_conj(std::move(names), make_string_lossy(name));
  return names;
}

Ref native_config_problems(Args) {
  const auto config = ClientConfig::load_default();
  if (!config) throw_diagnostic(ErrorClass::io, config.error().type, config.error().message);
  auto planner = Planner::create({});
  if (!planner) throw_diagnostic(ErrorClass::io, planner.error().type, planner.error().message);
  Ref problems(empty_vector());
  for (const std::string& name : config.value()->host_names()) {
    Target target;
    target.name = name;
    if (auto leg = planner.value().leg(target); !leg)
      problems = vector_conj(std::move(problems), make_string_lossy(leg.error().message));
  }
  return problems;
}

Ref native_decrypt_vault(Args args) {
  if (!is<String>(args[0]) || !is<String>(args[1]))
    throw_illegal_argument("A vault is opened with two strings, what is encrypted and the password");
  auto opened = decrypt_vault(text_of(args[0]), text_of(args[1]));
  if (!opened) throw_diagnostic(ErrorClass::io, opened.error().type, opened.error().message);
  return make_string_lossy(opened.value());
}

Ref native_can_ask(Args) { return boolean(TerminalQuestion::here().has_value()); }

Ref native_ask_secret(Args args) {
  const auto terminal = TerminalQuestion::here();
  if (!terminal) return Ref();
  const std::string question(text_of(args[0]));
  const auto answer = until_interrupted(
      [&](int cancel_fd) { return terminal->ask(lang::terminal_text(question), cancel_fd); });
  poll_after_wait();
  return answer ? make_string_lossy(*answer) : Ref();
}

Ref native_await_killed(Args args) {
  constexpr int64_t k_patience = 30'000;
  int64_t millis = args.get(0).is_nil() ? k_patience : to_int(args.get(0), "a number of milliseconds");
  const base::Deadline deadline = base::Deadline::in(base::Millis(std::clamp<int64_t>(millis, 0, 3'600'000)));
  const bool all =
      until_interrupted([&](int cancel_fd) { return engine().await_killings(deadline, cancel_fd); });
  poll_after_wait();
  return boolean(all);
}

const NativeDef k_defs[] = {
    {"re-mote.native", "run-batch", native_run_batch, 1, 2, k_borrow_all, "([requests] [requests options])",
     "Runs a command on many hosts at once over SSH and returns a vector of outcomes, one per request and in "
     "their order.\n"
     "A request is {:host :command} and perhaps :address :user :port :jump :keys :agent :known-hosts "
     ":password "
     "(text, or :ask), :questions (:ask, or a function that answers what is asked at the login) :host-keys "
     "(networks, and whether a new key is accepted there); :input (text "
     "or bytes "
     "for its\n"
     "standard input), :pty true (a terminal), :keep (bytes kept of each output, the last ones), :wrap false "
     "(the "
     "command\n"
     "goes as it is, for what is no shell there); and deadlines in milliseconds: :connect-ms :handshake-ms "
     ":auth-ms\n"
     ":exec-ms; :retry is how often what kept the command from starting is tried again, or {:times :pause "
     ":on "
     "#{reason …}\n"
     ":repeat}. The option :fanout limits how many hosts are worked on at a time, :run-ms the time of the "
     "whole.\n"
     "An outcome is {:host :code :reason :out :err :start :end :time :attempts :reused :phases} "
     "(milliseconds) and, "
     "where there "
     "is such,\n"
     ":message :signal :address :user :fingerprint :algorithms {:kex :cipher :mac :host-key}, :out-dropped "
     "and "
     ":err-dropped\n"
     "(bytes before those kept), and :killed of a command that was given up: true, false or :unknown.\n"
     "Interrupted, it ends at once, with :reason :cancelled for what had not ended; to who holds interrupts "
     "(reops.internal/hold-interrupts) it\n"
     "returns that, and for others it throws."},
    {"re-mote.native", "set-limits", native_set_limits, 1, 1, k_borrow_all, "([limits])",
     "What holds for all batches of this process, before the first one: :connections at a time, of these "
     ":per-jump-host and :logins, :idle milliseconds that a connection is kept, and :most-idle."},
    {"re-mote.native", "await-killed", native_await_killed, 0, 1, k_borrow_all, "([] [ms])",
     "Waits until commands that were given up have been ended on their hosts; false when that takes longer "
     "than ms "
     "milliseconds\n"
     "(30,000)."},
    {"re-mote.native", "config-hosts", native_config_hosts, 0, 0, k_borrow_all, "([])",
     "The names of the hosts that the SSH configuration has a Host line for, those with wildcards left out."},
    {"re-mote.native", "config-problems", native_config_problems, 0, 0, k_borrow_all, "([])",
     "What keeps hosts of the SSH configuration from being connected to: a sentence for each, of those that "
     "config-hosts names."},
    {"re-mote.native", "decrypt-vault", native_decrypt_vault, 2, 2, k_borrow_all, "([text password])",
     "The text that ansible-vault has encrypted, from \"$ANSIBLE_VAULT;1.1;AES256\" on."},
    {"re-mote.native", "can-ask", native_can_ask, 0, 0, k_borrow_all, "([])",
     "Whether there is a person at the terminal who can be asked."},
    {"re-mote.native", "ask-secret", native_ask_secret, 1, 1, k_borrow_all, "([question])",
     "Asks the person at the terminal without showing the answer; nil when nobody is there or answers."},
    {"re-mote.native", "host-keys", native_host_keys, 1, 1, k_borrow_all, "([targets])",
     "The keys that hosts show now: of each target, in their order, {:host :address :type :fingerprint :key "
     ":verdict :file}.\n"
     ":verdict is :known, :unknown, :changed or :revoked; :file has the key, or would have it. Of a host "
     "that "
     "showed none, or\n"
     "none that can be accepted, :reason and :message say why; else :reason is :none. Nothing is written."},
    {"re-mote.native", "keep-host-keys", native_keep_host_keys, 1, 1, k_borrow_all, "([keys])",
     "Adds keys to known_hosts, all of a file at once: targets with the :type, :key and :fingerprint that "
     "host-keys gave."},
};

const NativeModule k_natives = {"ssh", k_defs};

}  // namespace
}  // namespace reops::ssh

REOPS_MODULE(reops::ssh::k_natives)
