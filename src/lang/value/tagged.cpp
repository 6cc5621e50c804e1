#include "lang/value/tagged.hpp"

#include <sys/random.h>

#include <cstddef>
#include <cstdio>

#include "lang/value/equality.hpp"
#include "lang/value/error.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

uint32_t hash_uuid(Value v) {
  const Uuid& u = as<Uuid>(v);
  return hash_combine(hash_int(u.high), hash_int(u.low));
}
bool equal_uuid(Value a, Value b) {
  const Uuid* other = try_as<Uuid>(b);
  return other && as<Uuid>(a).high == other->high && as<Uuid>(a).low == other->low;
}

uint32_t hash_inst(Value v) {
  return hash_combine(hash_int(static_cast<uint64_t>(as<Inst>(v).milliseconds)), 0x1457);
}
bool equal_inst(Value a, Value b) {
  const Inst* other = try_as<Inst>(b);
  return other && as<Inst>(a).milliseconds == other->milliseconds;
}

uint32_t hash_tagged(Value v) {
  return hash_combine(hash(as<TaggedLiteral>(v).tag), hash(as<TaggedLiteral>(v).form));
}
bool equal_tagged(Value a, Value b) {
  const TaggedLiteral* other = try_as<TaggedLiteral>(b);
  return other && equal(as<TaggedLiteral>(a).tag, other->tag) &&
         equal(as<TaggedLiteral>(a).form, other->form);
}

uint32_t hash_conditional(Value v) {
  return hash_combine(hash(as<ReaderConditional>(v).form), as<ReaderConditional>(v).splicing.is_true());
}
bool equal_conditional(Value a, Value b) {
  const ReaderConditional* other = try_as<ReaderConditional>(b);
  return other && as<ReaderConditional>(a).splicing == other->splicing &&
         equal(as<ReaderConditional>(a).form, other->form);
}

size_t uuid_size(const Object&) { return sizeof(Uuid); }
size_t inst_size(const Object&) { return sizeof(Inst); }

// Days since 1970-01-01 of a date in the Gregorian calendar, counting years from March so that the leap day
// comes last.
int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

struct Date {
  int64_t year;
  int month;
  int day;
};

Date civil_from_days(int64_t days) {
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int64_t day_of_era = days - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted_month = (5 * day_of_year + 2) / 153;
  int day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {year_of_era + era * 400 + (month <= 2), month, day};
}

bool is_leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
int days_in_month(int64_t year, int month) {
  static constexpr int k_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : k_days[month - 1];
}

// Takes the parts of an instant from the left; the first that does not fit makes everything after it fail.
class InstantParser {
 public:
  explicit InstantParser(std::string_view text) : text_(text) {}
  bool done() const { return ok_ && text_.empty(); }
  bool ok() const { return ok_; }
  bool accept(char c) {
    if (!ok_ || text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  int digits(size_t count, int low, int high) {
    int value = 0;
    if (text_.size() < count) ok_ = false;
    for (size_t i = 0; ok_ && i < count; ++i) {
      if (text_[i] < '0' || text_[i] > '9') ok_ = false;
      value = value * 10 + (text_[i] - '0');
    }
    if (value < low || value > high) ok_ = false;
    if (ok_) text_.remove_prefix(count);
    return ok_ ? value : low;
  }
  // One to nine digits after the point, as milliseconds.
  int fraction() {
    int value = 0;
    size_t count = 0;
    while (count < text_.size() && text_[count] >= '0' && text_[count] <= '9') {
      if (count < 3) value = value * 10 + (text_[count] - '0');
      ++count;
    }
    if (count == 0 || count > 9) ok_ = false;
    for (size_t i = count; i < 3; ++i) value *= 10;
    text_.remove_prefix(count);
    return value;
  }

 private:
  std::string_view text_;
  bool ok_ = true;
};

}  // namespace

const KindInfo k_info_Uuid = {.name = "Uuid",
                              .slots_at = sizeof(Uuid),
                              .slots = 0,
                              .byte_size = uuid_size,
                              .hash = hash_uuid,
                              .equal = equal_uuid};
const KindInfo k_info_Inst = {.name = "Inst",
                              .slots_at = sizeof(Inst),
                              .slots = 0,
                              .byte_size = inst_size,
                              .hash = hash_inst,
                              .equal = equal_inst};
const KindInfo k_info_TaggedLiteral = {.name = "TaggedLiteral",
                                       .slots_at = offsetof(TaggedLiteral, tag),
                                       .slots = 2,
                                       .hash = hash_tagged,
                                       .equal = equal_tagged};
const KindInfo k_info_ReaderConditional = {.name = "ReaderConditional",
                                           .slots_at = offsetof(ReaderConditional, form),
                                           .slots = 2,
                                           .hash = hash_conditional,
                                           .equal = equal_conditional};

Ref make_uuid(uint64_t high, uint64_t low) {
  Uuid* u = allocate<Uuid>();
  u->high = high;
  u->low = low;
  return Ref::adopt(u);
}

Ref random_uuid() {
  uint64_t bits[2];
  if (getrandom(bits, sizeof bits, 0) != sizeof bits)
    throw_illegal_state("The system gave no random numbers for a UUID");
  // Version 4, variant of RFC 4122.
  uint64_t high = (bits[0] & ~uint64_t{0xF000}) | 0x4000;
  uint64_t low = (bits[1] & ~(uint64_t{3} << 62)) | uint64_t{2} << 62;
  return make_uuid(high, low);
}

Ref parse_uuid(std::string_view text) {
  static constexpr size_t k_widths[] = {8, 4, 4, 4, 12};
  uint64_t groups[5] = {};
  for (int g = 0; g < 5; ++g) {
    size_t n = 0;
    for (; n < text.size() && text[n] != '-'; ++n) {
      char c = text[n];
      int digit = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
      if (digit < 0 || n >= k_widths[g]) return nil();
      groups[g] = groups[g] << 4 | static_cast<uint64_t>(digit);
    }
    if (n == 0) return nil();
    text.remove_prefix(n);
    if (g < 4) {
      if (text.empty()) return nil();
      text.remove_prefix(1);
    }
  }
  if (!text.empty()) return nil();
  return make_uuid(groups[0] << 32 | groups[1] << 16 | groups[2], groups[3] << 48 | groups[4]);
}

std::string uuid_text(const Uuid& u) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(u.high >> 32),
                static_cast<unsigned>(u.high >> 16 & 0xFFFF), static_cast<unsigned>(u.high & 0xFFFF),
                static_cast<unsigned>(u.low >> 48), static_cast<unsigned long long>(u.low & 0xFFFFFFFFFFFFu));
  return buffer;
}

Ref make_inst(int64_t milliseconds) {
  Inst* i = allocate<Inst>();
  i->milliseconds = milliseconds;
  return Ref::adopt(i);
}

std::optional<int64_t> parse_instant(std::string_view text) {
  InstantParser p(text);
  int year = p.digits(4, 0, 9999);
  int month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0, offset = 0;
  if (p.accept('-')) {
    month = p.digits(2, 1, 12);
    if (p.accept('-')) {
      day = p.digits(2, 1, days_in_month(year, month));
      if (p.accept('T')) {
        hour = p.digits(2, 0, 23);
        if (p.accept(':')) {
          minute = p.digits(2, 0, 59);
          if (p.accept(':')) {
            second = p.digits(2, 0, 60);
            if (p.accept('.')) millisecond = p.fraction();
          }
        }
      }
    }
  }
  if (!p.accept('Z')) {
    int sign = p.accept('+') ? 1 : p.accept('-') ? -1 : 0;
    if (sign != 0) {
      int hours = p.digits(2, 0, 23);
      if (!p.accept(':')) return std::nullopt;
      offset = sign * (hours * 60 + p.digits(2, 0, 59));
    }
  }
  if (!p.done()) return std::nullopt;
  int64_t minutes = (days_from_civil(year, month, day) * 24 + hour) * 60 + minute - offset;
  return (minutes * 60 + second) * 1000 + millisecond;
}

std::string instant_text(int64_t milliseconds) {
  constexpr int64_t k_day = 86400000;
  int64_t days = milliseconds / k_day, rest = milliseconds % k_day;
  if (rest < 0) {
    rest += k_day;
    --days;
  }
  Date d = civil_from_days(days);
  char buffer[80];
  std::snprintf(buffer, sizeof buffer, "%04lld-%02d-%02dT%02d:%02d:%02d.%03d-00:00",
                static_cast<long long>(d.year), d.month, d.day, static_cast<int>(rest / 3600000),
                static_cast<int>(rest / 60000 % 60), static_cast<int>(rest / 1000 % 60),
                static_cast<int>(rest % 1000));
  return buffer;
}

Ref make_tagged_literal(Value tag, Value form) {
  TaggedLiteral* t = allocate<TaggedLiteral>();
  t->tag = Ref(tag).take();
  t->form = Ref(form).take();
  return Ref::adopt(t);
}

Value tagged_get(Value v, Value key) {
  static const Value k_tag = keyword("tag"), k_form = keyword("form"), k_splicing = keyword("splicing?");
  if (const TaggedLiteral* t = try_as<TaggedLiteral>(v)) {
    return key == k_tag ? t->tag : key == k_form ? t->form : Value::none();
  }
  if (const ReaderConditional* r = try_as<ReaderConditional>(v)) {
    return key == k_form ? r->form : key == k_splicing ? r->splicing : Value::none();
  }
  return Value::none();
}

Ref make_reader_conditional(Value form, bool splicing) {
  ReaderConditional* r = allocate<ReaderConditional>();
  r->form = Ref(form).take();
  r->splicing = Value::boolean(splicing);
  return Ref::adopt(r);
}

}  // namespace reops::lang
