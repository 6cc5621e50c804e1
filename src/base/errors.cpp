#include "base/errors.hpp"

#include <cerrno>
#include <cstring>

namespace reops::base {
namespace {

std::string_view kind_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return "not-found";
    case EACCES:
    case EPERM:
    case EROFS:
      return "denied";
    case EEXIST:
      return "exists";
    case ENOSPC:
    case EDQUOT:
      return "full";
    case EMFILE:
    case ENFILE:
      return "descriptors";
    default:
      return "io";
  }
}

}  // namespace

std::string errno_text(int error) {
  const char* text = ::strerrordesc_np(error);
  return text != nullptr ? text : "error " + std::to_string(error);
}

Error errno_error(std::string_view family, std::string_view what, int error) {
  const char* name = ::strerrorname_np(error);
  Error made;
  made.type = std::string(family) + "/" + std::string(kind_of(error));
  made.message = std::string(what) + ": " + errno_text(error);
  made.data["errno"] = name != nullptr ? name : std::to_string(error);
  return made;
}

}  // namespace reops::base
