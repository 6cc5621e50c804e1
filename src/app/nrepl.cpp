// reops nrepl: a server for editors; reops serve, which is the controller besides.

#include <csignal>
#include <cstdio>
#include <optional>

#include "base/event_loop.hpp"
#include "base/exit_hooks.hpp"
#include "base/files.hpp"
#include "base/folders.hpp"
#include "base/signal_source.hpp"
#include "command.hpp"
#include "configuration.hpp"
#include "controller_calls.hpp"
#include "lang/builtin/system_arguments.hpp"
#include "lang/codec/report.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/parking.hpp"
#include "options.hpp"
#include "prompts.hpp"
#include "repl/nrepl/server.hpp"

namespace reops::app {
namespace {

constexpr const char* k_port_file = ".nrepl-port";

struct Settings {
  RuntimeSettings runtime;
  std::string init;
  std::string socket;
  std::optional<std::uint16_t> port;
};

int fail(const base::Error& error) {
  std::fprintf(stderr, "reops nrepl: %s\n", error.message.c_str());
  return 1;
}

base::Result<base::Listener> listen(const Settings& settings) {
  if (settings.port) return base::listen_loopback(*settings.port);
  return base::listen_unix(settings.socket.empty() ? base::state_folder() + "/nrepl.sock" : settings.socket);
}

// Where editors look for a server of this folder. Taken away at the end, unless it is another server's by
// then.
base::Result<void> write_port_file(const std::string& port) {
  return base::write_file_atomic(k_port_file, port, 0600);
}
void remove_port_file(const std::string& port) {
  auto found = base::read_file(k_port_file);
  if (found && found.value() == port) std::remove(k_port_file);
}

// The words editors look for in a server's output.
void announce(const base::Listener& listener) {
  if (listener.path.empty()) {
    std::printf("nREPL server started on port %d on host 127.0.0.1 - nrepl://127.0.0.1:%d\n", listener.port,
                listener.port);
    std::printf("Whoever may open connections on this machine can evaluate code as %s there.\n",
                base::user_name().c_str());
  } else {
    std::printf("nREPL server started on socket nrepl+unix:%s\n", listener.path.c_str());
  }
  std::fflush(stdout);
}

int report_result(const base::Error& error) {
  try {
    lang::throw_result(error);
  } catch (const lang::Thrown& thrown) {
    return report_failure(thrown);
  }
}

// What neither --port nor --socket says is as the configuration has it.
void configure(Settings& settings) {
  if (settings.port || !settings.socket.empty()) return;
  if (lang::Ref port = configured("nrepl", "port"); !port.is_nil())
    settings.port = static_cast<std::uint16_t>(lang::to_int(port, "a port"));
  else if (lang::Ref socket = configured("nrepl", "socket"); !socket.is_nil())
    settings.socket = base::expand_home(std::string(lang::text_of(socket)));
}

// And prompts, through their door, if there is one.
int serve_editors(Settings& settings, base::SignalSource& signals, PromptDoor* door) {
  configure(settings);
  auto loop = base::EventLoop::create();
  if (!loop) return fail(loop.error());
  std::unique_ptr<repl::PromptServer> prompts;
  if (door) {
    prompts = serve_prompts(*loop.value(), true, "");
    if (auto listening = prompts->listen(std::move(door->listener)); !listening)
      return fail(listening.error());
  }
  auto listener = listen(settings);
  if (!listener) return fail(listener.error());
  const std::string path = listener.value().path, port = std::to_string(listener.value().port);
  if (path.empty()) {
    if (auto written = write_port_file(port); !written) return fail(written.error());
  }
  const base::ExitHook tidy(
      [path, port] { path.empty() ? remove_port_file(port) : void(std::remove(path.c_str())); });
  auto server = repl::NreplServer::create(*loop.value(), std::move(listener).value(), REOPS_VERSION);
  if (!server) return fail(server.error());
  auto watch = loop.value()->watch(signals.fd(), EPOLLIN, [&](std::uint32_t) {
    if (!signals.take()) return;
    if (prompts) prompts->close(k_told_to_end);
    loop.value()->stop();
  });
  if (!watch) return fail(watch.error());
  announce(server.value()->listener());
  lang::BlockingRegion elsewhere([] {});
  auto ended = loop.value()->run();
  return ended ? 0 : fail(ended.error());
}

// Whether it could be loaded.
bool load_init(const std::string& init) {
  if (init.empty()) return true;
  try {
    lang::load_file(init);
    return true;
  } catch (const lang::Thrown& t) {
    lang::current_err().write(lang::report(t.error(), false));
    return false;
  }
}

int serve_controller(Settings& settings, base::SignalSource& signals) {
  // What jobs need (workflows, providers) is loaded before they are taken up.
  if (settings.init.empty()) settings.init = configured_init_file();
  set_process_kind("controller");
  auto door = PromptDoor::open();
  if (!door) return report_result(door.error());
  if (!door.value().lock) return controller_call("refuse-second");
  if (!load_init(settings.init)) return 1;
  if (const int failed = controller_call("serve"); failed != 0) return failed;
  const int code = serve_editors(settings, signals, &door.value());
  const int resigned = controller_call("resign-for-good");
  return code != 0 ? code : resigned;
}

// What the two commands have in common; `serve` runs with the language there.
int run_server(CLI::App& app, const std::vector<std::string>& arguments,
               int (*serve)(Settings&, base::SignalSource&)) {
  Settings settings;
  auto* socket = app.add_option("--socket", settings.socket, "Listen on this Unix socket")->type_name("PATH");
  app.add_option("--port,-p", settings.port,
                 "Listen on this port of 127.0.0.1 instead (0: any), and write it to .nrepl-port here")
      ->type_name("N")
      ->excludes(socket);
  app.add_option("-i,--init", settings.init, "Load FILE first")->type_name("FILE");
  add_runtime_options(app, settings.runtime);
  app.footer("Ends at Ctrl-C or SIGTERM. Without options: " + base::state_folder() + "/nrepl.sock");
  if (auto done = parse_arguments(app, arguments)) return *done;
  // Before any thread is started.
  auto signals = base::SignalSource::create({SIGINT, SIGTERM, SIGHUP});
  if (!signals) return fail(signals.error());
  return with_runtime(settings.runtime, [&] { return serve(settings, signals.value()); });
}

}  // namespace

int run_nrepl(const std::vector<std::string>& arguments) {
  CLI::App app(
      "An nREPL server, for editors. It listens on a socket that you alone may connect to, or on a port of "
      "this "
      "machine's loopback address if you ask for one.",
      "reops nrepl");
  return run_server(app, arguments, [](Settings& settings, base::SignalSource& signals) {
    set_process_kind("nrepl");
    return load_init(settings.init) ? serve_editors(settings, signals, nullptr) : 1;
  });
}

int run_serve(const std::vector<std::string>& arguments) {
  CLI::App app(
      "The controller without a terminal: it runs the jobs that prompts and scripts ask for, and takes up "
      "those "
      "that were under way. It is an nREPL server besides. Ended, jobs pause before their next step.",
      "reops serve");
  return run_server(app, arguments, serve_controller);
}

}  // namespace reops::app
