#pragma once
// From a value to what has to be sent of it: the controller's side of functions that travel.

#include <memory>
#include <unordered_map>
#include <vector>

#include "lang/codec/shipping/draft.hpp"
#include "lang/codec/shipping/unit.hpp"

namespace reops::lang {

/// A value ready to travel, as it was at one moment: what is redefined later does not change it.
struct Parcel {
  /// A unit of one member: the value, with references to other units.
  std::string value;
  /// All that it needs, each after those that it needs itself.
  std::vector<std::shared_ptr<const Unit>> units;
};

/// Packs values, and remembers what it has packed, so that packing the same function again costs little. For
/// any thread.
class Packer : private Drafts {
 public:
  Packer();
  ~Packer();

  /// Throws illegal-argument, with the way to it in words, for what cannot travel: cells, open resources,
  /// functions of modules.
  Parcel pack(Value v);

  /// The type that went out as this member of a unit, or none(): for records that come back.
  Value type_called(const UnitHash& hash, uint32_t index);

 private:
  Draft& draft_of(Value object, MemberKind kind) override;
  void visit(Draft& root);
  void spread_refusals();
  void number(Draft& draft);
  void settle(std::vector<Draft*> members);
  void forget_if_many();
  [[noreturn]] static void refuse(const Draft& root);

  Ref monitor_;  // a lock that code of the language may run under: writing a lazy sequence realises it
  bool packing_ = false;
  std::unordered_map<uint64_t, std::unique_ptr<Draft>> drafts_;  // by the object's word
  std::unordered_map<UnitHash, std::vector<Ref>> types_;         // member types of units that went out
  uint64_t round_ = 0;

  // While packing.
  std::vector<Draft*> visited_;
  std::vector<Draft*> stack_;
  std::vector<std::shared_ptr<const Unit>> units_;
  uint32_t next_number_ = 0;
};

/// The one of this program, for all that it sends.
Packer& program_packer();

}  // namespace reops::lang
