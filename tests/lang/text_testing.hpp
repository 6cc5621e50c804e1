#pragma once
// What the tests of text, reader and printer share.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lang/codec/printer.hpp"
#include "lang/reader/reader.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {

/// An interpreter thread, and the vars that reader and printer look at, with `user` current.
class TextTest : public ::testing::Test {
 protected:
  TextTest() {
    if (!core_vars().ns) create_core_vars();
    set_root(*core_vars().ns, Ref(find_or_create_ns("user")));
  }
  ThreadScope scope_;
};

inline std::shared_ptr<const Source> source_of(std::string_view text, std::string_view name = "test.clj") {
  auto source = std::make_shared<Source>();
  source->name = name;
  source->text = text;
  return source;
}

inline Ref read_one(std::string_view text, ReaderOptions options = {}) {
  return Reader(source_of(text), std::move(options)).read();
}

/// What `text` reads as, printed again; several forms with spaces between.
inline std::string reread(std::string_view text, const ReaderOptions& options = {}) {
  Reader reader(source_of(text), options);
  std::string out;
  for (;;) {
    Ref form = reader.read();
    if (form.get().is_none()) return out;
    if (!out.empty()) out += ' ';
    out += pr_str(form);
  }
}

/// The message of the error that `run` throws.
template <class F>
std::string thrown_message(F&& run) {
  try {
    run();
  } catch (const Thrown& thrown) {
    const Error& e = as<Error>(thrown.error());
    return e.message.is_nil() ? "" : std::string(text_of(e.message));
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

inline std::string read_error(std::string_view text, const ReaderOptions& options = {}) {
  return thrown_message([&] { reread(text, options); });
}

}  // namespace reops::lang
