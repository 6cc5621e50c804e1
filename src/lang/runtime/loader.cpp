#include "lang/runtime/loader.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "base/files.hpp"
#include "lang/codec/report.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/compiler/compiler.hpp"
#include "lang/reader/reader.hpp"
#include "lang/runtime/monitor.hpp"
#include "lang/runtime/require.hpp"
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

template <class T>
T value_or_throw(base::Result<T> result) {
  if (!result) throw_error(ErrorClass::io, result.error().message);
  return std::move(result).value();
}

// Is the root of the load path an archive, not a folder?
bool is_archive(const std::string& root) {
  struct stat status;
  return ::stat(root.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

std::optional<FoundFile> find_below(const std::string& root, std::string_view name) {
  if (is_archive(root)) {
    if (!value_or_throw(runtime().archives().open(root))->contains(name)) return std::nullopt;
    return FoundFile{root, std::string(name), true};
  }
  if (!base::file_exists(base::join_path(root, name))) return std::nullopt;
  return FoundFile{root, std::string(name), false};
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
  if (hint.empty()) hint = "The folders and archives to search are in *load-path*.";
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

std::optional<FoundFile> find_file(std::string_view name) {
  for (const std::string& root : load_path()) {
    if (auto found = find_below(root, name)) return found;
  }
  if (embedded_source(name).data()) return FoundFile{"", std::string(name), false};
  return std::nullopt;
}

std::vector<FoundFile> find_files(std::string_view name) {
  std::vector<FoundFile> all;
  for (const std::string& root : load_path()) {
    if (auto found = find_below(root, name)) all.push_back(std::move(*found));
  }
  return all;
}

std::string read_found(const FoundFile& file) {
  if (file.root.empty()) return std::string(embedded_source(file.name));
  if (file.in_archive)
    return value_or_throw(value_or_throw(runtime().archives().open(file.root))->read(file.name));
  return value_or_throw(base::read_file(base::join_path(file.root, file.name)));
}

void load_data_readers() {
  Ref readers = deref(*core_vars().data_readers);
  bool more = false;
  for (std::string_view name : {"data_readers.clj", "data_readers.cljc"}) {
    for (const FoundFile& file : find_files(name)) {
      auto source =
          std::make_shared<const Source>(Source{base::join_path(file.root, name), read_found(file)});
      Ref map = Reader(source).read();
      if (!is_map(map)) throw_illegal_argument(source->name + " must be a map of tags to names of functions");
      map_each(map, [&](Value tag, Value function) {
        if (!is<Symbol>(tag) || !is<Symbol>(function) || !has_ns(function)) {
          throw_illegal_argument(source->name +
                                 ": a tag and the name of a function with its namespace are symbols, found " +
                                 describe(tag) + " and " + describe(function));
        }
        Var& var = intern(find_or_create_ns(ns_of(function)), name_of(function));
        readers = map_assoc(std::move(readers), Ref(tag), Ref(Value::object(&var)));
        more = true;
      });
    }
  }
  if (more) {
    set_root(*core_vars().data_readers, readers);
    set_binding(*core_vars().data_readers, readers);
  }
}

std::optional<LoadedText> find_library(std::string_view stem) {
  for (const std::string& root : load_path()) {
    for (std::string_view ending : k_endings) {
      std::string name = std::string(stem) + std::string(ending);
      if (auto found = find_below(root, name)) {
        // What lies in an archive does not change under us.
        std::string path = found->in_archive ? "" : base::join_path(root, name);
        return LoadedText{name, std::move(path), read_found(*found)};
      }
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

bool load_class(std::string_view full_name) {
  // Not path_of_lib: the name of a class keeps what a namespace's file would have as an underscore.
  std::string stem(full_name);
  std::replace(stem.begin(), stem.end(), '.', '/');
  if (!embedded_source(stem + ".clj").data()) return false;
  if (std::find(t_loading.begin(), t_loading.end(), stem) != t_loading.end()) return false;
  Ref lib = make_symbol(full_name);
  require({{lib.get()}}, false);
  return true;
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
