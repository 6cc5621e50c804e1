#include "wire/message.hpp"

#include <concepts>
#include <tuple>
#include <utility>

#include "lang/codec/cbor.hpp"

namespace reops::wire {
namespace {

using lang::CborItems;
using lang::CborMalformed;
using lang::CborWriter;
using lang::UnitHash;

// The parts of each message, in the order in which they are written; a newer program may add some at the end.
auto parts(auto& m) {
  using M = std::remove_const_t<std::remove_reference_t<decltype(m)>>;
  if constexpr (std::same_as<M, Hello>) {
    return std::tie(m.protocol, m.version, m.core, m.host, m.boot, m.token, m.capabilities, m.known);
  } else if constexpr (std::same_as<M, Lacks>) {
    return std::tie(m.id, m.units);
  } else if constexpr (std::same_as<M, Printed>) {
    return std::tie(m.id, m.error, m.text);
  } else if constexpr (std::same_as<M, Outcome>) {
    return std::tie(m.id, m.code, m.reason, m.value, m.out, m.err, m.started_ms, m.took_us);
  } else if constexpr (std::same_as<M, Welcome>) {
    return std::tie(m.name, m.heartbeat_ms);
  } else if constexpr (std::same_as<M, Refused>) {
    return std::tie(m.reason);
  } else if constexpr (std::same_as<M, Call>) {
    return std::tie(m.id, m.within_ms, m.streams, m.parcel, m.needs);
  } else if constexpr (std::same_as<M, Units>) {
    return std::tie(m.id, m.units);
  } else if constexpr (std::same_as<M, Units::Part>) {
    return std::tie(m.hash, m.content, m.places);
  } else if constexpr (std::same_as<M, Ask> || std::same_as<M, Forget>) {
    return std::tie(m.ids);
  } else if constexpr (std::same_as<M, Alive>) {
    return std::tie();
  } else {
    return std::tie(m.id);
  }
}

// Texts are written as bytes: what a program printed is not always UTF-8.
void write(CborWriter& out, int64_t n) { out.integer(n); }
void write(CborWriter& out, bool b) { out.boolean(b); }
void write(CborWriter& out, const std::string& s) { out.bytes(s); }
void write(CborWriter& out, const UnitHash& h) { out.bytes(h.view()); }
void write(CborWriter& out, const Units::Part& part);
template <class T>
void write(CborWriter& out, const std::vector<T>& items) {
  out.array(items.size());
  for (const T& item : items) write(out, item);
}
void write_parts(CborWriter& out, const auto& m) {
  std::apply([&](const auto&... part) { (write(out, part), ...); }, parts(m));
}
void write(CborWriter& out, const Units::Part& part) {
  out.array(3);
  write_parts(out, part);
}

void read(CborItems& in, int64_t& n) { n = in.integer("a number"); }
void read(CborItems& in, bool& b) { b = in.boolean("a flag"); }
void read(CborItems& in, std::string& s) { s = in.bytes("bytes"); }
void read(CborItems& in, UnitHash& h) {
  std::string_view bytes = in.bytes("a hash");
  if (bytes.size() != h.bytes.size()) in.fail("a hash has 32 bytes");
  h = UnitHash::from(bytes);
}
void read(CborItems& in, Units::Part& part);
template <class T>
void read(CborItems& in, std::vector<T>& items) {
  items.resize(in.array("a list"));
  for (T& item : items) read(in, item);
}
void read_parts(CborItems& in, auto& m) {
  std::apply([&](auto&... part) { (read(in, part), ...); }, parts(m));
}
void read(CborItems& in, Units::Part& part) {
  if (in.array("a unit") != 3) in.fail("a unit has three parts");
  read_parts(in, part);
}

template <size_t... i>
Message read_as(CborItems& in, size_t kind, size_t given, std::index_sequence<i...>) {
  Message message;
  bool known = ((i == kind &&
                 [&] {
                   auto& m = message.emplace<i>();
                   size_t expected = std::tuple_size_v<decltype(parts(m))>;
                   if (given != expected)
                     in.fail("the message has " + std::to_string(given) + " parts instead of " +
                             std::to_string(expected));
                   read_parts(in, m);
                   return true;
                 }()) ||
                ...);
  if (!known) in.fail("there is no message of kind " + std::to_string(kind));
  return message;
}

}  // namespace

std::string write_message(const Message& message) {
  std::string bytes;
  CborWriter out(bytes, lang::k_most_cbor_bytes);
  std::visit(
      [&](const auto& m) {
        out.array(1 + std::tuple_size_v<decltype(parts(m))>);
        out.integer(static_cast<int64_t>(message.index()));
        write_parts(out, m);
      },
      message);
  return bytes;
}

base::Result<Message> read_message(std::string_view bytes) {
  try {
    CborItems in(bytes);
    size_t items = in.array("a message");
    if (items == 0) in.fail("a message begins with its kind");
    int64_t kind =
        in.integer("the kind of a message", 0, static_cast<int64_t>(std::variant_size_v<Message>) - 1);
    Message message = read_as(in, static_cast<size_t>(kind), items - 1,
                              std::make_index_sequence<std::variant_size_v<Message>>());
    if (!in.at_end()) in.fail("more follows the message");
    return message;
  } catch (const CborMalformed& fault) {
    return base::Error{"wire/malformed", fault.what(), {}};
  }
}

}  // namespace reops::wire
