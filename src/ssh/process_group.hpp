#pragma once
// Which processes on a host are a command's, so that it can be ended there: a host delivers signals that SSH
// asks for only at times, and a closed connection ends nothing by itself.

#include <optional>
#include <string>

namespace reops::ssh {

/// What became of a command that was given up while it ran.
enum class Killed {
  not_asked,
  yes,      ///< none of its processes is left
  no,       ///< some would not go
  unknown,  ///< the host could not be asked in time
};

/// Has a command tell its process group before it begins, on standard error, under a name of its own.
///
/// Whatever the user's login shell is there, it runs the command as it would have; a short `sh` before it
/// tells who its parent is. What is told never reaches the output.
class GroupMark {
 public:
  GroupMark();

  std::string marked(const std::string& command) const;
  /// Removes the mark from what was received so far; the process group, once it is all there.
  std::optional<long> take_from(std::string& text) const;

 private:
  std::string name_;
};

/// A piece of shell that ends all processes of a group, first kindly, and exits with k_group_is_gone or
/// k_group_remains.
std::string kill_script(long group);
inline constexpr int k_group_is_gone = 0;
inline constexpr int k_group_remains = 3;

}  // namespace reops::ssh
