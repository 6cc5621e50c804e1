#include "lang/runtime/loader.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "lang/codec/report.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/compiler/compiler.hpp"
#include "lang/reader/reader.hpp"
#include "lang/runtime/monitor.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

constexpr std::string_view k_endings[] = {".clj", ".cljc"};

struct Loading {
  std::string stem;
  std::string lib;
  bool operator==(std::string_view other) const { return stem == other; }
};

// What this thread is loading, outermost first.
thread_local std::vector<Loading> t_loading;

class LoadingScope {
 public:
  explicit LoadingScope(std::string_view stem, std::string_view lib = {}) {
    if (std::find(t_loading.begin(), t_loading.end(), stem) != t_loading.end()) throw_cycle(stem);
    std::string owner(lib.empty() && !t_loading.empty() ? t_loading.back().lib : lib);
    t_loading.push_back({std::string(stem), std::move(owner)});
  }
  ~LoadingScope() { t_loading.pop_back(); }
  LoadingScope(const LoadingScope&) = delete;
  LoadingScope& operator=(const LoadingScope&) = delete;

 private:
  [[noreturn]] static void throw_cycle(std::string_view stem) {
    std::string chain;
    for (auto at = std::find(t_loading.begin(), t_loading.end(), stem); at != t_loading.end(); ++at)
      chain += at->stem + " → ";
    throw_diagnostic(ErrorClass::exception, "reops/cyclic-load", "Cyclic load: " + chain + std::string(stem),
                     "Move what both need into a namespace of its own that neither loads.");
  }
};

Var& loaded_files_var() {
  static Var& var = define("clojure.core", "*loaded-files*", Ref(empty_map()),
                           make_map({keyword("private"), Value::boolean(true)}));
  return var;
}

// What `refresh` compares with.
void note_loaded_file(const LoadedText& file) {
  if (file.path.empty() || t_loading.back().lib.empty()) return;
  Ref path = make_string_lossy(file.path), name = make_string_lossy(file.name);
  Ref lib = make_symbol("", t_loading.back().lib), print = integer(fingerprint(file.text));
  Var& var = loaded_files_var();
  MonitorScope alone(Value::object(&var));
  set_root(var, map_assoc(deref(var), path, make_vector({name, lib, print})));
}

std::optional<std::string> read_if_there(const std::string& path) {
  if (!base::file_exists(path)) return std::nullopt;
  auto text = base::read_file(path);
  if (!text) throw_error(ErrorClass::io, text.error().message);
  return std::move(text).value();
}

/// A library that exists, compiled in or loaded, of nearly that name.
std::string similar_library(std::string_view stem) {
  auto as_name = [](std::string path) {
    std::replace(path.begin(), path.end(), '/', '.');
    std::replace(path.begin(), path.end(), '_', '-');
    return path;
  };
  std::vector<std::string> known;
  for (std::string_view path : embedded_paths())
    known.push_back(as_name(std::string(path.substr(0, path.rfind('.')))));
  map_each(all_namespaces(), [&](Value name, Value) { known.emplace_back(name_of(name)); });
  return suggest(as_name(std::string(stem)), known);
}

[[noreturn]] void throw_not_found(std::string_view stem, std::string_view what) {
  std::string searched;
  std::string dashed(stem);
  std::replace(dashed.begin(), dashed.end(), '_', '-');
  std::string hint;
  for (const std::string& folder : load_path()) {
    searched += searched.empty() ? folder : ", " + folder;
    for (std::string_view ending : k_endings) {
      std::string wrong = base::join_path(folder, dashed + std::string(ending));
      if (dashed != stem && base::file_exists(wrong)) {
        hint = "There is " + wrong + ": a dash in a namespace's name is an underscore in its file's name.";
      }
    }
  }
  if (std::string known = similar_library(stem); hint.empty() && !known.empty())
    hint = "Did you mean `" + known + "`?";
  if (hint.empty()) hint = "Folders to search are in *load-path*.";
  std::string path(stem);
  throw_diagnostic(ErrorClass::file_not_found, "reops/not-found",
                   "Could not find " + std::string(what) + ": there is no " + path + ".clj or " + path +
                       ".cljc in " + (searched.empty() ? "the load path, which is empty," : searched) +
                       " nor among what is compiled in",
                   hint);
}

/// What a file may `set!` for itself without its caller seeing it.
Ref bindings_of_a_file(std::string_view name) {
  CoreVars& v = core_vars();
  Ref file = make_string_lossy(name);
  Ref ns = deref(*v.ns), warn_on_reflection = deref(*v.warn_on_reflection),
      unchecked = deref(*v.unchecked_math), readers = deref(*v.data_readers);
  return make_map({Value::object(v.file), file, Value::object(v.ns), ns, Value::object(v.warn_on_reflection),
                   warn_on_reflection, Value::object(v.unchecked_math), unchecked,
                   Value::object(v.data_readers), readers});
}

Ref load_text(std::string text, std::string_view name) {
  auto source = std::make_shared<const Source>(Source{std::string(name), std::move(text)});
  ScopedBindings bindings(bindings_of_a_file(name));
  Reader reader(source);
  Ref result;
  for (;;) {
    Ref form = reader.read();
    if (form.get().is_none()) return result;
    result = evaluate(form, &reader.positions(), source);
    poll();
  }
}

}  // namespace

std::string path_of_lib(std::string_view lib) {
  std::string path(lib);
  std::replace(path.begin(), path.end(), '.', '/');
  std::replace(path.begin(), path.end(), '-', '_');
  return path;
}

std::vector<std::string> load_path() {
  std::vector<std::string> folders;
  Value var = resolve(find_ns("clojure.core"), make_symbol("*load-path*"));
  if (!is<Var>(var)) return folders;
  Ref list = deref(as<Var>(var));
  for (SeqIterator it(list); it.more(); it.step()) {
    if (is<String>(it.value())) folders.emplace_back(text_of(it.value()));
  }
  return folders;
}

std::optional<LoadedText> find_library(std::string_view stem) {
  for (const std::string& folder : load_path()) {
    for (std::string_view ending : k_endings) {
      std::string name = std::string(stem) + std::string(ending);
      std::string path = base::join_path(folder, name);
      if (auto text = read_if_there(path)) return LoadedText{name, std::move(path), std::move(*text)};
    }
  }
  for (std::string_view ending : k_endings) {
    std::string name = std::string(stem) + std::string(ending);
    if (std::string_view text = embedded_source(name); text.data())
      return LoadedText{name, "", std::string(text)};
  }
  return std::nullopt;
}

void load_stem(std::string_view stem, std::string_view what, std::string_view lib) {
  LoadingScope scope(stem, lib);
  auto found = find_library(stem);
  if (!found) throw_not_found(stem, what);
  note_loaded_file(*found);
  load_text(std::move(found->text), found->name);
}

std::string stem_of_load(std::string_view path) {
  if (path.starts_with('/')) return std::string(path.substr(1));
  std::string own = path_of_lib(ns_name(current_ns()));
  size_t slash = own.rfind('/');
  return slash == std::string::npos ? std::string(path) : own.substr(0, slash + 1) + std::string(path);
}

Ref load_source(std::string_view text, std::string_view name) { return load_text(std::string(text), name); }

Ref load_file(const std::string& path) {
  auto text = base::read_file(path);
  if (!text) throw_error(ErrorClass::file_not_found, text.error().message);
  LoadingScope scope(path);
  return load_text(std::move(text).value(), path);
}

void load_lib(std::string_view lib) { load_stem(path_of_lib(lib), "library " + std::string(lib), lib); }

Ref loaded_files() { return deref(loaded_files_var()); }

void forget_loaded_file(std::string_view path) {
  Ref key = make_string_lossy(path);
  Var& var = loaded_files_var();
  MonitorScope alone(Value::object(&var));
  set_root(var, map_dissoc(deref(var), key));
}

int64_t fingerprint(std::string_view text) {
  // Small enough to be an integer of the language without a box.
  return static_cast<int64_t>(std::hash<std::string_view>{}(text) >> 2);
}

Ref eval(Value form) { return evaluate(form, nullptr, nullptr); }

}  // namespace reops::lang
