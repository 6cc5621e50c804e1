#include <fcntl.h>
#include <histedit.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>

#include "lang/vm/parking.hpp"
#include "repl/line_source.hpp"

namespace reops::repl {
namespace {

constexpr int k_history_size = 2000;

// libedit asks for the prompt through a callback that gets the editor only.
char* current_prompt(EditLine* editor) {
  const std::string* prompt = nullptr;
  el_get(editor, EL_CLIENTDATA, &prompt);
  return const_cast<char*>(prompt->c_str());
}

volatile sig_atomic_t g_interrupted = 0;
void note_interrupt(int) { g_interrupted = 1; }

// Ctrl-C at the prompt gives up the line: the handler stands only while a line is being read, and without
// SA_RESTART, so that the read comes back.
class InterruptNoted {
 public:
  InterruptNoted() {
    g_interrupted = 0;
    struct sigaction action {};
    action.sa_handler = note_interrupt;
    sigaction(SIGINT, &action, &before_);
  }
  ~InterruptNoted() { sigaction(SIGINT, &before_, nullptr); }
  InterruptNoted(const InterruptNoted&) = delete;
  InterruptNoted& operator=(const InterruptNoted&) = delete;

 private:
  struct sigaction before_ {};
};

class TerminalLines : public LineSource {
 public:
  explicit TerminalLines(std::string history_path) : history_path_(std::move(history_path)) {
    std::setlocale(LC_CTYPE, "");
    editor_ = el_init("reops", stdin, stdout, stderr);
    history_ = history_init();
    HistEvent event;
    history(history_, &event, H_SETSIZE, k_history_size);
    history(history_, &event, H_SETUNIQUE, 1);
    el_set(editor_, EL_CLIENTDATA, &prompt_);
    el_set(editor_, EL_PROMPT, current_prompt);
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_HIST, history, history_);
    el_set(editor_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    // A Ctrl-D typed while something was being evaluated reaches the editor as a zero byte.
    el_set(editor_, EL_BIND, "^@", "em-delete-or-list", nullptr);
    if (!history_path_.empty()) history(history_, &event, H_LOAD, history_path_.c_str());
  }
  ~TerminalLines() override {
    HistEvent event;
    if (!history_path_.empty()) {
      int fd = open(history_path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
      if (fd >= 0) close(fd);
      history(history_, &event, H_SAVE, history_path_.c_str());
    }
    history_end(history_);
    el_end(editor_);
  }
  TerminalLines(const TerminalLines&) = delete;
  TerminalLines& operator=(const TerminalLines&) = delete;

  std::optional<std::string> read(const std::string& prompt) override {
    prompt_ = prompt;
    int count = 0;
    InterruptNoted noted;
    const char* line = nullptr;
    {
      // However long the person thinks, other threads' handshakes and collections pass by. So nothing that
      // the editor calls back may touch values of the language.
      lang::BlockingRegion waiting([] {});
      line = el_gets(editor_, &count);
    }
    interrupted_ = g_interrupted != 0;
    if (interrupted_) {
      el_reset(editor_);
      std::fputs("\n", stdout);
      return std::nullopt;
    }
    if (!line || count <= 0) return std::nullopt;
    return std::string(line, static_cast<size_t>(count));
  }
  bool interrupted() const override { return interrupted_; }
  void remember(const std::string& form) override {
    HistEvent event;
    history(history_, &event, H_ENTER, form.c_str());
  }
  bool interactive() const override { return true; }

 private:
  std::string history_path_;
  std::string prompt_;
  EditLine* editor_;
  History* history_;
  bool interrupted_ = false;
};

}  // namespace

std::unique_ptr<LineSource> terminal_lines(const std::string& history_path) {
  return std::make_unique<TerminalLines>(history_path);
}

}  // namespace reops::repl
