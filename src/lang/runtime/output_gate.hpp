#pragma once
// What other threads print while a person types: it must not land in the middle of the line.

#include <functional>
#include <string_view>

namespace reops::lang {

/// While it is set, text for standard output and standard error, where those are terminals, is given to
/// `gate` instead of being written: whoever draws a prompt shows it above. The gate is called by any thread,
/// one at a time. An empty function lets text through again.
void set_output_gate(std::function<void(std::string_view)> gate);

}  // namespace reops::lang
