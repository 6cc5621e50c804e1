#pragma once
// Unlocking: what a person is asked before a batch begins, once for all of its hosts.

#include <functional>
#include <vector>

#include "ssh/key_store.hpp"
#include "ssh/plan.hpp"
#include "ssh/question.hpp"
#include "ssh/target.hpp"

namespace reops::ssh {

/// Asks for the passwords that requests want asked for, once for each user, and puts them in. A batch whose
/// person does not answer goes on without.
void ask_passwords(std::vector<Request>& requests, const Asker& ask);

/// The key files of these plans that a passphrase protects and for which a person is worth asking: those that
/// the configuration names and ssh-agent does not have; the usual ones only where there is no agent.
std::vector<std::string> keys_to_unlock(
    const std::vector<Plan>& plans,
    const std::function<std::shared_ptr<const Identity>(const std::string&)>& load);

/// Asks for the passphrase of a key file, three times at the most.
std::shared_ptr<const Identity> unlock(const std::string& path, const Asker& ask);

}  // namespace reops::ssh
