#pragma once
// Time zones from the system's database (RFC 8536).

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace reops::base {

/// What clocks show in a zone at some time.
struct ZoneOffset {
  int32_t seconds = 0;  ///< east of Greenwich
  bool daylight_saving = false;
  std::string abbreviation;
};

/// The history, and the rule for the future, of one zone. Immutable.
class TimeZone {
 public:
  /// "Europe/Berlin"; empty for the machine's own zone ($TZ, /etc/localtime). Loaded once each.
  static Result<std::shared_ptr<const TimeZone>> named(const std::string& name);
  /// From the bytes of a TZif file.
  static Result<std::shared_ptr<const TimeZone>> parse(std::string_view bytes, const std::string& name);

  static std::shared_ptr<const TimeZone> utc();

  ZoneOffset at(int64_t unix_seconds) const;

 private:
  /// A day of a year on which clocks change: Mm.w.d, Jn or n of a POSIX TZ string, and the second of that
  /// day.
  struct Change {
    char kind = 'M';
    int month = 0, week = 0, day = 0;
    int32_t time = 7200;
    int64_t in_year(int64_t year) const;  ///< local seconds since 1970
  };
  struct Rule {
    ZoneOffset standard, saving;
    bool changes = false;
    Change to_saving, to_standard;
  };

  bool parse_rule(std::string_view text);
  ZoneOffset by_rule(int64_t unix_seconds) const;

  std::vector<int64_t> transitions_;
  std::vector<uint8_t> types_;  ///< into offsets_, one for each transition
  std::vector<ZoneOffset> offsets_;
  Rule rule_;
  bool has_rule_ = false;
};

}  // namespace reops::base
