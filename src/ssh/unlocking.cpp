#include "ssh/unlocking.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/files.hpp"
#include "ssh/agent_keys.hpp"
#include "ssh/base64.hpp"

namespace reops::ssh {
namespace {

constexpr int k_tries = 3;
constexpr std::size_t k_largest_public_key = 64 * 1024;

// The blob of the public key beside a private one; empty when there is none.
std::string public_blob(const std::string& path) {
  const auto line = base::read_file(path + ".pub", k_largest_public_key);
  if (!line) return "";
  const std::size_t begin = line.value().find(' ');
  if (begin == std::string::npos) return "";
  const std::size_t end = line.value().find_first_of(" \n", begin + 1);
  return base64_decode(line.value().substr(begin + 1, end - begin - 1)).value_or("");
}

}  // namespace

void ask_passwords(std::vector<Request>& requests, const Asker& ask) {
  std::map<std::string, std::size_t> hosts_of;
  for (const Request& request : requests)
    if (request.target.ask_password) ++hosts_of[request.target.user];
  std::map<std::string, Secret> answers;
  for (const auto& [user, count] : hosts_of) {
    const std::string whose = user.empty() ? "" : " of " + user;
    auto answer =
        ask("Password" + whose + " on " + std::to_string(count) + (count == 1 ? " host: " : " hosts: "));
    if (answer) answers[user] = make_secret(std::move(*answer));
  }
  for (Request& request : requests)
    if (const auto found = answers.find(request.target.user);
        request.target.ask_password && found != answers.end())
      request.target.password = found->second;
}

std::vector<std::string> keys_to_unlock(
    const std::vector<Plan>& plans,
    const std::function<std::shared_ptr<const Identity>(const std::string&)>& load) {
  std::vector<std::string> found;
  std::set<std::pair<std::string, std::string>> seen;
  std::map<std::string, std::set<std::string>> agents;
  const auto look_at = [&](const Destination& destination) {
    for (const IdentityFile& file : destination.identities) {
      if (!seen.emplace(file.path, destination.agent_socket).second) continue;
      if (load(file.path)->problem != Identity::Problem::encrypted) continue;
      const auto [agent, is_new] = agents.try_emplace(destination.agent_socket);
      if (is_new && !destination.agent_socket.empty()) agent->second = agent_keys(destination.agent_socket);
      const bool is_wanted =
          file.is_explicit ? !agent->second.contains(public_blob(file.path)) : agent->second.empty();
      if (is_wanted && std::find(found.begin(), found.end(), file.path) == found.end())
        found.push_back(file.path);
    }
  };
  for (const Plan& plan : plans) {
    if (plan.target == nullptr) continue;
    for (const LegPtr& leg : plan.way) look_at(leg->destination);
    look_at(plan.target->destination);
  }
  return found;
}

std::shared_ptr<const Identity> unlock(const std::string& path, const Asker& ask) {
  for (int i = 0; i < k_tries; ++i) {
    auto answer = ask((i == 0 ? "Passphrase of " : "That was not it. Passphrase of ") + path + ": ");
    if (!answer || answer->empty()) return nullptr;
    const Secret passphrase = make_secret(std::move(*answer));
    if (auto identity = KeyStore::unlocked(path, *passphrase)) return identity;
  }
  return nullptr;
}

}  // namespace reops::ssh
