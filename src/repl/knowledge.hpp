#pragma once
// What the editor asks the language: which names there are, and how they are called.

#include <string>
#include <string_view>
#include <vector>

namespace reops::repl {

struct Candidate {
  std::string text;       ///< stands in the place of what was typed
  std::string type;       ///< "function", "macro", "namespace" …
  std::string signature;  ///< "([f coll] …)", where it has one
  std::string doc;
};

class Knowledge {
 public:
  virtual ~Knowledge() = default;
  /// What `prefix` may become; `before` is all that stands before it in the form.
  virtual std::vector<Candidate> completions(std::string_view prefix, std::string_view before) = 0;
  /// How what `symbol` names is called: "clojure.core/map ([f] [f coll] …)"; empty when it is not known.
  virtual std::string signature(std::string_view symbol) = 0;
};

}  // namespace reops::repl
