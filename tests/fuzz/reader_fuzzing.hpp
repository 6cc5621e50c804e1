#pragma once
// What the fuzzers of the two readers share: whatever the bytes are, the reader answers with forms or with an
// error of its own; and what it has read prints as text that reads back as an equal form.

#include <cstdint>
#include <memory>
#include <string>

#include "fuzz/fuzzing.hpp"
#include "lang/codec/printer.hpp"
#include "lang/reader/reader.hpp"
#include "lang/reader/syntax_error.hpp"
#include "lang/value/equality.hpp"

namespace reops::fuzz {

using namespace lang;

class ReaderFuzzer {
 public:
  explicit ReaderFuzzer(bool edn) {
    options_.edn = edn;
    options_.line_metadata = false;
  }

  void read_all(const uint8_t* data, size_t size) const {
    Reader reader(source_of({reinterpret_cast<const char*>(data), size}), options_);
    try {
      for (;;) {
        Ref form = reader.read();
        if (form.get().is_none()) break;
        check_round_trip(form);
      }
    } catch (const Thrown& thrown) {
      if (!is_syntax_error(as<Error>(thrown.error())))
        give_up("an error that is not the reader's", pr_str(thrown.error()));
    }
  }

 private:
  static std::shared_ptr<Source> source_of(std::string_view text) {
    auto source = std::make_shared<Source>();
    source->name = "fuzz";
    source->text = text;
    return source;
  }

  // Nested data of these kinds is compared; what has identity only (a regex) or equals nothing, not even
  // itself (NaN), is compared by its text.
  static bool same(Value a, Value b) { return equal(a, b) || pr_str(a) == pr_str(b); }

  // ::1 and #:a{:1 2} read as keywords that Clojure, and we, print as :user/1 and :a/1, which neither reads;
  // and
  // #:a{:_/:b 1} reads as one that is printed as ::b, #:a{:_// 1} as :/.
  static bool has_unreadable_name(const std::string& text) {
    if (text.find("::") != std::string::npos || text.find(":/") != std::string::npos) return true;
    for (size_t slash = text.find('/'); slash != std::string::npos; slash = text.find('/', slash + 1)) {
      if (slash + 1 < text.size() && text[slash + 1] >= '0' && text[slash + 1] <= '9') return true;
    }
    return false;
  }

  void check_round_trip(Value form) const {
    std::string text;
    try {
      text = pr_str(form);
      Ref again = Reader(source_of(text), options_).read();
      if (!same(form, again)) give_up("reads back as something else", text);
    } catch (const Thrown& thrown) {
      // What nests just deeply enough to be read may be too deep for printing and comparing: a clear error as
      // well.
      if (is_class(thrown, ErrorClass::stack_overflow) || has_unreadable_name(text)) return;
      give_up(message_of(thrown), text);
    }
  }

  ReaderOptions options_;
};

}  // namespace reops::fuzz
