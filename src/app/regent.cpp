// regent: the agent.

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <set>
#include <string>
#include <thread>

#include "agent/keeper.hpp"
#include "agent/options.hpp"
#include "agent/status.hpp"
#include "base/files.hpp"
#include "linked_image.hpp"
#include "regent_options.hpp"
#include "wire/keys.hpp"

namespace {

using namespace reops;

constexpr uint16_t k_port = 7450;

std::string default_home() {
  if (geteuid() == 0) return "/var/lib/regent";
  const char* home = std::getenv("HOME");
  return home && *home ? std::string(home) + "/.local/state/regent" : "";
}

// "host", "host:port", "[2001:db8::1]:port". Throws CLI::ValidationError.
agent::Server parse_server(const std::string& text) {
  agent::Server server{text, k_port};
  size_t colon = text.rfind(':');
  bool bracketed = text.starts_with('[');
  size_t close = text.find(']');
  if (bracketed && close != std::string::npos) {
    server.host = text.substr(1, close - 1);
    colon = close + 1 < text.size() ? close + 1 : std::string::npos;
  } else if (text.find(':') != colon) {
    colon = std::string::npos;  // an address of IPv6
  } else if (colon != std::string::npos) {
    server.host = text.substr(0, colon);
  }
  if (colon != std::string::npos) {
    char* end = nullptr;
    unsigned long port = std::strtoul(text.c_str() + colon + 1, &end, 10);
    if (*end != '\0' || port == 0 || port > 65535)
      throw CLI::ValidationError("--server", "'" + text + "' has no port that is one; write HOST:PORT");
    server.port = static_cast<uint16_t>(port);
  }
  if (server.host.empty())
    throw CLI::ValidationError("--server", "'" + text + "' names no host; write HOST:PORT");
  return server;
}

std::string read_token() {
  std::string token;
  std::getline(std::cin, token);
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back()))) token.pop_back();
  return token;
}

// Throws CLI::Error for what is wrong with it.
void take_from_file(CLI::App& app, const std::string& path) {
  auto given = app::read_options(path);
  if (!given) throw CLI::FileError(given.error().message);
  std::set<CLI::Option*> taken;
  for (const auto& [name, text] : given.value()) {
    CLI::Option* option = app.get_option_no_throw("--" + name);
    if (option == nullptr || name == "config" || name == "help" || name == "version")
      throw CLI::FileError("The file " + path + " has :" + name + ", which is no option");
    if (!taken.contains(option) && option->count() > 0) continue;
    taken.insert(option);
    option->add_result(text);
  }
  for (CLI::Option* option : taken) option->run_callback();
}

int fail(const std::string& message) {
  std::fprintf(stderr, "regent: %s\n", message.c_str());
  return 2;
}

int run(int argc, char** argv) {
  agent::Options options;
  options.version = REOPS_VERSION;
  options.image = app::linked_image();
  options.core = app::core_hash();
  options.home = default_home();
  options.workers = std::max(2U, std::thread::hardware_concurrency());
  std::vector<std::string> servers;
  std::string token, config;
  size_t memory_mib = options.memory >> 20, cache_mib = options.cache >> 20, grace_s = 30, idle_s = 300;

  CLI::App app("regent: connects to the controller of Re-ops and runs the functions that it sends.",
               "regent");
  app.set_version_flag("--version,-V", "regent " REOPS_VERSION);
  app.add_option("--config", config,
                 "Take what is not given otherwise from FILE: {:server \"host:7450\" :server-key \"…\"}")
      ->envname("REGENT_CONFIG")
      ->type_name("FILE");
  app.add_option("--server", servers, "A controller, HOST:PORT; several are tried in turn")
      ->envname("REGENT_SERVER")
      ->delimiter(',');
  app.add_option("--server-key", options.server_key, "The controller's public key, 40 characters")
      ->envname("REGENT_SERVER_KEY");
  app.add_option("--home", options.home, "Where keys, calls and units are kept")
      ->envname("REGENT_HOME")
      ->capture_default_str();
  app.add_option("--name", options.name, "What to be called, instead of the machine's own name")
      ->envname("REGENT_NAME");
  app.add_option("--token", token, "-: a token of an invitation is read from standard input");
  app.add_option("--workers", options.workers, "Calls that run at once")
      ->envname("REGENT_WORKERS")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--queue", options.queue, "Calls that wait beside; further ones are answered with busy")
      ->envname("REGENT_QUEUE")
      ->capture_default_str();
  app.add_option("--memory", memory_mib, "MiB that one call may use, with all it starts")
      ->envname("REGENT_MEMORY")
      ->check(CLI::Range(16, 1 << 24))
      ->capture_default_str();
  app.add_option("--processes", options.processes, "Processes that one call may have running")
      ->envname("REGENT_PROCESSES")
      ->capture_default_str();
  app.add_option("--cache", cache_mib, "MiB on disk for what functions need")
      ->envname("REGENT_CACHE")
      ->capture_default_str();
  app.add_option("--grace", grace_s, "Seconds that calls have to end when the agent is stopped")
      ->envname("REGENT_GRACE")
      ->capture_default_str();
  app.add_option("--idle", idle_s, "Seconds after which a worker without work is ended")
      ->envname("REGENT_IDLE")
      ->capture_default_str();
  bool wants_status = false;
  app.add_subcommand("status", "Say what the agent that runs is doing")->fallthrough()->callback([&] {
    wants_status = true;
  });
  app.footer(
      "Exit code: 0; 1 when no agent runs (status); 2 for what cannot work.\nEach option can be given in the "
      "environment, too: REGENT_SERVER, REGENT_SERVER_KEY, REGENT_HOME ….");
  try {
    app.parse(argc, argv);
    if (!config.empty()) take_from_file(app, config);
    for (const std::string& text : servers) options.servers.push_back(parse_server(text));
    if (!token.empty() && token != "-")
      throw CLI::ValidationError(
          "--token",
          "takes - alone, and is then read from standard input: others can see the arguments of programs");
  } catch (const CLI::ParseError& e) {
    int code = app.exit(e) == 0 ? 0 : 2;
    std::cout.flush();
    return code;
  }
  if (options.home.empty()) return fail("where to keep keys and calls is not known: give --home");
  if (wants_status) {
    auto status = agent::ask_status(options.home);
    if (!status) {
      std::fprintf(stderr, "regent: %s\n", status.error().message.c_str());
      return 1;
    }
    std::fputs(status.value().c_str(), stdout);
    return 0;
  }
  if (options.servers.empty())
    return fail("which controller to connect to is not known: give --server HOST:PORT");
  if (options.server_key.empty())
    return fail("the controller's key is not known: give --server-key (there, (controller-key) says it)");
  if (!wire::is_key(options.server_key)) return fail("--server-key is no key: those have 40 characters");
  if (token == "-") options.token = read_token();
  options.memory = memory_mib << 20;
  options.cache = cache_mib << 20;
  options.grace = std::chrono::seconds(grace_s);
  options.worker_idle = std::chrono::seconds(idle_s);
  return agent::run_keeper(options);
}

}  // namespace

int main(int argc, char** argv) {
  int code = run(argc, argv);
  std::fflush(stdout);
  std::_Exit(code);
}
