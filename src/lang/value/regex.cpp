#include "lang/value/regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <cstddef>
#include <memory>

#include "lang/collection/vector.hpp"
#include "lang/value/error.hpp"
#include "lang/value/regex_translate.hpp"
#include "lang/value/string.hpp"

namespace reops::lang {
namespace {

struct CodeFree {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
using CodePtr = std::unique_ptr<pcre2_code, CodeFree>;

// A search that needs more steps than this is taken for one that would never end.
constexpr uint32_t k_match_limit = 100'000'000;
constexpr uint32_t k_heap_limit_kib = 256 << 10;
constexpr size_t k_jit_stack_start = size_t{64} << 10;
constexpr size_t k_jit_stack_most = size_t{64} << 20;
constexpr uint32_t k_usual_groups = 32;

CodePtr compile(std::string_view pattern, uint32_t extra_options) {
  TranslatedPattern translated = translate_pattern(pattern);
  struct ContextFree {
    void operator()(pcre2_compile_context* c) const { pcre2_compile_context_free(c); }
  };
  std::unique_ptr<pcre2_compile_context, ContextFree> context(pcre2_compile_context_create(nullptr));
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANYCRLF);
  int error = 0;
  size_t at = 0;
  uint32_t options = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C | extra_options;
  if (translated.unicode_classes) options |= PCRE2_UCP;
  CodePtr code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.pattern.data()),
                             translated.pattern.size(), options, &error, &at, context.get()));
  if (!code) {
    PCRE2_UCHAR reason[256] = {};
    pcre2_get_error_message(error, reason, sizeof reason);
    throw_error(ErrorClass::pattern_syntax, "The regular expression " + std::string(pattern) +
                                                " cannot be read: " + reinterpret_cast<const char*>(reason) +
                                                " (near offset " +
                                                std::to_string(std::min(at, pattern.size())) + ")");
  }
  // Without JIT (a machine that forbids it) the interpreter of PCRE2 does the same more slowly.
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);
  return code;
}

// What a thread needs for matching, made once.
struct Scratch {
  pcre2_match_data* data = pcre2_match_data_create(k_usual_groups, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(k_jit_stack_start, k_jit_stack_most, nullptr);
  Scratch() {
    pcre2_set_match_limit(context, k_match_limit);
    pcre2_set_heap_limit(context, k_heap_limit_kib);
    if (stack) pcre2_jit_stack_assign(context, nullptr, stack);
  }
  ~Scratch() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    if (stack) pcre2_jit_stack_free(stack);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

Scratch& scratch() {
  thread_local Scratch s;
  return s;
}

}  // namespace

/// PCRE2's forms of one pattern: for searching, and for matching a whole text, which its JIT cannot do with
/// the former.
class CompiledRegex {
 public:
  explicit CompiledRegex(std::string_view pattern) : search_(compile(pattern, 0)) {
    pcre2_pattern_info(search_.get(), PCRE2_INFO_CAPTURECOUNT, &groups_);
  }
  ~CompiledRegex() { pcre2_code_free(whole_.load(std::memory_order_acquire)); }
  CompiledRegex(const CompiledRegex&) = delete;
  CompiledRegex& operator=(const CompiledRegex&) = delete;

  const pcre2_code* search() const { return search_.get(); }
  const pcre2_code* whole(std::string_view pattern) {
    pcre2_code* known = whole_.load(std::memory_order_acquire);
    if (known) return known;
    CodePtr made = compile(pattern, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
    if (whole_.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) return made.release();
    return known;
  }
  uint32_t groups() const { return groups_; }

 private:
  CodePtr search_;
  std::atomic<pcre2_code*> whole_{nullptr};
  uint32_t groups_ = 0;
};

namespace {

CompiledRegex& compiled(const Regex& regex) {
  std::atomic_ref place(const_cast<CompiledRegex*&>(regex.compiled));
  CompiledRegex* known = place.load(std::memory_order_acquire);
  if (known) return *known;
  auto made = std::make_unique<CompiledRegex>(text_of(regex.pattern));
  if (place.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) return *made.release();
  return *known;
}

// True with the ranges in `m`, whose memory is used again, when there is a match.
bool match(const pcre2_code* code, uint32_t groups, std::string_view text, size_t from,
           std::string_view pattern, Match& m) {
  Scratch& s = scratch();
  struct DataFree {
    void operator()(pcre2_match_data* d) const { pcre2_match_data_free(d); }
  };
  std::unique_ptr<pcre2_match_data, DataFree> larger;
  pcre2_match_data* data = s.data;
  if (groups >= k_usual_groups) {
    larger.reset(pcre2_match_data_create(groups + 1, nullptr));
    data = larger.get();
  }
  int result = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data() ? text.data() : ""), text.size(),
                           from, PCRE2_NO_UTF_CHECK, data, s.context);
  if (result == PCRE2_ERROR_NOMATCH) return false;
  if (result < 0) {
    PCRE2_UCHAR reason[256] = {};
    pcre2_get_error_message(result, reason, sizeof reason);
    throw_diagnostic(
        ErrorClass::runtime, "reops/regex-limit",
        "Matching #\"" + std::string(pattern) + "\" was given up: " + reinterpret_cast<const char*>(reason),
        "Nested repetitions such as (a+)+ can be tried in very many ways; make them possessive (a++) or "
        "exact.");
  }
  m.groups.clear();
  m.groups.reserve(groups + 1);
  const size_t* offsets = pcre2_get_ovector_pointer(data);
  for (uint32_t i = 0; i <= groups; ++i) {
    bool set = i < static_cast<uint32_t>(result) && offsets[2 * i] != PCRE2_UNSET;
    m.groups.emplace_back(set ? offsets[2 * i] : Match::npos, set ? offsets[2 * i + 1] : Match::npos);
  }
  // \K can put the beginning behind the end; then there is nothing in between.
  if (m.groups[0].first > m.groups[0].second) m.groups[0].first = m.groups[0].second;
  return true;
}

void free_regex(Object& o) { delete static_cast<Regex&>(o).compiled; }
void forget_compiled(Object& copy) { static_cast<Regex&>(copy).compiled = nullptr; }

}  // namespace

const KindInfo k_info_Regex = {.name = "Regex",
                               .slots_at = offsetof(Regex, pattern),
                               .slots = 1,
                               .finalize = free_regex,
                               .forget_outside = forget_compiled};
const KindInfo k_info_Matcher = {
    .name = "Matcher", .slots_at = offsetof(Matcher, regex), .slots = 3, .cell = true};

Ref make_regex(std::string_view pattern) {
  auto made = std::make_unique<CompiledRegex>(pattern);
  Ref text = make_string(pattern);
  Regex* r = allocate<Regex>();
  r->compiled = made.release();
  r->pattern = text.take();
  return Ref::adopt(r);
}

Ref make_matcher(Value regex, Value text) {
  Matcher* m = allocate<Matcher>();
  m->at = 0;
  m->matched = 0;
  m->regex = Ref(regex).take();
  m->text = Ref(text).take();
  m->groups = Value::nil();
  return Ref::adopt(m);
}

std::optional<Match> regex_find(const Regex& regex, std::string_view text, size_t from) {
  CompiledRegex& c = compiled(regex);
  Match m;
  if (!match(c.search(), c.groups(), text, from, text_of(regex.pattern), m)) return std::nullopt;
  return m;
}

std::optional<Match> regex_match_all(const Regex& regex, std::string_view text) {
  CompiledRegex& c = compiled(regex);
  Match m;
  if (!match(c.whole(text_of(regex.pattern)), c.groups(), text, 0, text_of(regex.pattern), m))
    return std::nullopt;
  return m;
}

int regex_group_number(const Regex& regex, std::string_view name) {
  std::string terminated(name);
  int number = pcre2_substring_number_from_name(compiled(regex).search(),
                                                reinterpret_cast<PCRE2_SPTR>(terminated.c_str()));
  return number > 0 ? number : -1;
}

Ref match_value(const Match& m, std::string_view text) {
  auto part = [&](std::pair<size_t, size_t> range) {
    return range.first == Match::npos ? nil()
                                      : make_string(text.substr(range.first, range.second - range.first));
  };
  if (m.groups.size() == 1) return part(m.groups[0]);
  // Few groups, which is nearly always, need no memory besides their strings.
  std::array<Ref, 8> few;
  std::vector<Ref> many(m.groups.size() > few.size() ? m.groups.size() : 0);
  std::span<Ref> parts(many.empty() ? std::span<Ref>(few) : std::span<Ref>(many));
  for (size_t i = 0; i < m.groups.size(); ++i) parts[i] = part(m.groups[i]);
  static_assert(sizeof(Ref) == sizeof(Value));
  return make_vector({reinterpret_cast<const Value*>(parts.data()), m.groups.size()});
}

const Match* RegexIterator::next() {
  if (done_) return nullptr;
  CompiledRegex& c = compiled(regex_);
  if (!match(c.search(), c.groups(), text_, from_, text_of(regex_.pattern), match_)) {
    done_ = true;
    return nullptr;
  }
  from_ = match_.end();
  if (match_.begin() == match_.end()) {
    if (from_ >= text_.size()) {
      done_ = true;
    } else {
      next_code_point(text_, from_);
    }
  }
  return &match_;
}

std::string regex_quote(std::string_view text) {
  std::string out = "\\Q";
  for (;;) {
    size_t end = text.find("\\E");
    out += text.substr(0, end);
    if (end == std::string_view::npos) break;
    out += "\\E\\\\E\\Q";
    text.remove_prefix(end + 2);
  }
  return out + "\\E";
}

}  // namespace reops::lang
