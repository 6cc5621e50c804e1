#pragma once
// Reading the text of ssh_config files: lines, words, Host blocks and Include. What the
// directives mean is client_config's matter.

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace reops::ssh {

/// What is known of a connection while its lines are being collected; what Match asks about.
struct ConfigFacts {
  std::string name;  ///< as the person typed it
  std::string host;  ///< after the HostName lines that have applied so far
  std::string user;  ///< likewise User, or the local user
  std::string local_user;
};

/// The Host or Match line that a directive stands under: all its criteria must hold. An Include inside a
/// block puts the blocks of the included file under that block, so both must.
struct ConfigBlock {
  struct Criterion {
    std::string subject;  ///< "originalhost" (which Host asks about), "host", "user", "localuser", "all", or
                          ///< what we do not do
    bool negated = false;
    std::vector<std::string> patterns;
  };
  std::vector<Criterion> criteria;
  const ConfigBlock* outer = nullptr;
  std::string where;  ///< "file:line"

  /// Whether this block's own criteria hold. An error when that hangs on one that we do not follow, such as
  /// exec.
  base::Result<bool> holds(const ConfigFacts& facts) const;
};

/// One line that says something.
struct ConfigLine {
  std::string keyword;  ///< in lower case
  std::string written;  ///< as it is written
  std::vector<std::string> arguments;
  std::string where;  ///< "file:line"
  const ConfigBlock* block = nullptr;

  std::string argument() const { return arguments.empty() ? "" : arguments[0]; }
};

/// The lines of one or several files in the order in which they count.
class ConfigLines {
 public:
  /// Adds the lines of a file; a missing one has none. `relative_to` is where relative Include paths begin.
  /// With `is_users` the file must belong to the user or root and be writable by nobody else, because who can
  /// write it can redirect connections.
  base::Result<void> add_file(const std::string& path, const std::string& relative_to, bool is_users);

  const std::vector<ConfigLine>& lines() const { return lines_; }
  /// The Host and Match lines, also those with nothing below them.
  const std::deque<ConfigBlock>& blocks() const { return blocks_; }

 private:
  struct Source;
  base::Result<void> read(const std::string& path, const ConfigBlock* outer, int depth, const Source& source);
  base::Result<void> include(const ConfigLine& line, int depth, const Source& source);

  std::vector<ConfigLine> lines_;
  std::deque<ConfigBlock> blocks_;  // a deque, so that pointers to its elements last
};

/// The words of a line: "keyword value…" or "keyword=value…", double quotes around values with spaces, #
/// begins a comment. None for quotes that do not end.
base::Result<std::vector<std::string>> config_words(std::string_view line);

}  // namespace reops::ssh
