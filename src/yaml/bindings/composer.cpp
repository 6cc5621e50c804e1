#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"
#include "lang/vm/call.hpp"
#include "yaml/bindings/values.hpp"
#include "yaml/events.hpp"

namespace reops::yaml {

using namespace lang;

namespace {

constexpr std::string_view k_core_tags = "tag:yaml.org,2002:";
// What aliases stand for is shared, not copied; but a few lines of aliases of aliases ("billion laughs") can
// stand for more than anybody could ever walk through.
constexpr uint64_t k_most_nodes = 10'000'000;

bool all_of(std::string_view s, std::string_view allowed) {
  return !s.empty() && s.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view k_digits = "0123456789";

bool is_float(std::string_view s) {
  size_t i = 0;
  auto digits = [&] {
    size_t from = i;
    while (i < s.size() && s[i] >= '0' && s[i] <= '9') ++i;
    return i > from;
  };
  bool before = digits(), after = false;
  if (i < s.size() && s[i] == '.') {
    ++i;
    after = digits();
  }
  if (!before && !after) return false;
  if (i < s.size() && (s[i] == 'e' || s[i] == 'E')) {
    ++i;
    if (i < s.size() && (s[i] == '+' || s[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == s.size();
}

Ref in_base(std::string_view digits, std::string_view prefix) {
  return parse_number(std::string(prefix) + std::string(digits));
}

bool one_of(std::string_view s, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), s) != words.end();
}

class Composer {
 public:
  Composer(std::string_view text, const ReadOptions& options) : reader_(text), options_(options) {}

  Ref documents() {
    Ref all(empty_vector());
    for (;;) {
      Event e = next();
      if (e.kind == EventKind::stream_end) return all;
      anchors_.clear();
      nodes_ = 0;
      Ref v = node(next());
      next();  // the document's end
      vector_push(all, std::move(v));
    }
  }

 private:
  struct Anchored {
    Ref value;
    uint64_t nodes = 0;
    bool open = true;  ///< its node is still being read
  };

  Event next() {
    base::Result<Event> e = reader_.next();
    if (!e.ok()) fail(reader_.fault_line(), reader_.fault_column(), e.error().message);
    return std::move(e).value();
  }

  [[noreturn]] void fail(uint32_t line, uint32_t column, std::string_view message) {
    static const Value k_type = keyword("type"), k_syntax = keyword("reops.yaml", "syntax"),
                       k_line = keyword("line"), k_column = keyword("column");
    Ref data = make_map({k_type, k_syntax, k_line, Value::fixnum(line), k_column, Value::fixnum(column)});
    throw_error(ErrorClass::ex_info,
                "YAML, line " + std::to_string(line) + " column " + std::to_string(column) + ": " +
                    std::string(message),
                data);
  }
  [[noreturn]] void fail(const Event& e, std::string_view message) { fail(e.line, e.column, message); }

  void count(const Event& e, uint64_t nodes) {
    nodes_ += nodes;
    if (nodes_ > k_most_nodes) {
      fail(e, "The aliases of this document stand for more than " + std::to_string(k_most_nodes) + " values");
    }
    if ((++steps_ & 1023) == 0) poll();
  }

  Ref node(const Event& e) {
    check_stack();
    if (e.kind == EventKind::alias) {
      auto found = anchors_.find(e.text);
      if (found == anchors_.end()) fail(e, "There is no anchor &" + e.text + " before this alias");
      if (found->second.open) fail(e, "The alias *" + e.text + " stands inside of what it names");
      count(e, found->second.nodes);
      return found->second.value;
    }
    uint64_t before = nodes_;
    count(e, 1);
    if (!e.anchor.empty()) anchors_[e.anchor] = Anchored{};
    Ref v = e.kind == EventKind::scalar           ? scalar(e)
            : e.kind == EventKind::sequence_start ? sequence()
                                                  : mapping(e);
    v = tagged(e, std::move(v));
    if (!e.anchor.empty()) anchors_[e.anchor] = Anchored{v, nodes_ - before, false};
    return v;
  }

  static bool is_core_tag(const std::string& tag) { return tag.starts_with(k_core_tags); }

  /// A tag that is none of YAML's own is kept, as a tagged literal.
  Ref tagged(const Event& e, Ref v) {
    if (e.tag.empty() || e.tag == "!" || is_core_tag(e.tag)) return v;
    Ref name =
        make_symbol("", e.tag.starts_with('!') ? std::string_view(e.tag).substr(1) : std::string_view(e.tag));
    return make_tagged_literal(name, v);
  }

  Ref scalar(const Event& e) {
    std::string_view kind =
        is_core_tag(e.tag) ? std::string_view(e.tag).substr(k_core_tags.size()) : std::string_view();
    if (kind.empty()) {
      Ref resolved = e.plain && e.tag.empty() ? resolve_plain(e.text) : Ref::adopt(Value::none());
      return resolved.get().is_none() ? make_string(e.text) : resolved;
    }
    if (kind == "str") return make_string(e.text);
    if (kind == "binary") return binary(e);
    Ref resolved = resolve_plain(e.text);
    bool fits = (kind == "null" && resolved.is_nil()) ||
                (kind == "bool" &&
                 (resolved.get() == Value::boolean(true) || resolved.get() == Value::boolean(false))) ||
                (kind == "int" && !resolved.get().is_none() && is_integer(resolved)) ||
                (kind == "float" && !resolved.get().is_none() && is_number(resolved));
    if (!fits) fail(e, "`" + e.text + "` is no value of the kind !!" + std::string(kind));
    return kind == "float" ? real(to_double(resolved)) : resolved;
  }

  Ref binary(const Event& e) {
    std::string bytes;
    uint32_t bits = 0;
    int held = 0;
    for (char c : e.text) {
      static constexpr std::string_view k_alphabet =
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
      if (c == '=' || c == '\n' || c == ' ') continue;
      size_t value = k_alphabet.find(c);
      if (value == std::string_view::npos) fail(e, "!!binary takes Base64");
      bits = bits << 6 | static_cast<uint32_t>(value);
      held += 6;
      if (held >= 8) {
        held -= 8;
        bytes += static_cast<char>(bits >> held & 0xFF);
      }
    }
    return make_bytes(bytes);
  }

  Ref sequence() {
    Ref v(empty_vector());
    for (;;) {
      Event e = next();
      if (e.kind == EventKind::sequence_end) return v;
      vector_push(v, node(e));
    }
  }

  Ref key(const Event& e) {
    Ref k = node(e);
    if (options_.keywords && is<String>(k) && as<String>(k).bytes > 0) return Ref(keyword(text_of(k)));
    return k;
  }

  Ref mapping(const Event& opened) {
    Ref m(empty_map());
    std::vector<Ref> merged;
    bool set = opened.tag == std::string(k_core_tags) + "set";
    for (;;) {
      Event e = next();
      if (e.kind == EventKind::mapping_end) break;
      if (e.kind == EventKind::scalar && e.plain && e.text == "<<" && e.tag.empty()) {
        collect_merged(e, merged);
        continue;
      }
      Ref k = key(e);
      if (map_find(m, k)) fail(e, "This mapping has the key twice: " + describe(k));
      map_put(m, std::move(k), node(next()));
    }
    // Of several that are merged in, the earlier ones win, and the mapping's own keys over all.
    for (const Ref& other : merged) {
      map_each(other, [&](Value k, Value v) {
        if (!map_find(m, k)) map_put(m, Ref(k), Ref(v));
      });
    }
    return set ? keys_as_set(m) : m;
  }

  void collect_merged(const Event& e, std::vector<Ref>& merged) {
    Ref v = node(next());
    if (is_plain_map(v)) {
      merged.push_back(std::move(v));
      return;
    }
    if (!is<Vector>(v)) fail(e, "<< takes a mapping, or a sequence of mappings");
    for (size_t i = 0; i < vector_count(v); ++i) {
      if (!is_plain_map(vector_at(v, i))) fail(e, "<< takes a mapping, or a sequence of mappings");
      merged.emplace_back(vector_at(v, i));
    }
  }

  static Ref keys_as_set(Value m) {
    Ref s(empty_set());
    map_each(m, [&](Value k, Value) { set_put(s, Ref(k)); });
    return s;
  }

  EventReader reader_;
  ReadOptions options_;
  std::map<std::string, Anchored> anchors_;
  uint64_t nodes_ = 0;
  uint64_t steps_ = 0;
};

}  // namespace

Ref resolve_plain(std::string_view s) {
  if (one_of(s, {"", "~", "null", "Null", "NULL"})) return nil();
  if (one_of(s, {"true", "True", "TRUE"})) return boolean(true);
  if (one_of(s, {"false", "False", "FALSE"})) return boolean(false);
  if (one_of(s, {".nan", ".NaN", ".NAN"})) return real(std::numeric_limits<double>::quiet_NaN());
  if (s.starts_with("0o") && all_of(s.substr(2), "01234567")) return in_base(s.substr(2), "8r");
  if (s.starts_with("0x") && all_of(s.substr(2), "0123456789abcdefABCDEF"))
    return in_base(s.substr(2), "16r");
  bool negative = s.starts_with('-');
  std::string_view unsigned_part = negative || s.starts_with('+') ? s.substr(1) : s;
  if (one_of(unsigned_part, {".inf", ".Inf", ".INF"})) {
    double infinity = std::numeric_limits<double>::infinity();
    return real(negative ? -infinity : infinity);
  }
  if (all_of(unsigned_part, k_digits)) {
    // The digits of 017 are decimal here, as YAML 1.2 has it.
    size_t zeros = std::min(unsigned_part.find_first_not_of('0'), unsigned_part.size() - 1);
    return parse_number((negative ? "-" : "") + std::string(unsigned_part.substr(zeros)));
  }
  if (is_float(unsigned_part)) return parse_double(s);
  return Ref::adopt(Value::none());
}

Ref compose(std::string_view text, const ReadOptions& options) { return Composer(text, options).documents(); }

}  // namespace reops::yaml
