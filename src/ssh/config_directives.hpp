#pragma once
// Which directives of ssh_config we follow, which have no bearing on running a command, and
// that all others are refused: a directive that is silently ignored connects to another host,
// or less safely, than its author wrote.

#include <string_view>

namespace reops::ssh {

enum class DirectiveKind {
  followed,  ///< ClientConfig acts on it
  harmless,  ///< with this value it changes nothing for us
  refused,
};

/// `keyword` and `value` in lower case; `value` is the first argument.
DirectiveKind directive_kind(std::string_view keyword, std::string_view value);

/// What a refused one asks for, and what to do instead; empty when there is nothing particular to say.
std::string_view directive_hint(std::string_view keyword);

}  // namespace reops::ssh
