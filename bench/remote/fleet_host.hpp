#pragma once
// One connection to a make-believe host: it lets in one key and answers every command with the same words.

#include <libssh/callbacks.h>
#include <libssh/server.h>

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "base/event_loop.hpp"
#include "base/unique_fd.hpp"
#include "fleet_options.hpp"
#include "ssh/handles.hpp"

namespace reops::fleet {

struct BindFree {
  void operator()(ssh_bind bind) const { ssh_bind_free(bind); }
};
using BindHandle = std::unique_ptr<std::remove_pointer_t<ssh_bind>, BindFree>;

/// One loop's. Calls `on_over` once, when its connection has ended; whoever it tells may not destroy it at
/// once.
class Host {
 public:
  struct Setup {
    base::EventLoop& loop;
    ssh_bind bind;
    ssh_key authorized;
    std::string name;
    Manner manner;
  };

  Host(Setup setup, base::UniqueFd socket, std::function<void()> on_over);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  bool start();

 private:
  struct Command {
    ssh_channel channel = nullptr;
    std::string text;
    bool is_asked = false;  // and has not been answered
    bool is_flooding = false;
    bool is_over = false;
  };

  static int on_key(ssh_session, const char* user, ssh_key_struct* key, char state, void* self);
  static ssh_channel on_open(ssh_session, void* self);
  static int on_exec(ssh_session, ssh_channel channel, const char* command, void* self);
  static int on_terminal(ssh_session, ssh_channel, const char*, int, int, int, int, void* self);
  static int on_environment(ssh_session, ssh_channel, const char*, const char*, void* self);
  static int on_data(ssh_session, ssh_channel, void*, std::uint32_t size, int, void* self);
  static void on_close(ssh_session, ssh_channel channel, void* self);

  Command* command_of(ssh_channel channel);
  void on_events();
  void serve();
  void answer(Command& command);
  void end(Command& command, int code);
  void flood(Command& command);
  bool is_sending() const;
  void finish();

  base::EventLoop& loop_;
  ssh_bind bind_;
  ssh_key authorized_;
  std::string name_;
  Manner manner_;
  base::UniqueFd socket_;  // until libssh has it
  int fd_;
  std::function<void()> on_over_;
  ssh_server_callbacks_struct server_callbacks_{};
  ssh_channel_callbacks_struct channel_callbacks_{};
  ssh::SessionHandle session_;
  base::EventLoop::WatchId watch_ = 0;
  bool has_keys_ = false;  // the key exchange is over
  std::list<Command> commands_;
};

}  // namespace reops::fleet
