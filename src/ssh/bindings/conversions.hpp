#pragma once
// Requests and outcomes of the engine as the language has them: maps.

#include <string>

#include "lang/value/ref.hpp"
#include "ssh/outcome.hpp"
#include "ssh/target.hpp"

namespace reops::ssh {

/// The text or bytes of an option; empty when there is none.
std::string text_option(lang::Value map, const char* key, bool required = false);
/// Sets `deadline` when the map has that key.
void read_millis(lang::Value map, const char* key, base::Millis& deadline);
/// A whole number of at least `least`; `otherwise` when the map does not have that key.
std::int64_t number_option(lang::Value map, const char* key, std::int64_t least, std::int64_t otherwise);

Target read_target(lang::Value map);
Request read_request(lang::Value map);
Retry read_retry(lang::Value map);

/// A map in the making.
class MapMaker {
 public:
  MapMaker();
  void put(const char* key, lang::Ref value);
  /// Not when it is empty. Bytes that are no UTF-8 are shown as such.
  void put_text(const char* key, const std::string& text);
  lang::Ref take() { return std::move(map_); }

 private:
  lang::Ref map_;
};

/// Makes the maps of a batch's outcomes. What hosts have in common is made once.
class OutcomeMaps {
 public:
  lang::Ref make(const Outcome& outcome);

 private:
  lang::Ref algorithms(const Outcome& outcome);

  std::string last_algorithms_;
  lang::Ref last_algorithms_map_;
};

}  // namespace reops::ssh
