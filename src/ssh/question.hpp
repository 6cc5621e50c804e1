#pragma once
// Secrets, and asking a person for them.

#include <string.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace reops::ssh {

/// Text that is wiped when nobody needs it any more, and that nothing prints.
using Secret = std::shared_ptr<const std::string>;

inline Secret make_secret(std::string text) {
  return Secret(new std::string(std::move(text)), [](std::string* kept) {
    ::explicit_bzero(kept->data(), kept->size());
    delete kept;
  });
}

/// Asks the person at the terminal without showing the answer; none when there is no answer.
using Asker = std::function<std::optional<std::string>(const std::string& question)>;

}  // namespace reops::ssh
