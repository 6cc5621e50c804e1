// From the tables of natives to vars of their namespaces.

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/builtin/natives.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/reader/reader.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {

#define NATIVE_MODULE(topic) extern const NativeModule k_natives_##topic;
#include "lang/builtin/modules.def"
#undef NATIVE_MODULE

const KindInfo k_info_Native = {.name = "Native", .slots_at = offsetof(Native, name), .slots = 2};

namespace {

// The topics of this folder come first, under numbers that do not change within a build; modules that are
// loaded later follow. Only ever appended to.
constexpr size_t k_most_modules = 64;
const NativeModule* g_modules[k_most_modules] = {
#define NATIVE_MODULE(topic) &k_natives_##topic,
#include "lang/builtin/modules.def"
#undef NATIVE_MODULE
};
std::atomic<size_t> g_module_count{0
#define NATIVE_MODULE(topic) +1
#include "lang/builtin/modules.def"
#undef NATIVE_MODULE
};

/// "([a b] [a & more])": nearly all argument lists are nested brackets around names, which takes no reader.
class ArglistParser {
 public:
  explicit ArglistParser(std::string_view text) : text_(text) {}

  /// The list of vectors, or none() for text that only the reader understands.
  Ref parse() {
    skip_spaces();
    Ref result = form();
    return failed_ ? Ref::adopt(Value::none()) : std::move(result);
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  Ref form() {
    if (at_ >= text_.size() || failed_) return fail();
    char c = text_[at_];
    if (c == '(') return sequence(')');
    if (c == '[') return sequence(']');
    size_t end = text_.find_first_of(" \n()[]{}\"#^", at_);
    if (end == std::string_view::npos) end = text_.size();
    std::string_view word = text_.substr(at_, end - at_);
    if (word.empty() || word[0] == ':' ||
        (end < text_.size() && std::string_view("{}\"#^").find(text_[end]) != std::string_view::npos)) {
      return fail();
    }
    at_ = end;
    return make_symbol("", word);
  }

  Ref sequence(char close) {
    ++at_;
    std::vector<Ref> items;
    for (;;) {
      skip_spaces();
      if (at_ >= text_.size() || failed_) return fail();
      if (text_[at_] == close) break;
      items.push_back(form());
    }
    ++at_;
    std::vector<Value> values(items.begin(), items.end());
    return close == ')' ? make_list(values) : make_vector(values);
  }

  Ref fail() {
    failed_ = true;
    return {};
  }

  std::string_view text_;
  size_t at_ = 0;
  bool failed_ = false;
};

Ref read_arglists(const char* text) {
  if (!text || !*text) return {};
  Ref parsed = ArglistParser(text).parse();
  if (!parsed.get().is_none()) return parsed;
  ReaderOptions options;
  options.line_metadata = false;
  Reader reader(std::make_shared<const Source>(Source{"arglists", text}), options);
  return reader.read();
}

Ref make_native(size_t module, size_t index) {
  const NativeDef& def = g_modules[module]->defs[index];
  auto* native = allocate<Native>();
  native->module = static_cast<uint16_t>(module);
  native->index = static_cast<uint16_t>(index);
  native->min_args = def.min_args;
  native->max_args = def.max_args;
  native->pad = 0;
  native->borrowed = def.borrowed;
  native->pad2 = 0;
  native->fn = def.fn;
  native->name = make_symbol(def.ns, def.name).take();
  native->meta = Value::nil();
  Ref result = Ref::adopt(native);
  // As many vars hold it as live as long as the process: nobody needs to count.
  immortalize(result);
  return result;
}

void install_module(size_t module) {
  Value arglists = keyword("arglists"), doc = keyword("doc");
  const NativeModule& m = *g_modules[module];
  for (size_t i = 0; i < m.defs.size(); ++i) {
    const NativeDef& def = m.defs[i];
    Value ns = find_or_create_ns(def.ns);
    Var& var = intern(ns, def.name);
    Ref doc_text = def.doc ? make_string(def.doc) : Ref();
    Ref lists = read_arglists(def.arglists);
    set_definition_meta(var, make_map({arglists, lists, doc, doc_text}));
    set_root(var, make_native(module, i));
  }
}

}  // namespace

size_t native_module_count() { return g_module_count.load(std::memory_order_acquire); }

const NativeModule& native_module(size_t index) { return *g_modules[index]; }

void install(const NativeModule& module) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  size_t count = native_module_count();
  for (size_t i = 0; i < count; ++i) {
    if (g_modules[i] == &module) return install_module(i);
  }
  if (count == k_most_modules) throw_illegal_state("Too many modules of natives are loaded");
  g_modules[count] = &module;
  g_module_count.store(count + 1, std::memory_order_release);
  install_module(count);
}

void install_all() {
  for (size_t i = 0, n = native_module_count(); i < n; ++i) install_module(i);
}

}  // namespace reops::lang
