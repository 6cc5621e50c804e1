#include "ssh/bindings/conversions.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "lang/codec/printer.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::ssh {

using namespace lang;

std::string text_option(Value map, const char* key, bool required) {
  Ref v = get(map, keyword(key));
  if (v.is_nil() && !required) return "";
  if (is<ByteString>(v)) return std::string(as<ByteString>(v).view());
  if (!is<String>(v))
    throw_illegal_argument("An SSH request needs a string as :" + std::string(key) + ", found " + pr_str(v));
  return std::string(text_of(v));
}

namespace {

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

// {"10.0.0.0/8" :accept-new, "10.9.0.0/16" :strict}
std::shared_ptr<const NewKeyPolicy> read_new_key_policy(Value networks) {
  if (networks.is_nil()) return nullptr;
  std::vector<std::pair<std::string, bool>> rules;
  for (SeqIterator it(networks); it.more(); it.step()) {
    const Ref network = nth(it.value(), 0);
    const std::string rule = pr_str(nth(it.value(), 1));
    if (!is<String>(network) || (rule != ":accept-new" && rule != ":strict"))
      throw_illegal_argument(
          "What is done with new host keys is said by network, such as {\"10.0.0.0/8\" :accept-new, "
          "\"10.9.0.0/16\" :strict}; found " +
          pr_str(it.value()));
    rules.emplace_back(text_of(network), rule == ":accept-new");
  }
  auto policy = NewKeyPolicy::parse(rules);
  if (!policy) throw_illegal_argument(policy.error().message);
  return std::make_shared<const NewKeyPolicy>(std::move(policy).value());
}

}  // namespace

Target read_target(Value map) {
  Target t;
  t.name = text_option(map, "host", true);
  t.host = text_option(map, "address");
  t.user = text_option(map, "user");
  t.jump = text_option(map, "jump");
  t.identity_files = text_list_option(map, "keys");
  t.known_hosts_files = text_list_option(map, "known-hosts");
  if (Ref port = get(map, keyword("port")); !port.is_nil()) {
    int64_t number = to_int(port, "a port");
    if (number < 1 || number > 65535)
      throw_illegal_argument("A port is a number from 1 to 65535, found " + pr_str(port));
    t.port = static_cast<uint16_t>(number);
  }
  if (Ref password = get(map, keyword("password")); !password.is_nil()) {
    t.ask_password = pr_str(password) == ":ask";
    if (!t.ask_password) t.password = make_secret(text_option(map, "password"));
  }
  t.new_keys = read_new_key_policy(get(map, keyword("host-keys")));
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

int64_t number_option(Value map, const char* key, int64_t least, int64_t otherwise) {
  Ref v = get(map, keyword(key));
  if (v.is_nil()) return otherwise;
  int64_t number = to_int(v, "a whole number");
  if (number < least)
    throw_illegal_argument("The option :" + std::string(key) + " is at least " + std::to_string(least) +
                           ", found " + pr_str(v));
  return number;
}

namespace {

Reason read_reason(Value name) {
  const std::string text = pr_str(name);
#define X(reason, word) \
  if (text == ":" word) return Reason::reason;
  REOPS_SSH_REASONS(X)
#undef X
  throw_illegal_argument("A reason to try again is one such as :refused or :timeout/connect, found " + text);
}

bool keeps_from_starting(Reason reason) {
  return reason != Reason::exit && reason != Reason::signal && reason != Reason::timeout_exec;
}

}  // namespace

Retry read_retry(Value map) {
  Retry retry;
  Ref v = get(map, keyword("retry"));
  if (v.is_nil()) return retry;
  if (is_integer(v)) {
    retry.times = static_cast<std::size_t>(number_option(map, "retry", 0, 0));
    return retry;
  }
  retry.times = static_cast<std::size_t>(number_option(v, "times", 0, 1));
  read_millis(v, "pause", retry.pause);
  retry.repeat = get(v, keyword("repeat")).truthy();
  Ref reasons = get(v, keyword("on"));
  for (SeqIterator it(reasons); it.more(); it.step()) {
    const Reason reason = read_reason(it.value());
    if (reason == Reason::auth || reason == Reason::hostkey)
      throw_illegal_argument(
          "What ended with " + pr_str(it.value()) +
          " is never tried again by itself: it takes a person to change that, and hosts lock out "
          "those who keep trying");
    if (!keeps_from_starting(reason) && !retry.repeat)
      throw_illegal_argument("A command that ended with " + pr_str(it.value()) +
                             " has been started; say :repeat true if it may be done twice");
    retry.reasons.insert(reason);
  }
  return retry;
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
  if (Ref keep = get(map, keyword("keep")); !keep.is_nil())
    r.output_limit = static_cast<std::size_t>(number_option(map, "keep", 0, 0));
  if (Ref wrap = get(map, keyword("wrap")); !wrap.is_nil()) r.is_tracked = wrap.truthy();
  r.retry = read_retry(map);
  r.on_terminal = get(map, keyword("pty")).truthy();
  return r;
}

namespace {

// Output of a command is text when it is valid UTF-8, bytes otherwise.
Ref text_or_bytes(std::string_view data) { return valid_utf8(data) ? make_string(data) : make_bytes(data); }

// Where the beginning is missing, the first character may be cut in two.
void put_output(MapMaker& m, const char* key, const char* dropped_key, std::string_view data,
                std::size_t dropped) {
  constexpr std::size_t k_longest_rest = 3;
  std::size_t cut = 0;
  while (dropped > 0 && cut < std::min(data.size(), k_longest_rest) &&
         (static_cast<unsigned char>(data[cut]) & 0xc0) == 0x80)
    ++cut;
  if (cut > 0 && valid_utf8(data.substr(cut))) {
    data.remove_prefix(cut);
    dropped += cut;
  }
  m.put(key, text_or_bytes(data));
  if (dropped > 0) m.put(dropped_key, integer(static_cast<int64_t>(dropped)));
}

}  // namespace

MapMaker::MapMaker() : map_(empty_map()) {}

void MapMaker::put(const char* key, Ref value) {
  map_ = map_assoc(std::move(map_), Ref(keyword(key)), std::move(value));
}

void MapMaker::put_text(const char* key, const std::string& text) {
  if (!text.empty()) put(key, make_string_lossy(text));
}

// Microseconds, as milliseconds.
Ref phases(const PhaseTimes& times) {
  MapMaker m;
  const std::pair<const char*, std::int64_t> all[] = {{"resolve", times.resolve},
                                                      {"connect", times.connect},
                                                      {"handshake", times.handshake},
                                                      {"auth", times.auth},
                                                      {"exec", times.exec}};
  for (const auto& [key, micros] : all)
    if (micros >= 0) m.put(key, real(static_cast<double>(micros) / 1000));
  return m.take();
}

Ref OutcomeMaps::algorithms(const Outcome& o) {
  std::string all = o.key_exchange + " " + o.cipher + " " + o.mac + " " + o.host_key.type;
  if (all != last_algorithms_) {
    MapMaker m;
    m.put_text("kex", o.key_exchange);
    m.put_text("cipher", o.cipher);
    m.put_text("mac", o.mac);
    m.put_text("host-key", o.host_key.type);
    last_algorithms_map_ = m.take();
    last_algorithms_ = std::move(all);
  }
  return last_algorithms_map_;
}

Ref OutcomeMaps::make(const Outcome& o) {
  MapMaker m;
  m.put("host", make_string_lossy(o.host));
  m.put("code", integer(o.code));
  m.put("reason", Ref(keyword(reason_name(o.reason))));
  m.put_text("message", o.message);
  put_output(m, "out", "out-dropped", o.out, o.out_dropped);
  put_output(m, "err", "err-dropped", o.err, o.err_dropped);
  m.put_text("signal", o.signal);
  if (o.killed != Killed::not_asked)
    m.put("killed", o.killed == Killed::unknown ? Ref(keyword("unknown")) : boolean(o.killed == Killed::yes));
  m.put_text("address", o.address);
  m.put_text("user", o.user);
  m.put_text("fingerprint", o.host_key.fingerprint);
  if (!o.key_exchange.empty()) m.put("algorithms", algorithms(o));
  m.put("attempts", integer(static_cast<int64_t>(o.attempts)));
  m.put("reused", boolean(o.reused));
  m.put("start", integer(o.start_ms));
  m.put("end", integer(o.end_ms));
  m.put("time", integer(o.total_us / 1000));
  m.put("phases", phases(o.times));
  return m.take();
}

}  // namespace reops::ssh
