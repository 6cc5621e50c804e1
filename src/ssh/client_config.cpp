#include "ssh/client_config.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/files.hpp"
#include "base/folders.hpp"
#include "base/surroundings.hpp"
#include "ssh/config_directives.hpp"
#include "ssh/host_pattern.hpp"
#include "ssh/known_hosts.hpp"

namespace reops::ssh {
namespace {

constexpr const char* k_system_folder = "/etc/ssh";
constexpr std::array k_default_identities = {"id_ed25519", "id_ecdsa", "id_rsa"};

base::Error refuse(const std::string& message, const Target& target) {
  return base::Error{"ssh/config", message, {{"host", target.name}}};
}

std::string user_folder() { return base::join_path(base::home_folder(), ".ssh"); }

/// The lines that apply to one host, first come first served.
class Applicable {
 public:
  base::Result<void> collect(const std::vector<ConfigLine>& lines, const Target& target);

  const ConfigLine* first(const std::string& keyword) const {
    const auto found = first_.find(keyword);
    return found == first_.end() ? nullptr : found->second;
  }
  std::string value(const std::string& keyword) const {
    const ConfigLine* line = first(keyword);
    return line == nullptr ? "" : line->argument();
  }
  const std::vector<const ConfigLine*>& identity_files() const { return identity_files_; }
  const std::vector<const ConfigLine*>& certificate_files() const { return certificate_files_; }
  /// ProxyJump or ProxyCommand, whichever came first; none for neither.
  const ConfigLine* way() const { return way_; }

 private:
  base::Result<bool> applies(const ConfigBlock* block, const Target& target);
  ConfigFacts facts(const Target& target) const;

  std::map<std::string, const ConfigLine*> first_;
  std::vector<const ConfigLine*> identity_files_;
  std::vector<const ConfigLine*> certificate_files_;
  const ConfigLine* way_ = nullptr;
  // Decided where a block begins: what stands in it may change what it asks about.
  std::unordered_map<const ConfigBlock*, bool> decided_;
};

ConfigFacts Applicable::facts(const Target& target) const {
  ConfigFacts known{target.name, target.host.empty() ? value("hostname") : target.host,
                    target.user.empty() ? value("user") : target.user, base::user_name()};
  if (known.host.empty()) known.host = target.name;
  if (const std::size_t sign = known.host.find("%h"); sign != std::string::npos)
    known.host.replace(sign, 2, target.name);
  if (known.user.empty()) known.user = known.local_user;
  return known;
}

base::Result<bool> Applicable::applies(const ConfigBlock* block, const Target& target) {
  if (block == nullptr) return true;
  if (const auto known = decided_.find(block); known != decided_.end()) return known->second;
  base::Result<bool> holds = applies(block->outer, target);
  if (holds && holds.value()) holds = block->holds(facts(target));
  if (holds) decided_.emplace(block, holds.value());
  return holds;
}

base::Result<void> Applicable::collect(const std::vector<ConfigLine>& lines, const Target& target) {
  for (const ConfigLine& line : lines) {
    auto holds = applies(line.block, target);
    if (!holds) return refuse(holds.error().message, target);
    if (!holds.value()) continue;
    if (way_ == nullptr && (line.keyword == "proxyjump" || line.keyword == "proxycommand")) way_ = &line;
    if (line.keyword == "identityfile") identity_files_.push_back(&line);
    if (line.keyword == "certificatefile") certificate_files_.push_back(&line);
    // The first value wins, so a later one has no bearing, whatever it says.
    if (!first_.emplace(line.keyword, &line).second) continue;
    const ConfigLine* ignored = first("ignoreunknown");
    if (directive_kind(line.keyword, to_lower(line.argument())) != DirectiveKind::refused) continue;
    if (ignored != nullptr) {
      std::vector<std::string> patterns;
      for (const std::string& argument : ignored->arguments)
        for (const std::string& pattern : split_list(to_lower(argument), ',')) patterns.push_back(pattern);
      if (matches_patterns(patterns, line.keyword)) continue;
    }
    std::string message = line.where + ": " + line.written + " " + line.argument() + " applies to " +
                          target.name + " and is not supported, so it is refused rather than ignored";
    if (const std::string_view hint = directive_hint(line.keyword); !hint.empty())
      message += ": " + std::string(hint);
    base::Error error = refuse(message, target);
    error.data["directive"] = line.written;
    return error;
  }
  return {};
}

/// The %-signs of one directive. A sign that it does not have is an error, as in OpenSSH.
class Tokens {
 public:
  Tokens& add(char sign, std::string text) {
    texts_[sign] = std::move(text);
    return *this;
  }
  std::optional<std::string> expand(std::string_view text) const {
    std::string expanded;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') {
        expanded += text[i];
        continue;
      }
      if (++i == text.size()) return std::nullopt;
      const auto found = texts_.find(text[i]);
      if (found == texts_.end()) return std::nullopt;
      expanded += found->second;
    }
    return expanded;
  }

 private:
  std::map<char, std::string> texts_{{'%', "%"}};
};

base::Error bad_token(const ConfigLine& line, const Target& target) {
  return refuse(line.where + ": " + line.written + " has a %-sign that is not known here: " + line.argument(),
                target);
}

Tokens path_tokens(const Destination& destination) {
  return Tokens()
      .add('d', base::home_folder())
      .add('h', destination.host)
      .add('i', std::to_string(::geteuid()))
      .add('n', destination.name)
      .add('p', std::to_string(destination.port))
      .add('r', destination.user)
      .add('u', base::user_name());
}

base::Result<std::uint16_t> parse_port(const ConfigLine& line, const std::string& text,
                                       const Target& target) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
    return refuse(line.where + ": " + text + " is not a port number", target);
  return static_cast<std::uint16_t>(port);
}

base::Result<void> set_address(const Applicable& config, const Target& target, Destination& destination) {
  destination.host = target.host.empty() ? target.name : target.host;
  if (const ConfigLine* line = config.first("hostname"); line != nullptr && target.host.empty()) {
    const auto host = Tokens().add('h', target.name).expand(line->argument());
    if (!host) return bad_token(*line, target);
    destination.host = *host;
  }
  if (target.port != 0) {
    destination.port = target.port;
  } else if (const ConfigLine* line = config.first("port")) {
    base::Result<std::uint16_t> port = parse_port(*line, line->argument(), target);
    if (!port) return port.take_error();
    destination.port = port.value();
  }
  destination.user = target.user.empty() ? config.value("user") : target.user;
  if (destination.user.empty()) destination.user = base::user_name();
  if (const ConfigLine* line = config.first("addressfamily")) {
    const std::string family = to_lower(line->argument());
    if (family == "inet")
      destination.family = Destination::Family::ipv4;
    else if (family == "inet6")
      destination.family = Destination::Family::ipv6;
    else if (family != "any")
      return refuse(line->where + ": " + family + " is not an address family (any, inet, inet6)", target);
  }
  return {};
}

base::Result<void> set_certificates(const Applicable& config, const Target& target,
                                    Destination& destination) {
  for (const ConfigLine* line : config.certificate_files()) {
    if (to_lower(line->argument()) == "none") continue;
    const auto path = path_tokens(destination).expand(line->argument());
    if (!path) return bad_token(*line, target);
    destination.certificates.push_back(base::expand_home(*path));
  }
  return {};
}

base::Result<void> set_identities(const Applicable& config, const Target& target, Destination& destination) {
  destination.password = target.password;
  destination.questions = target.questions;
  if (auto set = set_certificates(config, target, destination); !set) return set;
  if (!target.identity_files.empty()) {
    for (const std::string& file : target.identity_files)
      destination.identities.push_back({base::expand_home(file), true});
    return {};
  }
  const Tokens tokens = path_tokens(destination);
  for (const ConfigLine* line : config.identity_files()) {
    if (to_lower(line->argument()) == "none") continue;
    const auto path = tokens.expand(line->argument());
    if (!path) return bad_token(*line, target);
    destination.identities.push_back({base::expand_home(*path), true});
  }
  if (config.identity_files().empty())
    for (const char* name : k_default_identities)
      destination.identities.push_back({base::join_path(user_folder(), name), false});
  return {};
}

std::string environment(const std::string& name) {
  const char* value = base::variable(name.c_str());
  return value == nullptr ? "" : value;
}

base::Result<void> set_agent(const Applicable& config, const Target& target, Destination& destination) {
  if (target.use_agent == false) return {};
  // With IdentitiesOnly the agent may sign only for the named keys. libssh cannot choose among the agent's
  // keys, so the agent is left out: fewer keys are tried than asked for, never others.
  if (to_lower(config.value("identitiesonly")) == "yes" && target.use_agent != true) return {};
  destination.agent_socket = environment("SSH_AUTH_SOCK");
  const ConfigLine* line = config.first("identityagent");
  if (line == nullptr || line->argument() == "SSH_AUTH_SOCK") return {};
  const std::string value = line->argument();
  if (to_lower(value) == "none") {
    destination.agent_socket.clear();
  } else if (value.starts_with('$')) {
    destination.agent_socket = environment(value.substr(1));
  } else {
    const auto path = path_tokens(destination).expand(value);
    if (!path) return bad_token(*line, target);
    destination.agent_socket = base::expand_home(*path);
  }
  return {};
}

base::Result<std::vector<std::string>> known_hosts_files(const ConfigLine& line, const Target& target,
                                                         const Destination& destination) {
  std::vector<std::string> files;
  for (const std::string& argument : line.arguments) {
    if (to_lower(argument) == "none") continue;
    const auto path = path_tokens(destination).expand(argument);
    if (!path) return bad_token(line, target);
    files.push_back(base::expand_home(*path));
  }
  return files;
}

base::Result<std::vector<Jump>> parse_jumps(const ConfigLine& line, const Target& target) {
  std::vector<Jump> jumps;
  for (std::string text : split_list(line.argument(), ',')) {
    Jump jump;
    const std::string written = text;
    if (text.starts_with("ssh://")) text.erase(0, 6);
    if (const std::size_t at = text.rfind('@'); at != std::string::npos) {
      jump.user = text.substr(0, at);
      text.erase(0, at + 1);
    }
    const std::size_t bracket = text.starts_with('[') ? text.find(']') : std::string::npos;
    const std::size_t colon = text.find(':', bracket == std::string::npos ? 0 : bracket);
    // More than one colon without brackets is an IPv6 address.
    const bool has_port = colon != std::string::npos && text.find(':', colon + 1) == std::string::npos;
    if (has_port) {
      auto port = parse_port(line, text.substr(colon + 1), target);
      if (!port) return port.take_error();
      jump.port = port.value();
    }
    jump.name = bracket != std::string::npos ? text.substr(1, bracket - 1)
                                             : text.substr(0, has_port ? colon : std::string::npos);
    if (jump.name.empty()) return refuse(line.where + ": \"" + written + "\" names no jump host", target);
    jumps.push_back(std::move(jump));
  }
  return jumps;
}

base::Result<std::optional<unsigned>> number(const Applicable& config, const Target& target,
                                             const std::string& keyword, unsigned most, const char* kind) {
  const ConfigLine* line = config.first(keyword);
  if (line == nullptr) return std::optional<unsigned>();
  const std::string text = line->argument();
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most)
    return refuse(line->where + ": " + text + " is not a number of " + kind, target);
  return std::optional(value);
}

base::Result<void> set_patience(const Applicable& config, const Target& target, Destination& destination) {
  constexpr unsigned k_day = 86'400;
  if (to_lower(config.value("connecttimeout")) != "none") {
    auto seconds = number(config, target, "connecttimeout", k_day, "seconds");
    if (!seconds) return seconds.take_error();
    destination.connect_timeout = base::Millis(1000L * seconds.value().value_or(0));
  }
  auto interval = number(config, target, "serveraliveinterval", k_day, "seconds");
  if (!interval) return interval.take_error();
  // OpenSSH's 0 asks for nothing: ours is asked for all the same, because nobody watches and presses Ctrl-C.
  if (interval.value().value_or(0) > 0) destination.alive_interval = base::Millis(1000L * *interval.value());
  auto count = number(config, target, "serveralivecountmax", 1000, "questions");
  if (!count) return count.take_error();
  destination.alive_count = count.value().value_or(destination.alive_count);
  return {};
}

// ProxyJump and ProxyCommand exclude each other: the one that comes first counts.
base::Result<void> set_way(const Applicable& config, const Target& target, Destination& destination) {
  if (!target.jump.empty()) {
    ConfigLine asked;
    asked.arguments = {target.jump};
    asked.where = "the jump hosts of " + target.name;
    auto jumps = parse_jumps(asked, target);
    if (!jumps) return jumps.take_error();
    destination.jumps = std::move(jumps).value();
    return {};
  }
  if (const ConfigLine* line = config.way()) {
    if (to_lower(line->argument()) == "none") return {};
    if (line->keyword == "proxyjump") {
      auto jumps = parse_jumps(*line, target);
      if (!jumps) return jumps.take_error();
      destination.jumps = std::move(jumps).value();
    } else {
      std::string command;
      for (const std::string& word : line->arguments) command += (command.empty() ? "" : " ") + word;
      const auto expanded = path_tokens(destination).expand(command);
      if (!expanded) return bad_token(*line, target);
      destination.proxy_command = *expanded;
    }
  }
  return {};
}

base::Result<void> set_known_hosts(const Applicable& config, const Target& target, Destination& destination) {
  const std::string alias = config.value("hostkeyalias");
  destination.host_key_name =
      alias.empty() ? known_hosts_name(destination.host, destination.port) : to_lower(alias);
  destination.certified_name = to_lower(alias.empty() ? destination.host : alias);
  destination.accept_new_keys = to_lower(config.value("stricthostkeychecking")) == "accept-new";
  destination.new_keys = target.new_keys;
  destination.hash_known_hosts = to_lower(config.value("hashknownhosts")) == "yes";
  if (!target.known_hosts_files.empty()) {
    for (const std::string& file : target.known_hosts_files)
      destination.user_known_hosts.push_back(base::expand_home(file));
    return {};
  }
  destination.user_known_hosts = {base::join_path(user_folder(), "known_hosts"),
                                  base::join_path(user_folder(), "known_hosts2")};
  destination.global_known_hosts = {base::join_path(k_system_folder, "ssh_known_hosts"),
                                    base::join_path(k_system_folder, "ssh_known_hosts2")};
  if (const ConfigLine* line = config.first("userknownhostsfile")) {
    auto files = known_hosts_files(*line, target, destination);
    if (!files) return files.take_error();
    destination.user_known_hosts = std::move(files).value();
  }
  if (const ConfigLine* line = config.first("globalknownhostsfile")) {
    auto files = known_hosts_files(*line, target, destination);
    if (!files) return files.take_error();
    destination.global_known_hosts = std::move(files).value();
  }
  return {};
}

}  // namespace

base::Result<std::shared_ptr<const ClientConfig>> ClientConfig::load_default() {
  if (const std::string own = environment("REOPS_SSH_CONFIG"); !own.empty()) {
    const std::string file = base::expand_home(own);
    // The user's own file may be missing; one that was named on purpose is not simply left out.
    if (::access(file.c_str(), F_OK) != 0)
      return base::Error{"ssh/config",
                         "REOPS_SSH_CONFIG names " + file + ", which cannot be read: " + std::strerror(errno),
                         {{"file", file}}};
    return load({file});
  }
  auto config = std::make_shared<ClientConfig>();
  auto added = config->files_.add_file(base::join_path(user_folder(), "config"), user_folder(), true);
  if (!added) return added.take_error();
  added = config->files_.add_file(base::join_path(k_system_folder, "ssh_config"), k_system_folder, false);
  if (!added) return added.take_error();
  return std::shared_ptr<const ClientConfig>(std::move(config));
}

base::Result<std::shared_ptr<const ClientConfig>> ClientConfig::load(const std::vector<std::string>& files) {
  auto config = std::make_shared<ClientConfig>();
  for (const std::string& file : files)
    if (auto added = config->files_.add_file(file, user_folder(), true); !added) return added.take_error();
  return std::shared_ptr<const ClientConfig>(std::move(config));
}

std::vector<std::string> ClientConfig::host_names() const {
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  for (const ConfigBlock& block : files_.blocks())
    for (const ConfigBlock::Criterion& criterion : block.criteria) {
      if (criterion.subject != "originalhost" || criterion.negated) continue;
      for (const std::string& pattern : criterion.patterns)
        if (pattern.find_first_of("*?!") == std::string::npos && seen.insert(pattern).second)
          names.push_back(pattern);
    }
  return names;
}

base::Result<Destination> ClientConfig::resolve(const Target& target) const {
  // A leading "-" is what a name looks like that was meant as an option of something else.
  if (target.name.empty() || target.name.starts_with('-') ||
      target.name.find_first_of(" \t\n/'\"`$;|&<>") != std::string::npos)
    return refuse("\"" + target.name + "\" is not a host name", target);
  Applicable config;
  if (auto done = config.collect(files_.lines(), target); !done) return done.take_error();
  Destination destination;
  destination.name = target.name;
  for (const auto step : {set_address, set_identities, set_agent, set_patience, set_way, set_known_hosts})
    if (auto done = step(config, target, destination); !done) return done.take_error();
  return destination;
}

}  // namespace reops::ssh
