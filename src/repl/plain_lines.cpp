#include "lang/runtime/streams.hpp"
#include "repl/line_source.hpp"

namespace reops::repl {
namespace {

// Reads through *in*, so that a form that calls read-line gets the lines that follow it.
class PlainLines : public LineSource {
 public:
  std::optional<std::string> read(const std::string&) override {
    std::optional<std::string> line = lang::current_in().read_line();
    if (line) *line += '\n';
    return line;
  }
  bool interactive() const override { return false; }
};

}  // namespace

std::unique_ptr<LineSource> plain_lines() { return std::make_unique<PlainLines>(); }

}  // namespace reops::repl
