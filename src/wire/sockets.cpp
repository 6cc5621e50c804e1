#include "wire/sockets.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <vector>
#include <zmq.hpp>

namespace reops::wire {
namespace {

using std::chrono::milliseconds;

// Longer than the 30 s that are usual: thousands of agents that come back at once keep a processor busy for a
// while.
constexpr int k_handshake_ms = 120'000;
constexpr int k_backlog = 8192;
constexpr int k_most_waiting = 10'000;  // messages for one peer, or from all
constexpr int k_most_sockets = 65'535;
// A peer that has gone without a word is let go after so long.
constexpr int k_silence_ms = 45'000;
constexpr int k_heartbeat_ms = 15'000;
constexpr size_t k_own_descriptors = 200;

base::Error zmq_error(const std::string& what, const zmq::error_t& e) {
  return {"wire/socket", what + ": " + e.what(), {}};
}

void set_keys(zmq::socket_t& socket, const KeyPair& keys) {
  socket.set(zmq::sockopt::curve_publickey, keys.open);
  socket.set(zmq::sockopt::curve_secretkey, keys.secret);
}

void set_limits(zmq::socket_t& socket, size_t most_message_bytes) {
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::handshake_ivl, k_handshake_ms);
  socket.set(zmq::sockopt::heartbeat_ivl, k_heartbeat_ms);
  socket.set(zmq::sockopt::heartbeat_timeout, k_silence_ms);
  socket.set(zmq::sockopt::sndhwm, k_most_waiting);
  socket.set(zmq::sockopt::rcvhwm, k_most_waiting);
  socket.set(zmq::sockopt::maxmsgsize, static_cast<int64_t>(most_message_bytes));
}

bool readable(zmq::socket_t& socket) { return (socket.get(zmq::sockopt::events) & ZMQ_POLLIN) != 0; }

/// All frames of one message; empty when none waits.
std::vector<zmq::message_t> frames(zmq::socket_t& socket) {
  std::vector<zmq::message_t> all;
  do {
    zmq::message_t frame;
    if (!socket.recv(frame, zmq::recv_flags::dontwait)) return {};
    all.push_back(std::move(frame));
  } while (all.back().more());
  return all;
}

std::string key_text(const zmq::message_t& raw) {
  std::array<char, 41> text{};
  if (raw.size() != 32 || !zmq_z85_encode(text.data(), raw.data<uint8_t>(), 32)) return {};
  return text.data();
}

}  // namespace

struct FleetSocket::Parts {
  Options options;
  zmq::context_t context{1};
  zmq::socket_t admissions;
  zmq::socket_t router;
  std::string endpoint;

  // ZeroMQ's authentication protocol (RFC 27): version, request, domain, address, identity, mechanism, key.
  void admit_all() {
    while (readable(admissions)) {
      std::vector<zmq::message_t> asked = frames(admissions);
      if (asked.empty()) return;
      std::string key = asked.size() >= 7 ? key_text(asked[6]) : std::string();
      bool let_in = !key.empty() && options.admits(key);
      std::string_view answer[] = {"1.0",
                                   asked.size() > 1 ? asked[1].to_string_view() : "",
                                   let_in ? "200" : "400",
                                   let_in ? "" : "key not accepted",
                                   let_in ? std::string_view(key) : "",
                                   ""};
      for (size_t i = 0; i < std::size(answer); ++i) {
        admissions.send(zmq::buffer(answer[i]),
                        i + 1 < std::size(answer) ? zmq::send_flags::sndmore : zmq::send_flags::none);
      }
    }
  }
};

FleetSocket::FleetSocket(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
FleetSocket::~FleetSocket() = default;

base::Result<std::unique_ptr<FleetSocket>> FleetSocket::open(Options options) {
  try {
    auto parts = std::make_unique<Parts>();
    parts->options = std::move(options);
    parts->context.set(zmq::ctxopt::max_sockets, k_most_sockets);
    parts->admissions = zmq::socket_t(parts->context, zmq::socket_type::rep);
    parts->admissions.set(zmq::sockopt::linger, 0);
    parts->admissions.bind("inproc://zeromq.zap.01");
    zmq::socket_t router(parts->context, zmq::socket_type::router);
    set_limits(router, parts->options.most_message_bytes);
    router.set(zmq::sockopt::backlog, k_backlog);
    router.set(zmq::sockopt::router_mandatory, true);
    router.set(zmq::sockopt::curve_server, true);
    router.set(zmq::sockopt::zap_domain, "reops");
    set_keys(router, parts->options.keys);
    router.bind(parts->options.endpoint);
    parts->endpoint = router.get(zmq::sockopt::last_endpoint);
    parts->router = std::move(router);
    return std::unique_ptr<FleetSocket>(new FleetSocket(std::move(parts)));
  } catch (const zmq::error_t& e) {
    return zmq_error("cannot listen for agents", e);
  }
}

const std::string& FleetSocket::endpoint() const { return parts_->endpoint; }
int FleetSocket::messages_fd() const { return parts_->router.get(zmq::sockopt::fd); }
int FleetSocket::admissions_fd() const { return parts_->admissions.get(zmq::sockopt::fd); }

bool FleetSocket::serve(const std::function<void(Received&&)>& on_message, size_t most) {
  parts_->admit_all();
  for (size_t n = 0; n < most; ++n) {
    if (!readable(parts_->router)) return false;
    std::vector<zmq::message_t> received = frames(parts_->router);
    // Anything else than a peer and a message is nobody of ours.
    if (received.size() != 2) continue;
    const char* key = zmq_msg_gets(received[1].handle(), "User-Id");
    if (key == nullptr) continue;
    on_message({key, received[0].to_string(), received[1].to_string()});
  }
  return true;
}

bool FleetSocket::send(const std::string& peer, std::string_view bytes) {
  try {
    auto sent = parts_->router.send(zmq::buffer(peer), zmq::send_flags::sndmore | zmq::send_flags::dontwait);
    return sent && parts_->router.send(zmq::buffer(bytes), zmq::send_flags::dontwait);
  } catch (const zmq::error_t&) {
    // Unreachable: the connection has gone.
    return false;
  }
}

struct AgentSocket::Parts {
  zmq::context_t context{1};
  zmq::socket_t dealer;
  zmq::socket_t monitor;
};

AgentSocket::AgentSocket(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
AgentSocket::~AgentSocket() = default;

base::Result<std::unique_ptr<AgentSocket>> AgentSocket::open(const Options& options) {
  try {
    auto parts = std::make_unique<Parts>();
    zmq::socket_t dealer(parts->context, zmq::socket_type::dealer);
    set_limits(dealer, options.most_message_bytes);
    // The agent itself decides when to try again, and looks the name up anew each time.
    dealer.set(zmq::sockopt::reconnect_ivl, -1);
    dealer.set(zmq::sockopt::immediate, true);
    dealer.set(zmq::sockopt::curve_serverkey, options.server_key);
    set_keys(dealer, options.keys);
    constexpr int k_events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                             ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                             ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED;
    if (zmq_socket_monitor(dealer.handle(), "inproc://events", k_events) != 0) throw zmq::error_t();
    parts->monitor = zmq::socket_t(parts->context, zmq::socket_type::pair);
    parts->monitor.set(zmq::sockopt::linger, 0);
    parts->monitor.connect("inproc://events");
    dealer.connect(options.endpoint);
    parts->dealer = std::move(dealer);
    return std::unique_ptr<AgentSocket>(new AgentSocket(std::move(parts)));
  } catch (const zmq::error_t& e) {
    return zmq_error("cannot connect to " + options.endpoint, e);
  }
}

int AgentSocket::fd() const { return parts_->dealer.get(zmq::sockopt::fd); }
int AgentSocket::events_fd() const { return parts_->monitor.get(zmq::sockopt::fd); }

std::optional<std::string> AgentSocket::receive() {
  if (!readable(parts_->dealer)) return std::nullopt;
  std::vector<zmq::message_t> received = frames(parts_->dealer);
  if (received.empty()) return std::nullopt;
  return received.back().to_string();
}

bool AgentSocket::send(std::string_view bytes) {
  try {
    return parts_->dealer.send(zmq::buffer(bytes), zmq::send_flags::dontwait).has_value();
  } catch (const zmq::error_t&) {
    return false;
  }
}

std::optional<AgentSocket::Event> AgentSocket::next_event() {
  if (!readable(parts_->monitor)) return std::nullopt;
  std::vector<zmq::message_t> received = frames(parts_->monitor);
  if (received.empty() || received[0].size() < sizeof(uint16_t)) return std::nullopt;
  uint16_t event;
  std::memcpy(&event, received[0].data(), sizeof event);
  switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      return Event::connected;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      return Event::refused;
    default:
      return Event::lost;
  }
}

size_t largest_fleet() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  auto descriptors = static_cast<size_t>(limit.rlim_cur);
  return std::min<size_t>(descriptors > k_own_descriptors ? descriptors - k_own_descriptors : 0,
                          k_most_sockets);
}

}  // namespace reops::wire
