// A terminal that cannot move its cursor: lines as it edits them itself.

#include "lang/runtime/streams.hpp"
#include "lang/value/error.hpp"
#include "lang/vm/thread.hpp"
#include "repl/line_source.hpp"

namespace reops::repl {
namespace {

class PromptedLines : public LineSource {
 public:
  std::optional<std::string> read(const std::string& prompt) override {
    interrupted_ = false;
    std::optional<std::string> line;
    try {
      lang::current_out().write(prompt);
      lang::current_out().flush();
      line = lang::current_in().read_line();
    } catch (const lang::Thrown& t) {
      if (lang::as<lang::Error>(t.error()).error_class != lang::ErrorClass::interrupted) throw;
      lang::clear_interrupt(lang::this_thread());
      interrupted_ = true;
      lang::current_out().write("\n");
      return std::nullopt;
    }
    if (line) *line += '\n';
    return line;
  }
  bool interrupted() const override { return interrupted_; }
  bool interactive() const override { return true; }

 private:
  bool interrupted_ = false;
};

}  // namespace

std::unique_ptr<LineSource> prompted_lines() { return std::make_unique<PromptedLines>(); }

}  // namespace reops::repl
