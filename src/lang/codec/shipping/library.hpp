#pragma once
// From what was sent to values that work: the agent's side of functions that travel.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lang/codec/shipping/unit.hpp"
#include "lang/value/ref.hpp"

namespace reops::lang {

/// The definitions that have come, by hash; none of them is given a name that other code could look up. What
/// it is given is trusted: a unit can do all that a program can. For one thread.
class Library {
 public:
  bool has(const UnitHash& hash) const { return units_.contains(hash); }
  /// Makes the definitions of a unit. Throws for what is no unit, for one whose hash is another, and when a
  /// unit that it needs is not here.
  void install(const UnitHash& hash, std::string_view content, std::string_view places);
  /// The value of a parcel.
  Ref unpack(std::string_view parcel);

  /// What member `index` of a unit is, borrowed; none() when it is not here.
  Value member(const UnitHash& hash, uint32_t index) const;
  /// Where a type came from; false for one that did not come.
  bool find_type(Value type, UnitHash& hash, uint32_t& index) const;

 private:
  std::vector<Ref> make_members(std::string_view content, std::string_view places);

  struct Place {
    UnitHash hash;
    uint32_t index;
  };
  std::unordered_map<UnitHash, std::vector<Ref>> units_;
  std::unordered_map<uint64_t, Place> types_;  // by the type's word
};

}  // namespace reops::lang
