#include "repl/nrepl/operations.hpp"

namespace reops::repl {

std::span<const Operation> editor_operations() { return {}; }

}  // namespace reops::repl
