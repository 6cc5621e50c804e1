#pragma once
// A definition as it is now, on the way to be a member of a unit.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lang/codec/cbor.hpp"
#include "lang/codec/shipping/unit.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

struct Draft {
  struct Target {
    Draft* draft;
    /// When that does not travel, the rest still does: a method of a protocol, of a multimethod or of a type.
    bool optional;
  };

  Ref object;
  MemberKind kind = MemberKind::value;
  std::string name;

  // What was written of it, and from what state.
  std::string body;
  std::string places;
  std::vector<Target> targets;  ///< by the numbers under which the body refers to them
  std::optional<Unwritable> refusal;
  Ref state;           ///< a var's root
  uint32_t epoch = 0;  ///< of dispatch
  uint64_t version = 0;

  // Where it went.
  std::shared_ptr<const Unit> unit;
  uint32_t index = 0;
  uint64_t fingerprint = 0;

  // While a parcel is packed: see packer.cpp.
  uint64_t round = 0;
  const Draft* refused_by = nullptr;  ///< itself, or a target
  uint32_t number = 0, low = 0;
  bool on_stack = false;
};

/// Finds the draft of a definition, making an empty one when there is none.
class Drafts {
 public:
  virtual Draft& draft_of(Value object, MemberKind kind) = 0;

 protected:
  ~Drafts() = default;
};

/// Whether what was written is still what the object is.
bool is_current(const Draft& draft);
/// Writes body, places, targets and refusal anew.
void write_draft(Draft& draft, Drafts& drafts);

}  // namespace reops::lang
