// The methods of java.io's readers and writers that Clojure programs call.

#include "lang/codec/printer.hpp"
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

// A character may be given by its code point, as Writer.write takes it.
Ref write_stream(Value v, HostArgs args) {
  expect_args("write", args, 1, 1);
  std::string text;
  if (is_int(args[0])) {
    append_utf8(text, static_cast<char32_t>(as_int(args[0])));
  } else {
    append_str(text, args[0]);
  }
  writer_argument(v).write(text);
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

Ref read_character(Value v, HostArgs args) {
  expect_args("read", args, 0, 0);
  std::optional<char32_t> c = input_argument(v).read_character();
  return integer(c ? static_cast<int64_t>(*c) : -1);
}

constexpr HostMethod k_stream[] = {{"close", close_stream}, {"flush", flush_stream},
                                   {"write", write_stream}, {"append", append_stream},
                                   {"readLine", read_line}, {"read", read_character}};

constexpr HostMethods k_tables[] = {{kinds(Kind::Handle), k_stream, {}}};

}  // namespace

std::span<const HostMethods> stream_host_methods() { return k_tables; }

}  // namespace reops::lang
