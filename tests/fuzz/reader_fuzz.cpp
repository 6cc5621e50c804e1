// Fuzzes the reader: whatever the bytes are, it answers with forms or with a reader error; and what it has
// read prints as text that reads back as an equal form.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "lang/codec/printer.hpp"
#include "lang/reader/reader.hpp"
#include "lang/reader/syntax_error.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/object.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/thread.hpp"

namespace {

using namespace reops::lang;

constexpr size_t k_largest_input = 64 << 10;

// Nested data of these kinds is compared; what has identity only (a regex) or equals nothing, not even itself
// (NaN), is compared by its text.
bool same(Value a, Value b) { return equal(a, b) || pr_str(a) == pr_str(b); }

Ref read_again(const std::string& text) {
  auto source = std::make_shared<Source>();
  source->name = "again";
  source->text = text;
  ReaderOptions options;
  options.line_metadata = false;
  return Reader(source, options).read();
}

[[noreturn]] void give_up(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

bool is_stack_overflow(const Thrown& thrown) {
  return as<Error>(thrown.error()).error_class == ErrorClass::stack_overflow;
}

// ::1 and #:a{:1 2} read as keywords that Clojure, and we, print as :user/1 and :a/1, which neither reads.
bool has_unreadable_name(const std::string& text) {
  for (size_t slash = text.find('/'); slash != std::string::npos; slash = text.find('/', slash + 1)) {
    if (slash + 1 < text.size() && text[slash + 1] >= '0' && text[slash + 1] <= '9') return true;
  }
  return false;
}

void check_round_trip(Value form) {
  std::string text;
  try {
    text = pr_str(form);
    Ref again = read_again(text);
    if (!same(form, again)) give_up("reads back as something else", text);
  } catch (const Thrown& thrown) {
    // What nests just deeply enough to be read may be too deep for printing and comparing: a clear error as
    // well.
    if (is_stack_overflow(thrown) || has_unreadable_name(text)) return;
    const Error& e = as<Error>(thrown.error());
    give_up(e.message.is_nil() ? "does not read back" : std::string(text_of(e.message)).c_str(), text);
  }
}

void start() {
  static ThreadScope* scope = new ThreadScope;
  (void)scope;
  if (!core_vars().ns) {
    create_core_vars();
    set_root(*core_vars().ns, Ref(find_or_create_ns("user")));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > k_largest_input) return 0;
  start();
  auto source = std::make_shared<Source>();
  source->name = "fuzz";
  source->text.assign(reinterpret_cast<const char*>(data), size);
  ReaderOptions options;
  options.line_metadata = false;
  Reader reader(source, options);
  try {
    for (;;) {
      Ref form = reader.read();
      if (form.get().is_none()) break;
      check_round_trip(form);
    }
  } catch (const Thrown& thrown) {
    if (!is_syntax_error(as<Error>(thrown.error()))) {
      give_up("an error that is not the reader's", pr_str(thrown.error()));
    }
  }
  return 0;
}
