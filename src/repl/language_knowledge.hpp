#pragma once
// The editor's questions, answered by the language: reops.completion, loaded when first asked.

#include "repl/knowledge.hpp"

namespace reops::repl {

/// Errors of what it calls are nobody's concern while typing: then there is nothing to say.
class LanguageKnowledge : public Knowledge {
 public:
  std::vector<Candidate> completions(std::string_view prefix, std::string_view before) override;
  std::string signature(std::string_view symbol) override;
};

}  // namespace reops::repl
