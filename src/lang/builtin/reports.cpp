// Errors as a person reads them, from the language.

#include <unistd.h>

#include <algorithm>

#include "lang/builtin/native.hpp"
#include "lang/codec/report.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

Ref error_report(Args args) {
  if (!is<Error>(args[0])) throw_class_cast(args[0], "an error");
  ReportOptions options;
  options.width = report_options_for(STDERR_FILENO).width;
  if (args.size() > 1)
    options.frames = static_cast<size_t>(std::max<int64_t>(0, to_int(args[1], "a number of frames")));
  return make_string_lossy(report(args[0], options));
}

const NativeDef k_reports[] = {
    {"reops.internal", "error-report", error_report, 1, 2, k_borrow_all, "([error] [error frames])",
     "The report of an error that a prompt shows: message, place, snippet, hint, causes and trace, as text."},
};

}  // namespace

extern const NativeModule k_natives_reports;
const NativeModule k_natives_reports = {"reports", k_reports};

}  // namespace reops::lang
