#pragma once
// What the natives that speak to the system share: paths as arguments and results, errors with the system's
// reason.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

/// A path: a non-empty string, or a byte string for a name that is no UTF-8, without a zero byte. `what` is
/// the function whose argument it is.
std::string path_argument(Value v, std::string_view what);
/// A path as a value: a string, or a byte string when it is no UTF-8, so that it still names the same file.
Ref path_value(std::string_view path);

/// Throws what another room reports, as an IOException (FileNotFoundException for a file that is not there)
/// with the error's type and fields as data.
[[noreturn]] void throw_result(const base::Error& error);
/// Throws "cannot <what> <path>: <the system's words>" with :type, :path and :errno as data.
[[noreturn]] void throw_file_error(std::string_view what, std::string_view path, int error);

}  // namespace reops::lang
