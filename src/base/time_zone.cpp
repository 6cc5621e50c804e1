#include "base/time_zone.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>

#include "base/files.hpp"

namespace reops::base {
namespace {

constexpr int64_t k_day = 86400;
constexpr const char* k_database = "/usr/share/zoneinfo/";

/// Big-endian integers from a file that may be cut off: reading past the end marks it as bad.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  bool good() const { return good_; }
  std::string_view take(size_t n) {
    if (bytes_.size() < n) {
      good_ = false;
      return {};
    }
    std::string_view taken = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return taken;
  }
  int64_t integer(size_t n) {
    std::string_view taken = take(n);
    uint64_t value = !taken.empty() && (taken[0] & 0x80) ? ~uint64_t{0} : 0;
    for (char c : taken) value = value << 8 | static_cast<unsigned char>(c);
    return static_cast<int64_t>(value);
  }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

struct Counts {
  size_t is_ut, is_standard, leaps, transitions, types, characters;
};

bool read_header(Bytes& in, char& version, Counts& counts) {
  if (in.take(4) != "TZif") return false;
  std::string_view v = in.take(16);
  if (v.empty()) return false;
  version = v[0];
  for (size_t* n : {&counts.is_ut, &counts.is_standard, &counts.leaps, &counts.transitions, &counts.types,
                    &counts.characters}) {
    *n = static_cast<size_t>(in.integer(4)) & 0xFFFFFFFF;
    if (*n > 1'000'000) return false;
  }
  return in.good() && counts.types > 0;
}

// A POSIX TZ string, piece by piece.
class RuleText {
 public:
  explicit RuleText(std::string_view text) : text_(text) {}
  bool done() const { return text_.empty(); }
  bool skip(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  char peek() const { return text_.empty() ? '\0' : text_[0]; }
  bool name(std::string& out) {
    size_t end = 0;
    if (skip('<')) {
      end = text_.find('>');
      if (end == std::string_view::npos) return false;
      out = text_.substr(0, end);
      text_.remove_prefix(end + 1);
      return true;
    }
    while (end < text_.size() && std::isalpha(static_cast<unsigned char>(text_[end]))) ++end;
    out = text_.substr(0, end);
    text_.remove_prefix(end);
    return end >= 3;
  }
  bool number(int32_t& out) {
    size_t end = 0;
    out = 0;
    while (end < text_.size() && end < 6 && std::isdigit(static_cast<unsigned char>(text_[end])))
      out = out * 10 + (text_[end++] - '0');
    text_.remove_prefix(end);
    return end > 0;
  }
  // [+-]hh[:mm[:ss]]
  bool time(int32_t& seconds) {
    int32_t sign = skip('-') ? -1 : 1;
    if (sign == 1) skip('+');
    int32_t h = 0, m = 0, s = 0;
    if (!number(h) || (skip(':') && (!number(m) || (skip(':') && !number(s))))) return false;
    seconds = sign * (h * 3600 + m * 60 + s);
    return true;
  }

 private:
  std::string_view text_;
};

bool is_zone_name(const std::string& name) {
  if (name.empty() || name[0] == '/' || name.find("..") != std::string::npos) return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

int64_t days_of(int64_t year, int month, int day) {
  using namespace std::chrono;
  return sys_days(std::chrono::year(static_cast<int>(year)) / month / day).time_since_epoch().count();
}

}  // namespace

int64_t TimeZone::Change::in_year(int64_t year) const {
  int64_t d = 0;
  if (kind == 'J') {
    // February 29 is never counted.
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    d = days_of(year, 1, 1) + day - 1 + (leap && day >= 60 ? 1 : 0);
  } else if (kind == 'n') {
    d = days_of(year, 1, 1) + day;
  } else {
    int64_t first = days_of(year, month, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7;
    d = first + (day - weekday + 7) % 7 + 7 * (week - 1);
    int64_t next_month = month == 12 ? days_of(year + 1, 1, 1) : days_of(year, month + 1, 1);
    while (d >= next_month) d -= 7;
  }
  return d * k_day + time;
}

bool TimeZone::parse_rule(std::string_view text) {
  RuleText in(text);
  int32_t west = 0;
  if (!in.name(rule_.standard.abbreviation) || !in.time(west)) return false;
  rule_.standard.seconds = -west;
  if (in.done()) return true;
  if (!in.name(rule_.saving.abbreviation)) return false;
  rule_.saving.daylight_saving = true;
  rule_.saving.seconds = rule_.standard.seconds + 3600;
  if (in.peek() != ',') {
    if (!in.time(west)) return false;
    rule_.saving.seconds = -west;
  }
  for (Change* change : {&rule_.to_saving, &rule_.to_standard}) {
    if (!in.skip(',')) return false;
    if (in.skip('M')) {
      if (!in.number(change->month) || !in.skip('.') || !in.number(change->week) || !in.skip('.') ||
          !in.number(change->day) || change->month < 1 || change->month > 12 || change->week < 1 ||
          change->week > 5 || change->day > 6)
        return false;
    } else {
      change->kind = in.skip('J') ? 'J' : 'n';
      if (!in.number(change->day) || change->day > 365) return false;
    }
    if (in.skip('/') && !in.time(change->time)) return false;
  }
  rule_.changes = true;
  return in.done();
}

ZoneOffset TimeZone::by_rule(int64_t t) const {
  // Years that calendars do not reach have no summer.
  constexpr int64_t k_farthest = int64_t{10'000} * 366 * k_day;
  if (!rule_.changes || t > k_farthest || t < -k_farthest) return rule_.standard;
  using namespace std::chrono;
  int64_t local_day =
      (t + rule_.standard.seconds) / k_day - ((t + rule_.standard.seconds) % k_day < 0 ? 1 : 0);
  year_month_day date{sys_days(days(local_day))};
  int64_t year = static_cast<int>(date.year());
  int64_t begin = rule_.to_saving.in_year(year) - rule_.standard.seconds;
  int64_t end = rule_.to_standard.in_year(year) - rule_.saving.seconds;
  bool saving = begin < end ? t >= begin && t < end : t >= begin || t < end;
  return saving ? rule_.saving : rule_.standard;
}

ZoneOffset TimeZone::at(int64_t t) const {
  if (transitions_.empty() || t >= transitions_.back()) {
    if (has_rule_) return by_rule(t);
    return transitions_.empty() ? offsets_[0] : offsets_[types_.back()];
  }
  auto after = std::upper_bound(transitions_.begin(), transitions_.end(), t);
  if (after == transitions_.begin()) {
    auto standard = std::find_if(offsets_.begin(), offsets_.end(),
                                 [](const ZoneOffset& o) { return !o.daylight_saving; });
    return standard == offsets_.end() ? offsets_[0] : *standard;
  }
  return offsets_[types_[static_cast<size_t>(after - transitions_.begin()) - 1]];
}

Result<std::shared_ptr<const TimeZone>> TimeZone::parse(std::string_view bytes, const std::string& name) {
  Error bad{"reops/time-zone", "The time zone data of " + name + " cannot be read", {}};
  Bytes in(bytes);
  char version = 0;
  Counts counts{};
  if (!read_header(in, version, counts)) return bad;
  size_t width = 4;
  if (version >= '2') {
    // The first block is for programs of old, which know 32 bits alone.
    in.take(counts.transitions * 5 + counts.types * 6 + counts.characters + counts.leaps * 8 +
            counts.is_standard + counts.is_ut);
    width = 8;
    if (!read_header(in, version, counts)) return bad;
  }
  auto zone = std::make_shared<TimeZone>();
  for (size_t i = 0; i < counts.transitions; ++i) zone->transitions_.push_back(in.integer(width));
  for (char c : in.take(counts.transitions)) zone->types_.push_back(static_cast<uint8_t>(c));
  std::vector<size_t> names;
  for (size_t i = 0; i < counts.types; ++i) {
    ZoneOffset offset;
    offset.seconds = static_cast<int32_t>(in.integer(4));
    offset.daylight_saving = in.integer(1) != 0;
    names.push_back(static_cast<uint8_t>(in.integer(1)));
    zone->offsets_.push_back(offset);
  }
  std::string_view characters = in.take(counts.characters);
  in.take(counts.leaps * (width + 4) + counts.is_standard + counts.is_ut);
  if (!in.good() || !std::is_sorted(zone->transitions_.begin(), zone->transitions_.end())) return bad;
  for (uint8_t type : zone->types_)
    if (type >= counts.types) return bad;
  for (size_t i = 0; i < counts.types; ++i) {
    if (names[i] >= characters.size()) return bad;
    std::string_view from = characters.substr(names[i]);
    zone->offsets_[i].abbreviation = from.substr(0, from.find('\0'));
  }
  if (width == 8) {
    std::string_view footer = in.rest();
    if (footer.starts_with('\n')) {
      footer.remove_prefix(1);
      footer = footer.substr(0, footer.find('\n'));
      if (!footer.empty()) {
        if (!zone->parse_rule(footer)) return bad;
        zone->has_rule_ = true;
      }
    }
  }
  return std::shared_ptr<const TimeZone>(std::move(zone));
}

std::shared_ptr<const TimeZone> TimeZone::utc() {
  auto zone = std::make_shared<TimeZone>();
  zone->offsets_.push_back({0, false, "UTC"});
  return zone;
}

Result<std::shared_ptr<const TimeZone>> TimeZone::named(const std::string& given) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const TimeZone>> known;
  std::string name = given, path;
  if (name.empty()) {
    const char* tz = std::getenv("TZ");
    name = tz && *tz ? (*tz == ':' ? tz + 1 : tz) : "";
  }
  if (name.empty()) {
    path = "/etc/localtime";
  } else if (is_zone_name(name)) {
    path = k_database + name;
  } else {
    return Error{"reops/time-zone",
                 "`" + name + "` is no name of a time zone: one is written as Europe/Berlin, UTC or +02:00",
                 {}};
  }
  std::lock_guard lock(mutex);
  if (auto found = known.find(path); found != known.end()) return found->second;
  Result<std::string> bytes = read_file(path);
  if (!bytes.ok() || bytes.value().empty()) {
    // A machine without a zone of its own keeps UTC.
    if (given.empty()) return utc();
    return Error{
        "reops/time-zone",
        "There is no time zone `" + name + "` in " + k_database + " (Debian's package tzdata brings them)",
        {}};
  }
  Result<std::shared_ptr<const TimeZone>> zone = parse(bytes.value(), name.empty() ? path : name);
  if (zone.ok()) known[path] = zone.value();
  return zone;
}

}  // namespace reops::base
