#pragma once
// Bencode, the encoding of nREPL's messages: byte strings, integers, lists and dictionaries.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace reops::repl {

class Bencode {
 public:
  using List = std::vector<Bencode>;
  using Dict = std::map<std::string, Bencode, std::less<>>;

  Bencode() : value_(std::string()) {}
  Bencode(std::string text) : value_(std::move(text)) {}
  Bencode(std::string_view text) : value_(std::string(text)) {}
  Bencode(const char* text) : value_(std::string(text)) {}
  Bencode(std::int64_t number) : value_(number) {}
  Bencode(List list) : value_(std::move(list)) {}
  Bencode(Dict dict) : value_(std::move(dict)) {}

  /// The content if it is of that type, else null.
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const std::int64_t* number() const { return std::get_if<std::int64_t>(&value_); }
  const List* list() const { return std::get_if<List>(&value_); }
  const Dict* dict() const { return std::get_if<Dict>(&value_); }
  List* list() { return std::get_if<List>(&value_); }
  Dict* dict() { return std::get_if<Dict>(&value_); }

  bool operator==(const Bencode& other) const = default;

 private:
  std::variant<std::string, std::int64_t, List, Dict> value_;
};

/// Appends the one encoding that `value` has (keys sorted).
void encode_bencode(std::string& out, const Bencode& value);

/// What a peer may make us hold.
struct BencodeLimits {
  std::size_t message_bytes = std::size_t{32} << 20;
  std::size_t message_items = 100'000;
  std::size_t depth = 32;
};

/// Takes bytes as they come and gives whole values. Each byte is looked at once, however small the pieces
/// are that it comes in. After an error nothing that follows can be understood.
class BencodeDecoder {
 public:
  explicit BencodeDecoder(BencodeLimits limits = {}) : limits_(limits) {}

  void feed(std::string_view bytes) { buffer_ += bytes; }
  /// The next whole value; nullopt when more bytes are needed.
  base::Result<std::optional<Bencode>> next();

 private:
  struct Open {
    Bencode container;
    std::optional<std::string> key;  ///< of a dictionary, whose value is awaited
  };
  enum class Step { need_more, advanced, failed };

  // Each looks at what is left of the buffer, which begins with its own first byte, and consumes all of its
  // token or nothing.
  Step step(std::string_view rest);
  Step read_number(std::string_view rest);
  Step read_text(std::string_view rest);
  Step open(Bencode container);
  Step close();

  Step add(Bencode value);
  Step consume(std::size_t bytes);
  Step fail(std::string message);

  BencodeLimits limits_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::vector<Open> open_;
  std::optional<Bencode> whole_;
  std::string problem_;
  std::size_t message_bytes_ = 0;
  std::size_t message_items_ = 0;
};

}  // namespace reops::repl
