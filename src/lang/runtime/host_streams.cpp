// The methods of java.io's readers and writers that Clojure programs call.

#include "lang/codec/printer.hpp"
#include "lang/runtime/host.hpp"
#include "lang/runtime/host_tables.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/type_kinds.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

using HostArgs = std::span<const Value>;

Ref close_stream(Value v, HostArgs args) {
  expect_args("close", args, 0, 0);
  if (TextWriter* writer = resource_of<TextWriter>(v)) {
    writer->close();
  } else {
    input_argument(v).close();
  }
  return nil();
}

Ref flush_stream(Value v, HostArgs args) {
  expect_args("flush", args, 0, 0);
  writer_argument(v).flush();
  return nil();
}

// The part of `text` that an offset and a length after it name; in bytes for a byte string, else in
// characters.
std::string part_of(Value text, Value offset, Value length) {
  auto from = static_cast<size_t>(to_int(offset, "an offset"));
  size_t to = from + static_cast<size_t>(to_int(length, "a length"));
  bool bytes = is<ByteString>(text);
  size_t count = bytes ? as<ByteString>(text).length : as<String>(text).code_points;
  if (from > to || to > count) throw_index_out_of_bounds("There is no such part of what is to be written");
  if (bytes) return std::string(as<ByteString>(text).view().substr(from, to - from));
  const String& s = as<String>(text);
  size_t begin = byte_offset(s, from);
  return std::string(s.view().substr(begin, byte_offset(s, to) - begin));
}

// A number is a character's code point, as Writer.write takes it, or a byte where the stream is one of bytes.
Ref write_stream(Value v, HostArgs args) {
  expect_args("write", args, 1, 3);
  TextWriter& writer = writer_argument(v);
  std::string text;
  if (args.size() == 3 && (is<String>(args[0]) || is<ByteString>(args[0]))) {
    text = part_of(args[0], args[1], args[2]);
  } else if (is_int(args[0]) && writer.of_bytes()) {
    text += static_cast<char>(as_int(args[0]));
  } else if (is_int(args[0])) {
    append_utf8(text, static_cast<char32_t>(as_int(args[0])));
  } else if (const ByteString* bytes = try_as<ByteString>(args[0])) {
    text = bytes->view();
  } else {
    append_str(text, args[0]);
  }
  writer.write(text);
  return nil();
}

Ref print_text(Value v, std::string_view method, HostArgs args, std::string_view end) {
  expect_args(method, args, end.empty() ? 1 : 0, 1);
  std::string text;
  if (args.size() == 1 && args[0].is_nil()) text = "null";
  if (args.size() == 1) append_str(text, args[0]);
  text += end;
  writer_argument(v).write(text);
  return nil();
}
Ref print_stream(Value v, HostArgs args) { return print_text(v, "print", args, ""); }
Ref println_stream(Value v, HostArgs args) { return print_text(v, "println", args, "\n"); }
Ref new_line(Value v, HostArgs args) {
  expect_args("newLine", args, 0, 0);
  writer_argument(v).write("\n");
  return nil();
}

// As StringBuilder has it: a number is appended as its digits.
Ref append_stream(Value v, HostArgs args) {
  expect_args("append", args, 1, 1);
  std::string text;
  append_str(text, args[0]);
  writer_argument(v).write(text);
  return Ref(v);
}

Ref read_line(Value v, HostArgs args) {
  expect_args("readLine", args, 0, 0);
  std::optional<std::string> line = input_argument(v).read_line();
  return line ? make_string_lossy(*line) : nil();
}

Ref read_one(Value v, HostArgs args) {
  expect_args("read", args, 0, 0);
  TextInput& input = input_argument(v);
  if (input.of_bytes()) {
    std::optional<unsigned char> byte = input.read_byte();
    return integer(byte ? *byte : -1);
  }
  std::optional<char32_t> c = input.read_character();
  return integer(c ? static_cast<int64_t>(*c) : -1);
}

Ref unread(Value v, HostArgs args) {
  expect_args("unread", args, 1, 1);
  std::string text;
  if (input_argument(v).of_bytes()) {
    text += static_cast<char>(to_int(args[0], "a byte"));
  } else {
    append_utf8(
        text, args[0].is_char() ? args[0].as_char() : static_cast<char32_t>(to_int(args[0], "a character")));
  }
  input_argument(v).unread(text);
  return nil();
}

Ref read_all_bytes(Value v, HostArgs args) {
  expect_args("readAllBytes", args, 0, 0);
  return make_bytes(input_argument(v).read_all());
}

// Text that is gathered can be changed where it is, as a StringBuilder's.

StringWriter& builder_argument(Value v) {
  StringWriter* writer = resource_of<StringWriter>(v);
  if (!writer) throw_class_cast(v, "a StringBuilder");
  return *writer;
}
Ref text_value(Value v) { return make_string(builder_argument(v).text()); }

size_t byte_position(const Ref& text, Value index) {
  int64_t i = to_int(index, "an index");
  if (i < 0 || i > as<String>(text).code_points)
    throw_error(ErrorClass::string_index, "There is no index " + std::to_string(i) + " in the text");
  return byte_offset(as<String>(text), static_cast<size_t>(i));
}

Ref text_length(Value v, HostArgs args) {
  expect_args("length", args, 0, 0);
  return integer(as<String>(text_value(v)).code_points);
}
Ref insert_text(Value v, HostArgs args) {
  expect_args("insert", args, 2, 2);
  std::string added;
  append_str(added, args[1]);
  size_t at = byte_position(text_value(v), args[0]);
  builder_argument(v).edit([&](std::string& text) { text.insert(at, added); });
  return Ref(v);
}
Ref set_length(Value v, HostArgs args) {
  expect_args("setLength", args, 1, 1);
  size_t at = byte_position(text_value(v), args[0]);
  builder_argument(v).edit([&](std::string& text) { text.resize(at); });
  return nil();
}
Ref delete_text(Value v, HostArgs args) {
  expect_args("delete", args, 2, 2);
  Ref text = text_value(v);
  size_t from = byte_position(text, args[0]), to = byte_position(text, args[1]);
  if (from > to)
    throw_error(ErrorClass::string_index, "The end of what is to be deleted comes before its start");
  builder_argument(v).edit([&](std::string& t) { t.erase(from, to - from); });
  return Ref(v);
}
Ref delete_character(Value v, HostArgs args) {
  expect_args("deleteCharAt", args, 1, 1);
  Ref text = text_value(v);
  Value next = Value::fixnum(to_int(args[0], "an index") + 1);
  size_t from = byte_position(text, args[0]), to = byte_position(text, next);
  builder_argument(v).edit([&](std::string& t) { t.erase(from, to - from); });
  return Ref(v);
}
Ref reverse_text(Value v, HostArgs args) {
  expect_args("reverse", args, 0, 0);
  std::string text = builder_argument(v).text(), backwards;
  for (size_t end = text.size(); end > 0;) {
    size_t begin = end - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    backwards.append(text, begin, end - begin);
    end = begin;
  }
  builder_argument(v).edit([&](std::string& t) { t = backwards; });
  return Ref(v);
}
Ref itself(Value v, HostArgs args) {
  expect_args("getBuffer", args, 0, 0);
  return Ref(v);
}
// What remains are methods of the text as it is now.
template <size_t n>
Ref of_text(Value v, HostArgs args, const char (&method)[n]) {
  Ref text = text_value(v);
  return host_call(method, text, args);
}
Ref char_at(Value v, HostArgs args) { return of_text(v, args, "charAt"); }
Ref index_of(Value v, HostArgs args) { return of_text(v, args, "indexOf"); }
Ref substring(Value v, HostArgs args) { return of_text(v, args, "substring"); }
Ref is_empty(Value v, HostArgs args) { return of_text(v, args, "isEmpty"); }

constexpr HostMethod k_stream[] = {{"close", close_stream},
                                   {"flush", flush_stream},
                                   {"write", write_stream},
                                   {"append", append_stream},
                                   {"print", print_stream},
                                   {"println", println_stream},
                                   {"newLine", new_line},
                                   {"readLine", read_line},
                                   {"read", read_one},
                                   {"unread", unread},
                                   {"readAllBytes", read_all_bytes},
                                   {"length", text_length},
                                   {"insert", insert_text},
                                   {"setLength", set_length},
                                   {"delete", delete_text},
                                   {"deleteCharAt", delete_character},
                                   {"reverse", reverse_text},
                                   {"getBuffer", itself},
                                   {"charAt", char_at},
                                   {"indexOf", index_of},
                                   {"substring", substring},
                                   {"isEmpty", is_empty}};

constexpr HostMethods k_tables[] = {{kinds(Kind::Handle), k_stream, {}}};

}  // namespace

std::span<const HostMethods> stream_host_methods() { return k_tables; }

}  // namespace reops::lang
