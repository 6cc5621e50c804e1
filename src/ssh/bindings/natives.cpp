// The ssh room as the language sees it: the namespace re-mote.native, loaded with the module "ssh".

#include <algorithm>
#include <chrono>
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
#include "ssh/accept_host_key.hpp"
#include "ssh/bindings/progress_line.hpp"
#include "ssh/engine.hpp"

namespace reops::ssh {
namespace {

using namespace lang;

std::string text_option(Value map, const char* key, bool required = false) {
  Ref v = get(map, keyword(key));
  if (v.is_nil() && !required) return "";
  if (is<ByteString>(v)) return std::string(as<ByteString>(v).view());
  if (!is<String>(v))
    throw_illegal_argument("An SSH request needs a string as :" + std::string(key) + ", found " + pr_str(v));
  return std::string(text_of(v));
}

std::vector<std::string> text_list_option(Value map, const char* key) {
  std::vector<std::string> texts;
  Ref v = get(map, keyword(key));
  for (SeqIterator it(v); it.more(); it.step()) {
    if (!is<String>(it.value()))
      throw_illegal_argument("An SSH request needs strings in :" + std::string(key) + ", found " +
                             pr_str(it.value()));
    texts.emplace_back(text_of(it.value()));
  }
  return texts;
}

Target read_target(Value map) {
  Target t;
  t.name = text_option(map, "host", true);
  t.host = text_option(map, "address");
  t.user = text_option(map, "user");
  t.identity_files = text_list_option(map, "keys");
  t.known_hosts_files = text_list_option(map, "known-hosts");
  if (Ref port = get(map, keyword("port")); !port.is_nil()) {
    int64_t number = to_int(port, "a port");
    if (number < 1 || number > 65535)
      throw_illegal_argument("A port is a number from 1 to 65535, found " + pr_str(port));
    t.port = static_cast<uint16_t>(number);
  }
  if (Ref agent = get(map, keyword("agent")); !agent.is_nil()) t.use_agent = agent.truthy();
  return t;
}

void read_millis(Value map, const char* key, base::Millis& deadline) {
  Ref v = get(map, keyword(key));
  if (v.is_nil()) return;
  int64_t millis = to_int(v, "a deadline in milliseconds");
  if (millis <= 0)
    throw_illegal_argument("The deadline :" + std::string(key) +
                           " is a positive number of milliseconds, found " + pr_str(v));
  // A century, which is as good as for ever, can still be added to a clock.
  constexpr int64_t k_century = int64_t{100} * 365 * 24 * 3600 * 1000;
  deadline = base::Millis(std::min(millis, k_century));
}

Request read_request(Value map) {
  Request r;
  r.target = read_target(map);
  r.command = text_option(map, "command", true);
  if (std::string input = text_option(map, "input"); !input.empty())
    r.input = std::make_shared<const std::string>(std::move(input));
  read_millis(map, "connect-ms", r.deadlines.connect);
  read_millis(map, "handshake-ms", r.deadlines.handshake);
  read_millis(map, "auth-ms", r.deadlines.auth);
  read_millis(map, "exec-ms", r.deadlines.exec);
  return r;
}

// Output of a command is text when it is valid UTF-8, bytes otherwise.
Ref text_or_bytes(const std::string& data) { return valid_utf8(data) ? make_string(data) : make_bytes(data); }

class MapMaker {
 public:
  void put(const char* key, Ref value) {
    map_ = map_assoc(std::move(map_), Ref(keyword(key)), std::move(value));
  }
  void put_text(const char* key, const std::string& text) {
    if (!text.empty()) put(key, make_string_lossy(text));
  }
  Ref take() { return std::move(map_); }

 private:
  Ref map_{empty_map()};
};

Ref outcome_map(const Outcome& o) {
  MapMaker m;
  m.put("host", make_string_lossy(o.host));
  m.put("code", integer(o.code));
  m.put("reason", Ref(keyword(reason_name(o.reason))));
  m.put_text("message", o.message);
  m.put("out", text_or_bytes(o.out));
  m.put("err", text_or_bytes(o.err));
  if (o.out_dropped) m.put("out-dropped", integer(static_cast<int64_t>(o.out_dropped)));
  if (o.err_dropped) m.put("err-dropped", integer(static_cast<int64_t>(o.err_dropped)));
  m.put_text("address", o.address);
  m.put_text("user", o.user);
  m.put("reused", boolean(o.reused));
  m.put("start", integer(o.start_ms));
  m.put("end", integer(o.end_ms));
  m.put("time", integer(o.total_us / 1000));
  return m.take();
}

// Runs `work` with a switch that an interrupt turns; raises the interrupt afterwards.
template <class F>
auto interruptible(F&& work) {
  base::Cancel cancel;
  auto result = [&] {
    BlockingRegion region([&] { cancel.cancel(); });
    return work(cancel.fd());
  }();
  poll();
  return result;
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
  if (Ref fanout = get(args.get(1), keyword("fanout")); !fanout.is_nil()) {
    int64_t n = to_int(fanout, "a fan-out");
    if (n < 1) throw_illegal_argument("The fan-out is at least 1, found " + pr_str(fanout));
    options.max_in_flight = static_cast<size_t>(n);
  }
  std::vector<Outcome> outcomes = interruptible([&](int cancel_fd) {
    options.cancel_fd = cancel_fd;
    ProgressLine line;
    if (ProgressLine::wanted()) options.on_progress = [&](const Progress& p) { line.show(p); };
    return engine().run(std::move(requests), options);
  });
  Ref result(empty_vector());
  for (const Outcome& o : outcomes) result = vector_conj(std::move(result), outcome_map(o));
  return result;
}

Ref native_accept_host_key(Args args) {
  Target target = read_target(args[0]);
  std::string expected = text_option(args[0], "fingerprint");
  base::Result<AcceptedHostKey> accepted = interruptible([&](int cancel_fd) {
    BatchOptions options;
    options.cancel_fd = cancel_fd;
    return accept_host_key(engine(), target, options, expected);
  });
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

const NativeDef k_defs[] = {
    {"re-mote.native", "run-batch", native_run_batch, 1, 2, k_borrow_all, "([requests] [requests options])",
     "Runs a command on many hosts at once over SSH and returns a vector of outcomes, one per request and in "
     "their order.\n"
     "A request is {:host :command} and perhaps :address :user :port :keys :agent :known-hosts :input, and "
     "deadlines in\n"
     "milliseconds: :connect-ms :handshake-ms :auth-ms :exec-ms. The option :fanout limits how many hosts "
     "are worked on at\n"
     "a time. An outcome is {:host :code :reason :message :out :err :address :user :start :end :time}, times "
     "in milliseconds."},
    {"re-mote.native", "accept-host-key", native_accept_host_key, 1, 1, k_borrow_all, "([target])",
     "Fetches the key that the host shows now and adds it to known_hosts; {:host :fingerprint :file :added}. "
     "With\n"
     ":fingerprint in the target, any other key is an error."},
};

const NativeModule k_natives = {"ssh", k_defs};

}  // namespace
}  // namespace reops::ssh

REOPS_MODULE(reops::ssh::k_natives)
