#pragma once
// Text to forms: all of Clojure 1.11's syntax.

#include <memory>
#include <optional>
#include <string>

#include "lang/reader/position.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

struct ReaderOptions {
  /// EDN only: no quote, deref, fn literals, syntax-quote, regex, eval, read conditionals.
  bool edn = false;
  enum class Conditionals { refuse, allow, preserve } conditionals = Conditionals::allow;
  /// Tag symbol → function, consulted before the built-in tags; nil to use *data-readers*.
  Ref data_readers;
  Ref default_reader;
  /// Further features for read conditionals, as a set of keywords; nil: none but our own.
  Ref features;
  /// Attach {:line :column} metadata to lists (files and the REPL do; read-string does not).
  bool line_metadata = true;
  /// Only these bytes of the text are read; positions still count from its beginning.
  size_t from = 0;
  size_t to = std::string::npos;
};

/// Reads forms one after another from one source. Syntax errors throw a reader error with file, line and
/// column in its data; `incomplete()` then tells whether more text could mend it (an open list, string …),
/// which is what a prompt asks.
class Reader {
 public:
  Reader(std::shared_ptr<const Source> source, ReaderOptions options = {});
  ~Reader();
  /// The next form, or none() (as a Ref) at the end of the text.
  Ref read();
  /// Positions of the form read last.
  const PositionTable& positions() const;
  std::shared_ptr<const Source> source() const;
  /// Where the next form would begin, as a byte offset.
  size_t offset() const;
  bool incomplete() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reops::lang
