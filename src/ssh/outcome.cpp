#include "ssh/outcome.hpp"

namespace reops::ssh {

std::string_view reason_name(Reason reason) {
  switch (reason) {
#define X(name, text) \
  case Reason::name:  \
    return text;
    REOPS_SSH_REASONS(X)
#undef X
  }
  return "none";
}

}  // namespace reops::ssh
