#pragma once
// What controller and agent say to each other: messages, each an array in CBOR. Knows nothing of what carries
// them.
//
// A call has one outcome. The agent writes its id down before the code runs and keeps the outcome until the
// controller says that it has it, so that after any loss of the connection, or of either program, each side
// can tell what became of it.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "lang/codec/shipping/unit.hpp"

namespace reops::wire {

/// Of the messages; another one is refused with a sentence for people.
inline constexpr int64_t k_protocol = 1;

/// 16 bytes: eight that stand for the controller's start, eight that count its calls.
using CallId = std::string;

// From the agent.

/// The first message of a connection, sent again whenever it may have been lost.
struct Hello {
  int64_t protocol = k_protocol;
  std::string version;
  std::string core;   ///< hash of the image: with the same core, names of the core mean the same
  std::string host;   ///< what the machine calls itself
  std::string boot;   ///< made anew at each start of the agent
  std::string token;  ///< of an invitation; empty without
  std::vector<std::string> capabilities;
  std::vector<CallId> known;  ///< calls that are running, or whose outcome is kept
};
/// Nothing else was sent for a while.
struct Alive {};
/// Units that a call needs and the agent has not.
struct Lacks {
  CallId id;
  std::vector<lang::UnitHash> units;
};
/// The call is written down; its code runs from now on.
struct Started {
  CallId id;
};
/// What the code printed, as it comes.
struct Printed {
  CallId id;
  bool error = false;  ///< to *err*
  std::string text;
};
/// How a call ended.
struct Outcome {
  CallId id;
  /// 0: `value` is the result; 256: what was thrown; -1: certainly never started; -2: started, and cut off.
  int64_t code = 0;
  std::string reason;  ///< of -1 and -2: "busy", "timeout/exec", "cancelled", "memory", "crashed" …
  std::string
      value;  ///< a parcel of results (lang/codec/shipping/results.hpp); of -1 and -2 a text for people
  std::string out, err;
  int64_t started_ms = 0;  ///< since 1970, by the agent's clock
  int64_t took_us = 0;
};
/// Asked for a call that the agent has never started, or whose outcome it no longer has.
struct Unknown {
  CallId id;
};

// From the controller.

/// The agent is known; calls may come.
struct Welcome {
  std::string name;  ///< under which it was accepted
  int64_t heartbeat_ms = 0;
};
/// The agent is not let in now; it asks again.
struct Refused {
  std::string reason;
};
struct Call {
  CallId id;
  int64_t within_ms = 0;              ///< of running, from its start
  bool streams = false;               ///< whether printed text is sent as it comes
  std::string parcel;                 ///< of a vector: the function, then its arguments
  std::vector<lang::UnitHash> needs;  ///< all of them, each after those that it needs itself
};
/// What was lacking.
struct Units {
  struct Part {
    lang::UnitHash hash;
    std::string content, places;
  };
  CallId id;
  std::vector<Part> units;
};
struct Cancel {
  CallId id;
};
/// What became of these? Each is answered by Started, Outcome or Unknown.
struct Ask {
  std::vector<CallId> ids;
};
/// The outcomes have come and need not be kept.
struct Forget {
  std::vector<CallId> ids;
};

using Message = std::variant<Hello, Alive, Lacks, Started, Printed, Outcome, Unknown, Welcome, Refused, Call,
                             Units, Cancel, Ask, Forget>;

std::string write_message(const Message& message);
/// An error ("wire/malformed") for what is none, whoever made it.
base::Result<Message> read_message(std::string_view bytes);

}  // namespace reops::wire
