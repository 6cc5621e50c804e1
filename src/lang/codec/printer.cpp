#include "lang/codec/printer.hpp"

#include <atomic>
#include <utility>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/error.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/number.hpp"
#include "lang/value/regex.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/value/tagged.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/code.hpp"

namespace reops::lang {
namespace {

// How often a long sequence looks up: for an interrupt, and to hand over what has gathered.
constexpr size_t k_poll_every = 256;
constexpr size_t k_drain_at = size_t{16} << 10;

class Printer {
 public:
  Printer(std::string& out, const PrintOptions& options, bool skip_method = false)
      : out_(out), options_(options), skip_method_(skip_method) {}

  void print(Value v) {
    if (v.is_object()) {
      print_object(v);
    } else if (v.is_fixnum()) {
      out_ += std::to_string(v.as_fixnum());
    } else if (v.is_char()) {
      print_char(v.as_char());
    } else if (v.is_nil()) {
      out_ += "nil";
    } else if (v.is_boolean()) {
      out_ += v.is_true() ? "true" : "false";
    } else {
      out_ += "#<Unbound>";
    }
  }

 private:
  void print_char(char32_t c) {
    if (options_.readably) {
      print_character_literal(out_, c);
    } else {
      append_utf8(out_, c);
    }
  }

  void print_object(Value v) {
    check_stack();
    if (!std::exchange(skip_method_, false) && !options_.custom.is_nil() && print_by_method(v)) return;
    print_meta(v);
    switch (v.as_object()->kind) {
      case Kind::Int64:
      case Kind::Double:
      case Kind::BigInt:
      case Kind::Ratio:
      case Kind::BigDecimal:
        print_number(out_, v);
        return;
      case Kind::String:
        if (options_.readably) {
          print_string_literal(out_, text_of(v));
        } else {
          out_ += text_of(v);
        }
        return;
      case Kind::ByteString:
        out_ += "#bytes \"" + to_hex(as<ByteString>(v).view()) + '"';
        return;
      case Kind::Symbol:
        print_name(v);
        return;
      case Kind::Keyword:
        out_ += ':';
        print_name(v);
        return;
      case Kind::Regex:
        print_regex(text_of(as<Regex>(v).pattern));
        return;
      case Kind::EmptyList:
        out_ += "()";
        return;
      case Kind::List:
      case Kind::Cons:
      case Kind::LazySeq:
      case Kind::ChunkedCons:
      case Kind::Range:
      case Kind::VectorSeq:
      case Kind::MapSeq:
      case Kind::StringSeq:
      case Kind::SortedSeq:
      case Kind::ReverseSeq:
        print_items('(', v, ')');
        return;
      case Kind::Vector:
      case Kind::SubVector:
      case Kind::MapEntry:
        print_items('[', v, ']');
        return;
      case Kind::ArrayMap:
      case Kind::HashMap:
      case Kind::SortedMap:
        print_map(v);
        return;
      case Kind::Set:
      case Kind::SortedSet:
        out_ += '#';
        print_items('{', v, '}');
        return;
      case Kind::Record:
        print_record(v);
        return;
      case Kind::Var:
        out_ += "#'" + var_name(as<Var>(v));
        return;
      case Kind::Namespace:
        print_opaque("Namespace", name_of(as<Namespace>(v).name));
        return;
      case Kind::Type:
        print_name(as<Type>(v).name);
        return;
      case Kind::Function:
        print_opaque("Fn", function_name(as<Proto>(as<Function>(v).proto)));
        return;
      case Kind::Native:
        print_opaque("Fn", full_name(as<Native>(v).name));
        return;
      case Kind::Protocol:
        print_opaque("Protocol", full_name(as<Protocol>(v).name));
        return;
      case Kind::ProtocolFn: {
        const ProtocolFn& f = as<ProtocolFn>(v);
        print_opaque("Fn", full_name(as<Protocol>(f.protocol).name) + "/" + std::string(name_of(f.method)));
        return;
      }
      case Kind::MultiFn:
        print_opaque("MultiFn", pr_str(as<MultiFn>(v).name));
        return;
      case Kind::Atom:
        print_holder("Atom", cell_load(as<Atom>(v), as<Atom>(v).value));
        return;
      case Kind::Agent:
        print_holder("Agent", cell_load(as<Agent>(v), as<Agent>(v).value));
        return;
      case Kind::Volatile:
        print_holder("Volatile", cell_load(as<Volatile>(v), as<Volatile>(v).value));
        return;
      case Kind::Delay:
        print_pending("Delay", v);
        return;
      case Kind::Promise:
        print_pending(as<Promise>(v).form == Promise::future ? "Future" : "Promise", v);
        return;
      case Kind::Reduced:
        print_holder("Reduced", Ref(slots_of(*v.as_object())[0]));
        return;
      case Kind::Error:
        print_error(v);
        return;
      case Kind::TaggedLiteral:
        out_ += '#';
        print(as<TaggedLiteral>(v).tag);
        out_ += ' ';
        print_nested(as<TaggedLiteral>(v).form);
        return;
      case Kind::ReaderConditional:
        out_ += as<ReaderConditional>(v).splicing.is_true() ? "#?@" : "#?";
        print_nested(as<ReaderConditional>(v).form);
        return;
      case Kind::Uuid:
        out_ += "#uuid \"" + uuid_text(as<Uuid>(v)) + '"';
        return;
      case Kind::Inst:
        out_ += "#inst \"" + instant_text(as<Inst>(v).milliseconds) + '"';
        return;
      case Kind::Handle:
        out_ += "#<" + as<Handle>(v).resource->describe() + '>';
        return;
      case Kind::Matcher:
        out_ += "#<Matcher ";
        print_regex(text_of(as<Regex>(as<Matcher>(v).regex).pattern));
        out_ += '>';
        return;
      default:
        out_ += std::string("#<") + info(*v.as_object()).name + '>';
    }
  }

  // True when a method of print-method other than its default has printed `v`.
  bool print_by_method(Value v) {
    switch (v.as_object()->kind) {
      case Kind::String:
      case Kind::Symbol:
      case Kind::Keyword:
      case Kind::Int64:
      case Kind::Double:
      case Kind::BigInt:
      case Kind::Ratio:
      case Kind::BigDecimal:
        return false;
      default:
        break;
    }
    static const Value k_default = keyword("default");
    MultiFn& multi = as<MultiFn>(options_.custom);
    auto* writer = new StringWriter;
    Ref handle = make_handle(writer);
    Value args[] = {v, handle};
    Ref method = multi_method(multi, args);
    if (method.get() == map_get(load_table(multi.methods), k_default)) return false;
    call(method, args);
    out_ += writer->text();
    return true;
  }

  void print_name(Value named) {
    if (has_ns(named)) {
      out_ += ns_of(named);
      out_ += '/';
    }
    out_ += name_of(named);
  }

  void print_opaque(std::string_view kind, std::string_view name) {
    out_ += "#<";
    out_ += kind;
    out_ += ' ';
    out_ += name;
    out_ += '>';
  }

  void print_holder(std::string_view kind, const Ref& content) {
    out_ += "#<";
    out_ += kind;
    out_ += ' ';
    print_nested(content);
    out_ += '>';
  }

  void print_pending(std::string_view kind, Value v) {
    if (!is_realized(v)) {
      print_opaque(kind, "pending");
      return;
    }
    Ref content;
    try {
      content = deref(v);
    } catch (const Thrown& failure) {
      // What failed is printed as what it failed with.
      content = failure.error();
    }
    print_holder(kind, content);
  }

  // A quote inside is escaped, unless it is already.
  void print_regex(std::string_view pattern) {
    out_ += "#\"";
    for (size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] == '\\' && i + 1 < pattern.size()) {
        out_ += pattern[i++];
      } else if (pattern[i] == '"') {
        out_ += '\\';
      }
      out_ += pattern[i];
    }
    out_ += '"';
  }

  bool too_deep() {
    if (options_.level < 0 || depth_ < options_.level) return false;
    out_ += '#';
    return true;
  }

  // Something inside something that counts as no level of its own.
  void print_nested(Value v) { print(v); }

  bool elided(size_t index) {
    if (options_.length < 0 || index < static_cast<size_t>(options_.length)) return false;
    out_ += "...";
    return true;
  }

  // Between elements: an interrupt is served, and text that no memory could hold ends in an error.
  void breathe(size_t index) {
    if (index % k_poll_every != k_poll_every - 1) return;
    poll();
    check_memory(out_.size());
    if (options_.drain && out_.size() >= k_drain_at) options_.drain(out_);
  }

  void print_items(char open, Value items, char close) {
    // The set's # is printed already; a collection too deep is one # in all.
    if (options_.level >= 0 && depth_ >= options_.level) {
      if (open != '{') out_ += '#';
      return;
    }
    ++depth_;
    out_ += open;
    size_t index = 0;
    for (SeqIterator it(items); it.more(); it.step(), ++index) {
      if (index) out_ += ' ';
      if (elided(index)) break;
      print(it.value());
      breathe(index);
    }
    out_ += close;
    --depth_;
  }

  // The namespace that all keys share, when the map is to be printed with it in front.
  std::string_view shared_namespace(Value map) {
    if (!options_.namespace_maps) return {};
    std::string_view shared;
    for (MapCursor c(map); c.more(); c.step()) {
      Value key = c.key();
      if ((!is<Keyword>(key) && !is<Symbol>(key)) || !has_ns(key)) return {};
      if (shared.empty()) shared = ns_of(key);
      if (shared != ns_of(key)) return {};
    }
    return shared;
  }

  void print_map(Value map) {
    if (too_deep()) return;
    std::string_view ns = shared_namespace(map);
    if (!ns.empty()) {
      out_ += "#:";
      out_ += ns;
    }
    begin_entries();
    for (MapCursor c(map); c.more(); c.step()) {
      if (!print_entry(c.key(), c.value(), !ns.empty())) break;
    }
    end_entries();
  }

  void print_record(Value v) {
    const Record& record = as<Record>(v);
    const Type& type = as<Type>(record.type);
    if (type.form != Type::record) {
      out_ += "#<" + full_name(type.name);
      if (Ref text = call_inline(v, "toString", {}); is<String>(text))
        out_ += " " + std::string(text_of(text));
      out_ += '>';
      return;
    }
    if (too_deep()) return;
    out_ += '#';
    print_name(type.name);
    begin_entries();
    bool more = true;
    for (size_t i = 0; more && i + 3 < record.length; ++i) {
      Value field = vector_at(type.fields, i);
      more = print_entry(keyword({}, name_of(field)), record.fields[i], false);
    }
    if (!record.extra.is_nil()) {
      for (MapCursor c(record.extra); more && c.more(); c.step())
        more = print_entry(c.key(), c.value(), false);
    }
    end_entries();
  }

  void begin_entries() {
    ++depth_;
    out_ += '{';
    entry_counts_.push_back(0);
  }

  // False when *print-length* has been reached.
  bool print_entry(Value key, Value value, bool without_namespace) {
    size_t index = entry_counts_.back()++;
    if (index) out_ += ", ";
    if (elided(index)) return false;
    if (without_namespace) {
      if (is<Keyword>(key)) out_ += ':';
      out_ += name_of(key);
    } else {
      print(key);
    }
    out_ += ' ';
    print(value);
    breathe(index);
    return true;
  }

  void end_entries() {
    entry_counts_.pop_back();
    out_ += '}';
    --depth_;
  }

  void print_meta(Value v) {
    if (!options_.meta || !options_.readably) return;
    if (!is<Symbol>(v) && !is_seq(v) && !is_vector(v) && !is_map(v) && !is_set(v)) return;
    Ref m = meta(v);
    if (m.is_nil() || count(m) == 0) return;
    static const Value k_tag = keyword("tag");
    Ref tag = get(m, k_tag);
    out_ += '^';
    print(count(m) == 1 && !tag.is_nil() ? tag.get() : m.get());
    out_ += ' ';
  }

  // #error {:cause "…", :data {…}, :via [{:type …, :message "…", :data {…}} …]}, the outermost error first.
  void print_error(Value v) {
    std::vector<Value> chain;
    for (Value e = v; is<Error>(e); e = as<Error>(e).cause) chain.push_back(e);
    const Error& root = as<Error>(chain.back());
    out_ += "#error {:cause ";
    print(root.message);
    if (!root.data.is_nil()) {
      out_ += ", :data ";
      print(root.data);
    }
    out_ += ", :via [";
    for (size_t i = 0; i < chain.size(); ++i) {
      const Error& e = as<Error>(chain[i]);
      if (i) out_ += ' ';
      out_ += "{:type ";
      out_ += error_class_full_name(e.error_class);
      out_ += ", :message ";
      print(e.message);
      if (!e.data.is_nil()) {
        out_ += ", :data ";
        print(e.data);
      }
      out_ += '}';
    }
    out_ += "]}";
  }

  std::string& out_;
  const PrintOptions& options_;
  bool skip_method_;  // for the value printed first
  int64_t depth_ = 0;
  std::vector<size_t> entry_counts_;  // of the maps being printed, innermost last
};

int64_t limit_of(Var* var) {
  if (!var) return -1;
  Ref limit = deref(*var);
  return is_int(limit) ? as_int(limit) : -1;
}

bool flag_of(Var* var) { return var && deref(*var).truthy(); }

}  // namespace

namespace {

// The multimethod of that name in clojure.core if it has more than its default, else nil.
Value custom_method(std::atomic<Var*>& known, std::string_view method) {
  Var* var = known.load(std::memory_order_acquire);
  if (!var) {
    Value core = find_ns("clojure.core");
    if (core.is_nil()) return Value::nil();
    Ref name = make_symbol({}, method);
    Value found = resolve(core, name);
    if (!is<Var>(found)) return Value::nil();
    var = &as<Var>(found);
    known.store(var, std::memory_order_release);
  }
  Value root = var->load_root();
  if (!is<MultiFn>(root)) return Value::nil();
  Value methods = load_table(as<MultiFn>(root).methods);
  return is_map(methods) && map_count(methods) > 1 ? root : Value::nil();
}

Value custom_print_method(bool dup) {
  static std::atomic<Var*> print_method{nullptr}, print_dup{nullptr};
  return dup ? custom_method(print_dup, "print-dup") : custom_method(print_method, "print-method");
}

}  // namespace

PrintOptions PrintOptions::current(bool readably) {
  const CoreVars& vars = core_vars();
  PrintOptions options;
  options.readably = readably;
  options.meta = flag_of(vars.print_meta);
  options.namespace_maps = flag_of(vars.print_namespace_maps);
  options.length = limit_of(vars.print_length);
  options.level = limit_of(vars.print_level);
  options.custom = custom_print_method(flag_of(vars.print_dup));
  return options;
}

void print(std::string& out, Value v, const PrintOptions& options) { Printer(out, options).print(v); }

void print_without_method(std::string& out, Value v, const PrintOptions& options) {
  Printer(out, options, true).print(v);
}

void print(std::string& out, Value v, bool readably) { print(out, v, PrintOptions::current(readably)); }

std::string pr_str(Value v) {
  std::string out;
  print(out, v, true);
  return out;
}

}  // namespace reops::lang
