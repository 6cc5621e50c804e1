#pragma once
// Candidates for a word, as lines below the text: names in columns, then how the chosen one is called and
// what it does.

#include <optional>
#include <vector>

#include "repl/frame.hpp"
#include "repl/knowledge.hpp"

namespace reops::repl {

std::vector<HintLine> menu_lines(const std::vector<Candidate>& candidates, std::optional<size_t> chosen,
                                 size_t columns, size_t most_rows);

/// What all candidates begin with.
std::string common_beginning(const std::vector<Candidate>& candidates);

}  // namespace reops::repl
