// The socket over which others ask the owner of a store, as the language sees it.

#include "store/bindings/control.hpp"

#include <unistd.h>

#include "base/folders.hpp"
#include "lang/builtin/def_native.hpp"
#include "lang/collection/map.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/parking.hpp"
#include "store/control_socket.hpp"

namespace reops::store {
namespace {

using namespace lang;

class SocketHandle : public Resource {
 public:
  explicit SocketHandle(std::unique_ptr<ControlSocket> opened) : socket(std::move(opened)) {}
  std::string describe() const override { return "ControlSocket"; }
  const std::unique_ptr<ControlSocket> socket;
};

class ChannelHandle : public Resource {
 public:
  explicit ChannelHandle(std::unique_ptr<LineChannel> opened) : channel(std::move(opened)) {}
  std::string describe() const override { return "LineChannel"; }
  const std::unique_ptr<LineChannel> channel;
};

ControlSocket& socket_of(Value v) {
  auto* found = resource_of<SocketHandle>(v);
  if (!found) throw_class_cast(v, "a control socket");
  return *found->socket;
}

LineChannel& channel_of(Value v) {
  auto* found = resource_of<ChannelHandle>(v);
  if (!found) throw_class_cast(v, "a channel");
  return *found->channel;
}

Ref made(base::Result<std::unique_ptr<LineChannel>> opened) {
  if (!opened) throw_result(opened.error());
  return opened.value() ? make_handle(new ChannelHandle(std::move(opened).value())) : nil();
}

Ref listen(std::string path) {
  auto opened = ControlSocket::listen(path);
  if (!opened) throw_result(opened.error());
  return make_handle(new SocketHandle(std::move(opened).value()));
}

Ref accept(Value socket) {
  ControlSocket& listening = socket_of(socket);
  auto accepted = [&] {
    BlockingRegion region([&] { listening.close(); });
    return listening.accept();
  }();
  poll_after_wait();
  return made(std::move(accepted));
}

void close_socket(Value socket) { socket_of(socket).close(); }

Ref connect(std::string path) { return made(LineChannel::connect(path)); }

// An interrupt ends the conversation: half of an answer is none.
Ref read_line(Value channel) {
  LineChannel& other = channel_of(channel);
  auto line = [&] {
    BlockingRegion region([&] { other.close(); });
    return other.read();
  }();
  poll_after_wait();
  if (!line) throw_result(line.error());
  return line.value() ? make_string_lossy(*line.value()) : nil();
}

Ref write_line(Value channel, std::string line) {
  LineChannel& other = channel_of(channel);
  auto written = [&] {
    BlockingRegion region([&] { other.close(); });
    return other.write(std::move(line));
  }();
  poll_after_wait();
  if (!written) throw_result(written.error());
  return nil();
}

Ref peer(Value channel) {
  auto found = channel_of(channel).peer();
  if (!found) throw_result(found.error());
  const auto [pid, uid] = found.value();
  return make_map({keyword("user"), make_string_lossy(base::user_name_of(uid)), keyword("uid"),
                   Value::fixnum(uid), keyword("pid"), Value::fixnum(pid)});
}

bool may_ask(Value channel) {
  auto found = channel_of(channel).peer();
  return found && (found.value().uid == ::geteuid() || found.value().uid == 0);
}

void close_channel(Value channel) { channel_of(channel).close(); }

}  // namespace

const std::vector<NativeDef>& control_natives() {
  static const std::vector<NativeDef> defs = {
      def_native<listen>("reops.store.native", "listen", "([path])",
                         "A socket at that path that this user alone may connect to."),
      def_native<accept>("reops.store.native", "accept", "([socket])",
                         "The next who connects, a channel; nil once the socket is closed."),
      def_native<close_socket>("reops.store.native", "close-socket", "([socket])",
                               "Closes a socket, and removes its path."),
      def_native<connect>("reops.store.native", "connect", "([path])",
                          "A channel to the one who listens at that path; nil when nobody does."),
      def_native<read_line>("reops.store.native", "read-line", "([channel])",
                            "The next line; nil when there is no further one."),
      def_native<write_line>("reops.store.native", "write-line", "([channel line])", "Sends a line."),
      def_native<peer>("reops.store.native", "peer", "([channel])",
                       "Who is at the other end, as the system says: {:user :uid :pid}."),
      def_native<may_ask>("reops.store.native", "may-ask?", "([channel])",
                          "Whether the one at the other end is this user, or the system's."),
      def_native<close_channel>("reops.store.native", "close-channel", "([channel])", "Ends a conversation."),
  };
  return defs;
}

}  // namespace reops::store
