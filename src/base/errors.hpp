#pragma once
// How errno becomes an Error: the type is a name a program can match, the
// message names the thing and the reason.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reops::base {

/// The system's words for an errno value, safe in every thread.
std::string errno_text(int error);

/// `what` is the start of the sentence ("cannot read /etc/x"); the reason and errno's name are added.
/// `family` is the part of the type before the slash ("file", "process").
Error errno_error(std::string_view family, std::string_view what, int error);

}  // namespace reops::base
