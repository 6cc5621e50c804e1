#pragma once
// Errors as a person sees them: what, where with the line and carets, what may help, why, and through which
// functions.

#include <string>
#include <string_view>
#include <vector>

#include "lang/value/ref.hpp"

namespace reops::lang {

struct ReportOptions {
  bool color = false;
  size_t width = 90;   ///< columns that the kind in the right margin ends at
  size_t frames = 20;  ///< of the trace, at most
};

/// Several lines, each ended, for an Error value:
///
///     Unresolved symbol: sucessful                                      reops/unresolved-symbol
///       at my/ops.clj:12:41
///       12 │ (run (ls hs "/" "-la") | (pick sucessful) | (pretty))
///          │                                ^^^^^^^^^
///       Did you mean `successful`?
///
/// The place is that of the diagnostic itself, else that of the innermost function of the user's in the
/// trace. Functions of the libraries that are compiled in are left out of the trace, and frames that repeat
/// are counted. Messages may quote what strangers wrote: nothing in it is obeyed by a terminal.
std::string report(Value error, const ReportOptions& options = {});
/// The same in the usual width, with or without colours.
std::string report(Value error, bool colour);

/// The candidate that `name` is most likely a misspelling of, for "Did you mean …?"; empty when none is near.
std::string suggest(std::string_view name, const std::vector<std::string>& candidates);

/// For a stream: colours and its width if it is a terminal.
ReportOptions report_options_for(int fd);

}  // namespace reops::lang
