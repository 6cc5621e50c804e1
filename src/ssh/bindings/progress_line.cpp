#include "ssh/bindings/progress_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/surroundings.hpp"
#include "lang/codec/terminal_text.hpp"

namespace reops::ssh {
namespace {

// What ends sooner needs no line.
constexpr base::Millis k_worth_showing{300};

std::size_t terminal_columns(int terminal) {
  winsize size{};
  return ::ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string elapsed_text(base::Millis elapsed) {
  const auto seconds = elapsed.count() / 1000;
  if (seconds < 60) return std::to_string(seconds) + " s";
  return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
}

}  // namespace

std::string progress_text(const Progress& p, std::size_t columns) {
  std::string text = std::to_string(p.done) + " of " + std::to_string(p.total) + " done";
  if (p.failed > 0) text += ", " + std::to_string(p.failed) + " failed";
  text += ", " + std::to_string(p.running) + " running";
  if (!p.slowest.empty()) text += ", slowest " + lang::terminal_text(p.slowest);
  text += ", " + elapsed_text(p.elapsed);
  // A name is ASCII nearly always; where it is not, the line is a little shorter than it might be.
  if (text.size() > columns) {
    std::size_t end = columns;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
  }
  return text;
}

bool ProgressLine::wanted() {
  const char* term = base::variable("TERM");
  const bool can_draw = term != nullptr && *term != '\0' && std::string_view(term) != "dumb";
  return can_draw && ::isatty(base::standard_error()) != 0 && base::person_waits();
}

void ProgressLine::show(const Progress& progress) {
  if (progress.elapsed < k_worth_showing) return;
  shown_ = true;
  // One column stays free: a full line would wrap in some terminals.
  put("\r\x1b[K" + progress_text(progress, std::max<std::size_t>(terminal_columns(terminal_), 2) - 1));
}

void ProgressLine::put(const std::string& text) const {
  // What the terminal does not take at once is not worth waiting for.
  [[maybe_unused]] const ssize_t written = ::write(terminal_, text.data(), text.size());
}

ProgressLine::ProgressLine() : terminal_(base::standard_error()) {}

ProgressLine::~ProgressLine() {
  if (shown_) put("\r\x1b[K");
}

}  // namespace reops::ssh
