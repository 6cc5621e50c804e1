// reops.time: the native beneath lib/reops/time.clj.

#include "base/time_zone.hpp"
#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/number.hpp"

namespace reops::lang {
namespace {

Ref zone_offset(Args args) {
  std::string name(args[0].is_nil() ? std::string_view() : string_argument(args[0], "a time zone"));
  auto zone = base::TimeZone::named(name);
  if (!zone.ok()) throw_diagnostic(ErrorClass::illegal_argument, zone.error().type, zone.error().message);
  base::ZoneOffset offset = zone.value()->at(to_int(args[1], "a time in seconds"));
  Ref abbreviation = make_string(offset.abbreviation);
  return make_vector({Value::fixnum(offset.seconds), abbreviation, Value::boolean(offset.daylight_saving)});
}

constexpr NativeDef k_defs[] = {
    {"reops.internal", "zone-offset", zone_offset, 2, 2, k_borrow_all, "([zone seconds])",
     "[seconds east of Greenwich, abbreviation, daylight saving?] of a zone (nil: the machine's own) at a "
     "time in "
     "seconds since 1970."},
};

}  // namespace

extern const NativeModule k_natives_time_zones;
const NativeModule k_natives_time_zones = {"time_zones", k_defs};

}  // namespace reops::lang
