#include "repl/nrepl/bencode.hpp"

#include <charconv>

namespace reops::repl {
namespace {

// An integer takes at most 20 characters, a length no more than 10.
constexpr std::size_t k_longest_number = 20;
constexpr std::size_t k_longest_length = 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <class Number>
bool parse_whole(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stopped == end;
}

void encode_text(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

}  // namespace

void encode_bencode(std::string& out, const Bencode& value) {
  if (const std::string* text = value.text()) {
    encode_text(out, *text);
  } else if (const std::int64_t* number = value.number()) {
    out += 'i';
    out += std::to_string(*number);
    out += 'e';
  } else if (const Bencode::List* list = value.list()) {
    out += 'l';
    for (const Bencode& item : *list) encode_bencode(out, item);
    out += 'e';
  } else {
    out += 'd';
    for (const auto& [key, item] : *value.dict()) {
      encode_text(out, key);
      encode_bencode(out, item);
    }
    out += 'e';
  }
}

base::Result<std::optional<Bencode>> BencodeDecoder::next() {
  Step last = Step::advanced;
  while (!whole_ && last == Step::advanced && problem_.empty()) {
    std::string_view rest = std::string_view(buffer_).substr(at_);
    last = rest.empty() ? Step::need_more : step(rest);
  }
  if (!problem_.empty()) return base::Error{"nrepl/bencode", problem_, {}};
  // What was consumed is dropped when it is most of the buffer, so that each byte moves a bounded number of
  // times.
  if (at_ > buffer_.size() / 2) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  return std::exchange(whole_, std::nullopt);
}

BencodeDecoder::Step BencodeDecoder::step(std::string_view rest) {
  const char c = rest[0];
  const bool key_wanted = !open_.empty() && open_.back().container.dict() && !open_.back().key;
  if (key_wanted && c != 'e' && !is_digit(c)) return fail("a key of a dictionary must be a string");
  switch (c) {
    case 'i':
      return read_number(rest);
    case 'l':
      return open(Bencode::List());
    case 'd':
      return open(Bencode::Dict());
    case 'e':
      return close();
    default:
      return is_digit(c) ? read_text(rest)
                         : fail("no value begins with byte " + std::to_string(static_cast<unsigned char>(c)));
  }
}

BencodeDecoder::Step BencodeDecoder::read_number(std::string_view rest) {
  const std::size_t end = rest.find('e');
  const std::size_t length = (end == std::string_view::npos ? rest.size() : end) - 1;
  if (length > k_longest_number) return fail("an integer is longer than 64 bits");
  if (end == std::string_view::npos) return Step::need_more;
  std::int64_t number = 0;
  const std::string_view digits = rest.substr(1, length);
  if (!parse_whole(digits, number)) return fail("'" + std::string(digits) + "' is no integer of 64 bits");
  const Step step = consume(end + 1);
  return step == Step::failed ? step : add(number);
}

BencodeDecoder::Step BencodeDecoder::read_text(std::string_view rest) {
  std::size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[digits])) ++digits;
  if (digits > k_longest_length) return fail("the length of a string has more than ten digits");
  if (digits == rest.size()) return Step::need_more;
  if (rest[digits] != ':') return fail("the length of a string must be followed by ':'");
  std::size_t length = 0;
  parse_whole(rest.substr(0, digits), length);
  const std::size_t whole = digits + 1 + length;
  // Refused before it has come, not after it was stored.
  if (message_bytes_ + whole > limits_.message_bytes) return consume(whole);
  if (rest.size() < whole) return Step::need_more;
  std::string text(rest.substr(digits + 1, length));
  const Step step = consume(whole);
  if (step == Step::failed) return step;
  if (!open_.empty() && open_.back().container.dict() && !open_.back().key) {
    open_.back().key = std::move(text);
    return Step::advanced;
  }
  return add(std::move(text));
}

BencodeDecoder::Step BencodeDecoder::open(Bencode container) {
  if (open_.size() >= limits_.depth)
    return fail("a message is nested more than " + std::to_string(limits_.depth) + " deep");
  open_.push_back({std::move(container), std::nullopt});
  return consume(1);
}

BencodeDecoder::Step BencodeDecoder::close() {
  if (open_.empty()) return fail("an end without a beginning");
  if (open_.back().key) return fail("a key of a dictionary has no value");
  Bencode closed = std::move(open_.back().container);
  open_.pop_back();
  const Step step = consume(1);
  return step == Step::failed ? step : add(std::move(closed));
}

BencodeDecoder::Step BencodeDecoder::add(Bencode value) {
  if (open_.empty()) {
    whole_ = std::move(value);
    message_bytes_ = message_items_ = 0;
    return Step::advanced;
  }
  Open& around = open_.back();
  if (Bencode::List* list = around.container.list()) {
    list->push_back(std::move(value));
  } else {
    around.container.dict()->insert_or_assign(*std::exchange(around.key, std::nullopt), std::move(value));
  }
  return Step::advanced;
}

// One token, whose `bytes` need not all have come when they are too many.
BencodeDecoder::Step BencodeDecoder::consume(std::size_t bytes) {
  message_bytes_ += bytes;
  if (message_bytes_ > limits_.message_bytes)
    return fail("a message is larger than " + std::to_string(limits_.message_bytes) + " bytes");
  if (++message_items_ > limits_.message_items)
    return fail("a message has more than " + std::to_string(limits_.message_items) + " parts");
  at_ += bytes;
  return Step::advanced;
}

BencodeDecoder::Step BencodeDecoder::fail(std::string message) {
  problem_ = "Not understood as bencode: " + std::move(message);
  return Step::failed;
}

}  // namespace reops::repl
