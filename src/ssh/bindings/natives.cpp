// The ssh room as the language sees it: the namespace re-mote.native, loaded with the module "ssh".

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "lang/builtin/native.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/module.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/parking.hpp"
#include "lang/vm/thread.hpp"
#include "ssh/accept_host_key.hpp"
#include "ssh/bindings/conversions.hpp"
#include "ssh/bindings/progress_line.hpp"
#include "ssh/bindings/terminal_question.hpp"
#include "ssh/engine.hpp"

namespace reops::ssh {
namespace {

using namespace lang;

// Runs `work` with a switch that an interrupt turns. The interrupt is still to be served afterwards.
template <class F>
auto until_interrupted(F&& work) {
  base::Cancel cancel;
  BlockingRegion region([&] { cancel.cancel(); });
  return work(cancel.fd());
}

// Whether what there is of a batch is what its caller gets, although it was interrupted: the first Ctrl-C
// gives up the commands and keeps the results, another one soon after it is meant for the program around the
// batch.
bool interrupt_is_answered(const std::vector<Outcome>& outcomes) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds k_soon{2};
  thread_local std::optional<Clock::time_point> last;
  const bool cut_short = std::any_of(outcomes.begin(), outcomes.end(),
                                     [](const Outcome& o) { return o.reason == Reason::cancelled; });
  if (!cut_short) return false;
  const Clock::time_point now = Clock::now();
  const bool is_first = !last || now - *last > k_soon;
  last = now;
  return is_first;
}

// The program's one engine: its connections wait there for the next command. It ends with the program, before
// the libraries beneath it do.
Engine& engine() {
  static const std::unique_ptr<Engine> made = [] {
    auto created = Engine::create();
    if (!created) throw_diagnostic(ErrorClass::io, created.error().type, created.error().message);
    return std::move(created).value();
  }();
  return *made;
}

Ref native_run_batch(Args args) {
  std::vector<Request> requests;
  for (SeqIterator it(args[0]); it.more(); it.step()) requests.push_back(read_request(it.value()));
  BatchOptions options;
  options.max_in_flight = static_cast<size_t>(
      number_option(args.get(1), "fanout", 1, static_cast<int64_t>(options.max_in_flight)));
  read_millis(args.get(1), "run-ms", options.whole_run);
  const Ref progress = get(args.get(1), keyword("progress"));
  const bool shows_progress = (progress.is_nil() || progress.truthy()) && ProgressLine::wanted();
  std::vector<Outcome> outcomes = until_interrupted([&](int cancel_fd) {
    options.cancel_fd = cancel_fd;
    ProgressLine line;
    if (can_ask())
      options.ask = [&](const std::string& question) { return ask_on_terminal(question, cancel_fd); };
    if (shows_progress) options.on_progress = [&](const Progress& p) { line.show(p); };
    return engine().run(std::move(requests), options);
  });
  if (interrupt_is_answered(outcomes)) clear_interrupt(this_thread());
  poll();
  Ref result(empty_vector());
  OutcomeMaps maps;
  for (const Outcome& o : outcomes) result = vector_conj(std::move(result), maps.make(o));
  return result;
}

Ref native_accept_host_key(Args args) {
  Target target = read_target(args[0]);
  std::string expected = text_option(args[0], "fingerprint");
  base::Result<AcceptedHostKey> accepted = until_interrupted([&](int cancel_fd) {
    BatchOptions options;
    options.cancel_fd = cancel_fd;
    return accept_host_key(engine(), target, options, expected);
  });
  poll();
  if (!accepted.ok()) throw_diagnostic(ErrorClass::io, accepted.error().type, accepted.error().message);
  const AcceptedHostKey& key = accepted.value();
  MapMaker m;
  m.put_text("host", key.host);
  m.put_text("address", key.address);
  m.put_text("type", key.type);
  m.put_text("fingerprint", key.fingerprint);
  m.put_text("file", key.file);
  m.put("added", boolean(key.added));
  return m.take();
}

Ref native_await_killed(Args args) {
  constexpr int64_t k_patience = 30'000;
  int64_t millis = args.get(0).is_nil() ? k_patience : to_int(args.get(0), "a number of milliseconds");
  const base::Deadline deadline = base::Deadline::in(base::Millis(std::clamp<int64_t>(millis, 0, 3'600'000)));
  const bool all =
      until_interrupted([&](int cancel_fd) { return engine().await_killings(deadline, cancel_fd); });
  poll();
  return boolean(all);
}

const NativeDef k_defs[] = {
    {"re-mote.native", "run-batch", native_run_batch, 1, 2, k_borrow_all, "([requests] [requests options])",
     "Runs a command on many hosts at once over SSH and returns a vector of outcomes, one per request and in "
     "their order.\n"
     "A request is {:host :command} and perhaps :address :user :port :jump :keys :agent :known-hosts "
     ":password "
     "(text, or :ask); :input (text "
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
     "Interrupted, it returns what there is, with :reason :cancelled for the rest; interrupted again within "
     "two "
     "seconds, it\n"
     "throws."},
    {"re-mote.native", "await-killed", native_await_killed, 0, 1, k_borrow_all, "([] [ms])",
     "Waits until commands that were given up have been ended on their hosts; false when that takes longer "
     "than ms "
     "milliseconds\n"
     "(30,000)."},
    {"re-mote.native", "accept-host-key", native_accept_host_key, 1, 1, k_borrow_all, "([target])",
     "Fetches the key that the host shows now and adds it to known_hosts; {:host :fingerprint :file :added}. "
     "With\n"
     ":fingerprint in the target, any other key is an error."},
};

const NativeModule k_natives = {"ssh", k_defs};

}  // namespace
}  // namespace reops::ssh

REOPS_MODULE(reops::ssh::k_natives)
