#include "lang/runtime/require.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lang/codec/printer.hpp"
#include "lang/codec/report.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/reader/reader.hpp"
#include "lang/runtime/loader.hpp"
#include "lang/runtime/monitor.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/cell.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

// While :reload-all is in effect: what this thread has loaded anew so far.
thread_local std::set<std::string, std::less<>>* t_reloaded = nullptr;

class ReloadAllScope {
 public:
  explicit ReloadAllScope(bool wanted) : outermost_(wanted && !t_reloaded) {
    if (outermost_) t_reloaded = &seen_;
  }
  ~ReloadAllScope() {
    if (outermost_) t_reloaded = nullptr;
  }
  ReloadAllScope(const ReloadAllScope&) = delete;
  ReloadAllScope& operator=(const ReloadAllScope&) = delete;

 private:
  bool outermost_;
  std::set<std::string, std::less<>> seen_;
};

struct Flags {
  bool use = false;
  bool reload = false;
  bool reload_all = false;
  bool verbose = false;
};

/// One library and what is wanted of it.
struct LibSpec {
  std::string lib;
  Value as, as_alias;          ///< symbols or nil
  bool refers = false;         ///< :refer was given, or this is `use`
  std::vector<Value> filters;  ///< alternating, for refer_filtered
  Flags flags;
};

Var& loaded_var() {
  static Var& var = []() -> Var& {
    Var& found = intern(find_ns("clojure.core"), "*loaded-libs*");
    // One that came with an image knows what lies in it.
    if (!found.load_root().is_none()) return found;
    return define("clojure.core", "*loaded-libs*", Ref(empty_set()),
                  make_map({keyword("private"), Value::boolean(true)}));
  }();
  return var;
}

[[noreturn]] void throw_bad_spec(const std::string& message) {
  throw_diagnostic(ErrorClass::illegal_argument, "reops/bad-libspec", message,
                   "A library is named as my.lib or [my.lib :as m :refer [f g]].");
}

bool is_list_like(Value v) { return is_vector(v) || is_seq(v); }

std::vector<Value> items_of(Value list, std::vector<Ref>& keep) {
  std::vector<Value> items;
  for (SeqIterator it(list); it.more(); it.step()) {
    keep.emplace_back(it.value());
    items.push_back(it.value());
  }
  return items;
}

std::string require_symbol(Value v, std::string_view what) {
  if (!is<Symbol>(v)) throw_bad_spec(std::string(what) + " must be a symbol, and " + pr_str(v) + " is none");
  return full_name(v);
}

void load_once(const LibSpec& spec) {
  bool existed = !find_ns(spec.lib).is_nil();
  if (spec.flags.verbose) {
    Ref line = make_string("(clojure.core/load \"/" + path_of_lib(spec.lib) + "\")");
    Value println = resolve(find_ns("clojure.core"), make_symbol("println"));
    if (is<Var>(println)) call(println, {line});
  }
  try {
    load_lib(spec.lib);
  } catch (const Thrown&) {
    // Half a library is worse than none: the next require has to try again.
    note_unloaded(spec.lib);
    if (!existed) remove_ns(spec.lib);
    throw;
  }
  if (find_ns(spec.lib).is_nil() && (!spec.as.is_nil() || spec.refers)) {
    throw_diagnostic(ErrorClass::exception, "reops/no-such-namespace",
                     "Namespace " + spec.lib + " does not exist after its file was loaded",
                     "The file should begin with (ns " + spec.lib + ").");
  }
  note_loaded(spec.lib);
}

bool must_load(const LibSpec& spec) {
  if (t_reloaded) return t_reloaded->insert(spec.lib).second;
  return spec.flags.reload || !is_loaded(spec.lib);
}

void satisfy(const LibSpec& spec) {
  Value here = current_ns();
  if (!spec.as_alias.is_nil()) {
    // An alias alone, for keywords: the namespace need not even have a file.
    Value target = find_or_create_ns(spec.lib);
    add_alias(here, spec.as_alias, target);
    if (spec.as.is_nil() && !spec.refers) return;
  }
  {
    ReloadAllScope reloading(spec.flags.reload_all);
    if (must_load(spec)) load_once(spec);
  }
  Value loaded = find_ns(spec.lib);
  if (loaded.is_nil()) return;
  if (!spec.as.is_nil()) add_alias(here, spec.as, loaded);
  if (spec.refers) refer_filtered(loaded, spec.filters);
}

LibSpec parse_libspec(Value spec, const std::string& prefix, Flags flags, std::vector<Ref>& keep) {
  LibSpec result;
  result.flags = flags;
  result.refers = flags.use;
  std::vector<Value> items;
  Value name = spec;
  if (!is<Symbol>(spec)) {
    items = items_of(spec, keep);
    name = items[0];
  }
  std::string own = require_symbol(name, "The name of a library");
  if (!prefix.empty() && own.find('.') != std::string::npos) {
    throw_bad_spec("A name in the prefix list of " + prefix + " must not contain a dot: " + own);
  }
  result.lib = prefix.empty() ? own : prefix + "." + own;
  if (items.size() % 2 == 0 && !items.empty()) throw_bad_spec("Option without a value in " + pr_str(spec));
  for (size_t i = 1; i + 1 < items.size(); i += 2) {
    std::string option = is<Keyword>(items[i]) ? full_name(items[i]) : "";
    Value value = items[i + 1];
    if (option == "as") {
      require_symbol(value, ":as");
      result.as = value;
    } else if (option == "as-alias") {
      require_symbol(value, ":as-alias");
      result.as_alias = value;
    } else if (option == "refer") {
      result.refers = true;
      if (value != keyword("all")) {
        if (!is_list_like(value) && !is_set(value)) {
          throw_bad_spec(":refer must be :all or a vector of names, and " + pr_str(value) + " is neither");
        }
        result.filters.insert(result.filters.end(), {keyword("only"), value});
      }
    } else if (option == "only" || option == "exclude" || option == "rename") {
      result.filters.insert(result.filters.end(), {items[i], value});
    } else if (option == "reload") {
      result.flags.reload = value.truthy();
    } else if (option == "reload-all") {
      result.flags.reload_all = value.truthy();
    } else if (option == "verbose") {
      result.flags.verbose = value.truthy();
    } else {
      throw_bad_spec("Unknown option " + pr_str(items[i]) + " for library " + result.lib);
    }
  }
  return result;
}

bool is_libspec(Value arg, const std::vector<Value>& items) {
  return is<Symbol>(arg) || (is_vector(arg) && (items.size() < 2 || is<Keyword>(items[1])));
}

void handle(Value arg, Flags flags) {
  std::vector<Ref> keep;
  std::vector<Value> items;
  if (is_list_like(arg)) {
    items = items_of(arg, keep);
    if (items.empty())
      throw_bad_spec("An empty " + std::string(is_vector(arg) ? "vector" : "list") + " names no library");
  }
  if (is_libspec(arg, items)) {
    satisfy(parse_libspec(arg, "", flags, keep));
  } else if (is_list_like(arg)) {
    std::string prefix = require_symbol(items[0], "The prefix of a list of libraries");
    for (size_t i = 1; i < items.size(); ++i) {
      if (!is<Symbol>(items[i]) && !(is_vector(items[i]) && vector_count(items[i]) > 0)) {
        throw_bad_spec(pr_str(items[i]) + " in the prefix list of " + prefix + " is no library");
      }
      satisfy(parse_libspec(items[i], prefix, flags, keep));
    }
  } else {
    throw_bad_spec(pr_str(arg) + " names no library");
  }
}

struct Filters {
  Value only = Value::none();
  Ref exclude = Ref(empty_set());
  Ref rename = Ref(empty_map());
};

Filters parse_filters(std::span<const Value> args) {
  Filters filters;
  if (args.size() % 2 != 0)
    throw_bad_spec("Filters of refer come in pairs: " + pr_str(args.back()) + " has no value");
  for (size_t i = 0; i < args.size(); i += 2) {
    Value value = args[i + 1];
    if (args[i] == keyword("only") || args[i] == keyword("refer")) {
      if (value != keyword("all")) filters.only = value;
    } else if (args[i] == keyword("exclude")) {
      for (SeqIterator it(value); it.more(); it.step())
        filters.exclude = set_conj(std::move(filters.exclude), Ref(it.value()));
    } else if (args[i] == keyword("rename")) {
      if (!is_map(value)) throw_bad_spec(":rename takes a map of names, and was given " + pr_str(value));
      filters.rename = Ref(value);
    } else {
      throw_bad_spec("Unknown filter " + pr_str(args[i]) + " of refer");
    }
  }
  return filters;
}

void refer_one(Value here, Value from, Value name, const Filters& filters) {
  if (!set_get(filters.exclude, name).is_none()) return;
  require_symbol(name, "A name to refer");
  Namespace& n = as<Namespace>(from);
  Ref mappings = cell_load(n, n.mappings);
  Value mapped = map_get(mappings, name);
  if (!is<Var>(mapped) || as<Var>(mapped).ns != from) {
    std::vector<std::string> candidates;
    map_each(mappings, [&](Value symbol, Value candidate) {
      if (is<Var>(candidate) && may_use(here, as<Var>(candidate))) candidates.push_back(full_name(symbol));
    });
    std::string similar = suggest(full_name(name), candidates);
    throw_diagnostic(ErrorClass::illegal_access, "reops/no-such-name",
                     full_name(name) + " does not exist in " + std::string(ns_name(from)),
                     similar.empty() ? "" : "Did you mean `" + similar + "`?");
  }
  if (is_private(as<Var>(mapped))) {
    throw_diagnostic(
        ErrorClass::illegal_access, "reops/private-name",
        full_name(name) + " is private in " + std::string(ns_name(from)),
        "Private names are reached as #'" + std::string(ns_name(from)) + "/" + full_name(name) + ".");
  }
  Value renamed = map_get(filters.rename, name);
  refer(here, renamed.is_none() ? name : renamed, mapped);
}

}  // namespace

void require(std::span<const Value> args, bool use) {
  Flags flags;
  flags.use = use;
  flags.verbose = deref(*core_vars().loading_verbose).truthy();
  std::vector<Value> specs;
  for (Value arg : args) {
    if (arg == keyword("reload")) {
      flags.reload = true;
    } else if (arg == keyword("reload-all")) {
      flags.reload_all = true;
    } else if (arg == keyword("verbose")) {
      flags.verbose = true;
    } else if (is<Keyword>(arg)) {
      throw_bad_spec("Unknown flag " + pr_str(arg) + ": there are :reload, :reload-all and :verbose");
    } else {
      specs.push_back(arg);
    }
  }
  for (Value spec : specs) handle(spec, flags);
}

void refer_filtered(Value from, std::span<const Value> args) {
  Filters filters = parse_filters(args);
  Value here = current_ns();
  if (from == here) return;
  if (!filters.only.is_none()) {
    for (SeqIterator it(filters.only); it.more(); it.step()) refer_one(here, from, it.value(), filters);
    return;
  }
  Namespace& n = as<Namespace>(from);
  Ref mappings = cell_load(n, n.mappings);
  map_each(mappings, [&](Value name, Value mapped) {
    if (is<Var>(mapped) && as<Var>(mapped).ns == from && !is_private(as<Var>(mapped)))
      refer_one(here, from, name, filters);
  });
}

namespace {

Value import_one(const std::string& full) {
  Value type = resolve(find_ns("clojure.core"), make_symbol("", full));
  if (!is<Type>(type)) {
    throw_diagnostic(
        ErrorClass::class_not_found, "reops/no-such-class", "There is no class " + full,
        "Only the classes that stand for values of this language can be imported, and record types.");
  }
  size_t dot = full.rfind('.');
  refer(current_ns(), make_symbol("", full.substr(dot == std::string::npos ? 0 : dot + 1)), type);
  return type;
}

}  // namespace

Ref import(Value spec) {
  if (is<Symbol>(spec)) return Ref(import_one(full_name(spec)));
  if (!is_list_like(spec)) throw_bad_spec(pr_str(spec) + " names no class to import");
  std::vector<Ref> keep;
  std::vector<Value> items = items_of(spec, keep);
  if (items.empty()) return {};
  std::string package = require_symbol(items[0], "The package of classes to import");
  Ref last;
  for (size_t i = 1; i < items.size(); ++i) {
    last = Ref(import_one(package + "." + require_symbol(items[i], "The name of a class")));
  }
  return last;
}

namespace {

/// The name that the `ns` form at the beginning of a file declares, with its metadata; nil if there is none.
Ref declared_ns(std::string_view path) {
  Reader reader(
      std::make_shared<const Source>(Source{std::string(path), std::string(embedded_source(path))}));
  Ref form = reader.read();
  if (!is_seq(form) || !symbol_is(first(form), "ns")) return {};
  Ref name = first(rest(form));
  return is<Symbol>(name) ? name : nil();
}

}  // namespace

void load_whole_library(bool (*wanted)(std::string_view ns)) {
  for (std::string_view path : embedded_paths()) {
    // Classes of the host that are written in our own language: loaded when a program first names one.
    if (path.starts_with("java/")) continue;
    Ref name = declared_ns(path);
    if (name.is_nil()) continue;
    Value meta = as<Symbol>(name).meta;
    if (!meta.is_nil() && map_get(meta, keyword("image")).is_false()) continue;
    if (wanted && !wanted(name_of(name))) continue;
    Value lib = name;
    require({&lib, 1}, false);
  }
}

bool is_loaded(std::string_view lib) { return !set_get(loaded_libs(), make_symbol("", lib)).is_none(); }

void note_loaded(std::string_view lib) {
  Var& var = loaded_var();
  MonitorScope alone(Value::object(&var));
  set_root(var, set_conj(deref(var), make_symbol("", lib)));
}

void note_unloaded(std::string_view lib) {
  Var& var = loaded_var();
  MonitorScope alone(Value::object(&var));
  set_root(var, set_disj(deref(var), make_symbol("", lib)));
}

Ref loaded_libs() { return deref(loaded_var()); }

}  // namespace reops::lang
