#pragma once
// What a terminal sends, as keys.

#include <optional>
#include <string>
#include <string_view>

namespace reops::repl {

enum class KeyName {
  character,  ///< `value`
  paste,      ///< `text`, between the marks of a bracketed paste
  enter,
  tab,
  back_tab,
  backspace,
  remove,
  left,
  right,
  up,
  down,
  home,
  end,
  page_up,
  page_down,
  escape,
  unknown  ///< a sequence that means nothing here
};

struct Key {
  KeyName name = KeyName::unknown;
  char32_t value = 0;  ///< of a character; with ctrl its lower case letter
  bool ctrl = false;
  bool alt = false;
  std::string text;

  bool is_ctrl(char32_t letter) const {
    return name == KeyName::character && ctrl && !alt && value == letter;
  }
  bool is_alt(char32_t letter) const { return name == KeyName::character && alt && !ctrl && value == letter; }
};

/// Turns bytes into keys as they come.
class KeyDecoder {
 public:
  void feed(std::string_view bytes) { pending_ += bytes; }
  /// The next key, or nullopt when what is there may be the beginning of a longer one.
  std::optional<Key> next();
  /// The same when nothing more has come for a while: a lone escape is the Escape key.
  std::optional<Key> next_after_pause();
  bool pending() const { return !pending_.empty(); }

 private:
  std::optional<Key> decode();
  std::optional<Key> escape_sequence();
  std::optional<Key> control_sequence();
  Key take(size_t bytes, Key key);

  std::string pending_;
};

}  // namespace reops::repl
