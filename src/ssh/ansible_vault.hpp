#pragma once
// What ansible-vault has encrypted: variables of inventories.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reops::ssh {

/// The text behind "$ANSIBLE_VAULT;1.1;AES256" and the hexadecimal lines that follow it. A wrong password, a
/// text that was changed, and a form of encryption that is not known are errors.
base::Result<std::string> decrypt_vault(std::string_view text, std::string_view password);

}  // namespace reops::ssh
