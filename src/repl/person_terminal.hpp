#pragma once
// The terminal of a person whose prompt is attached: what is written for them, by whichever thread, and what
// they type. Its descriptors come from the process that the person sees; that process also says when the
// window changes, when the person is away, and when they are gone.
//
// 1. The prompt's own thread alone waits for a terminal that takes no more. What other threads print
// meanwhile is
//    kept, up to a limit, and they go on: a terminal that nobody reads holds nothing up but its own prompt.
// 2. While a form is being typed, what is printed is kept for the editor, which shows it above.
// 3. Once the person is gone, what is printed goes to the process's own output.

#include <termios.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/surroundings.hpp"
#include "base/unique_fd.hpp"

namespace reops::repl {

struct TerminalSize {
  size_t columns = 80;
  size_t rows = 24;
};

class PersonTerminal {
 public:
  /// `suspend` asks the process at the terminal to go back to the shell, which says later that the person is
  /// back.
  PersonTerminal(base::Surroundings::Given given, std::function<void()> suspend);
  PersonTerminal(const PersonTerminal&) = delete;
  PersonTerminal& operator=(const PersonTerminal&) = delete;

  base::Surroundings& surroundings() { return surroundings_; }
  const base::Surroundings& surroundings() const { return surroundings_; }
  /// Is there a person at a terminal that can move its cursor?
  bool can_edit() const;
  /// May colours be shown? Not with NO_COLOR, and not by a dumb terminal.
  bool shows_colors() const;
  bool is_terminal(bool err) const { return err ? err_is_terminal_ : out_is_terminal_; }
  TerminalSize size() const;

  // What happens to it; any thread.
  void note_resized();
  void note_interrupt();
  void note_away(bool away);
  void note_gone();

  // What is printed; any thread of the language.
  void print(std::string_view text, bool err);
  void flush();

  // What is typed.
  /// Waits until there is something, as a blocking region; false when the person is gone.
  bool wait_for_typing();
  /// Appends some of what has been typed; false at the end of the input.
  bool read_typed(std::string& input);
  bool more_typed() const;

  // For the prompt's own thread, while a form is being typed.
  enum class Event { bytes, pause, resized, interrupted, closed, printed, returned };
  /// Waits for the next thing that happens, at most `timeout_ms` (-1: for ever); bytes are appended to
  /// `input`.
  Event wait(std::string& input, int timeout_ms);
  /// Writes at once, whatever is kept.
  void draw(std::string_view text);
  std::string take_printed();
  void set_editing(bool editing);
  bool editing() const;
  /// Sets the modes of its input, unless the person is away: they are the shell's then. `fd` is open on it.
  void set_modes(int fd, const termios& modes) const;
  /// Waits until the person is not away (any more).
  void wait_for_return();
  /// The person goes back to the shell, until they return.
  void suspend();

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct OpenedAnew {
    base::Surroundings::Given given;
    bool never_waits;
  };

  PersonTerminal(OpenedAnew opened, std::function<void()> suspend);
  static OpenedAnew open_anew(base::Surroundings::Given given);
  bool is_dumb() const;
  void keep(std::string_view text);
  std::string take_kept();
  void drain(Lock& lock);
  size_t write_some(int fd, std::string_view text) const;
  /// Returns what could not be written, because the person is gone.
  std::string_view write_all(int fd, std::string_view text);
  static void print_elsewhere(std::string_view text);
  void wake() const;

  base::Surroundings surroundings_;
  const std::function<void()> suspend_;
  const bool in_is_terminal_, out_is_terminal_, err_is_terminal_;
  /// Whether writing never waits: the description of the terminal is our own.
  bool never_waits_ = false;
  base::UniqueFd happened_;  ///< readable when something below has changed that `wait` is to see

  mutable std::mutex mutex_;  ///< guards what follows
  std::string kept_;
  size_t left_out_ = 0;  ///< bytes that were too much to be kept
  bool editing_ = false;
  bool writing_ = false;
  bool resized_ = false;
  bool interrupted_ = false;
  bool printed_ = false;
};

}  // namespace reops::repl
