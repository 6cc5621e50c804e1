// Errors as a person reads them, from the language.

#include <algorithm>
#include <string>
#include <vector>

#include "base/surroundings.hpp"
#include "lang/builtin/native.hpp"
#include "lang/codec/report.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

Ref error_report(Args args) {
  if (!is<Error>(args[0])) throw_class_cast(args[0], "an error");
  ReportOptions options;
  options.width = report_options_for(base::standard_error()).width;
  if (args.size() > 1)
    options.frames = static_cast<size_t>(std::max<int64_t>(0, to_int(args[1], "a number of frames")));
  return make_string_lossy(report(args[0], options));
}

Ref error_page(Args args) {
  if (!is<String>(args[0])) throw_class_cast(args[0], "the name of a kind of error, a string");
  std::string kind(text_of(args[0]));
  std::string_view page = embedded_source("errors/" + kind + ".md");
  // A family of kinds that differ little has one page for all.
  if (page.empty()) page = embedded_source("errors/" + kind.substr(0, kind.find('/')) + ".md");
  return page.empty() ? nil() : make_string(page);
}

Ref suggestion(Args args) {
  if (!is<String>(args[0])) throw_class_cast(args[0], "a name, a string");
  std::vector<std::string> candidates;
  for (SeqIterator it(args[1]); it.more(); it.step()) {
    if (!is<String>(it.value())) throw_class_cast(it.value(), "a name, a string");
    candidates.emplace_back(text_of(it.value()));
  }
  std::string near = suggest(text_of(args[0]), candidates);
  return near.empty() ? nil() : make_string(near);
}

const NativeDef k_reports[] = {
    {"reops.internal", "error-report", error_report, 1, 2, k_borrow_all, "([error] [error frames])",
     "The report of an error that a prompt shows: message, place, snippet, hint, causes and trace, as text."},
    {"reops.internal", "error-page", error_page, 1, 1, k_borrow_all, "([kind])",
     "The page of docs/errors about a kind (\"reops/unclosed\"), or about its family; nil when there is "
     "none."},
    {"reops.internal", "suggest", suggestion, 2, 2, k_borrow_all, "([name candidates])",
     "The candidate that a name is most likely a misspelling of, for \"Did you mean …?\"; nil when none is "
     "near."},
};

}  // namespace

extern const NativeModule k_natives_reports;
const NativeModule k_natives_reports = {"reports", k_reports};

}  // namespace reops::lang
