// What reops.reload is made of: which files were loaded and have changed, the names of a namespace as a
// whole, and waiting for files to be saved.

#include <poll.h>

#include "base/cancel.hpp"
#include "base/files.hpp"
#include "base/folder_watch.hpp"
#include "lang/builtin/native.hpp"
#include "lang/builtin/system_arguments.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/loader.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/parking.hpp"

namespace reops::lang {
namespace {

// A save is often several events: of a temporary file, of the old one, of the new one.
constexpr int k_quiet_ms = 50;

class Watcher : public Resource {
 public:
  explicit Watcher(base::FolderWatch watch) : folders(std::move(watch)) {}
  std::string describe() const override { return "Watcher"; }
  base::FolderWatch folders;
};

Value ns_arg(Value v) {
  if (!is<Namespace>(v)) throw_class_cast(v, "a namespace");
  return v;
}

Ref ns_names_native(Args args) { return ns_names(ns_arg(args[0])); }

Ref set_ns_names_native(Args args) {
  Value names = args[1];
  if (!is_vector(names) || vector_count(names) != 2)
    throw_class_cast(names, "a vector of mappings and aliases, as ns-names gives it");
  for (size_t i : {0, 1}) {
    if (!is_plain_map(vector_at(names, i))) throw_class_cast(vector_at(names, i), "a map of names");
  }
  set_ns_names(ns_arg(args[0]), Ref(vector_at(names, 0)), Ref(vector_at(names, 1)));
  return {};
}

Ref loaded_files_native(Args) {
  Ref files = loaded_files(), result(empty_map());
  map_each(files, [&](Value path, Value row) {
    auto text = base::read_file(std::string(text_of(path)));
    const bool same = text && fingerprint(text.value()) == as_int(vector_at(row, 2));
    Value state = same ? keyword("same") : text ? keyword("changed") : keyword("missing");
    Ref content = text ? make_string_lossy(text.value()) : nil();
    map_put(result, Ref(path),
            make_map({keyword("name"), vector_at(row, 0), keyword("lib"), vector_at(row, 1), keyword("state"),
                      state, keyword("text"), content}));
  });
  return result;
}

Ref forget_loaded_file_native(Args args) {
  forget_loaded_file(path_argument(args[0], "forget-loaded-file"));
  return {};
}

Ref open_watch(Args args) {
  std::vector<std::string> folders;
  for (SeqIterator it(args[0]); it.more(); it.step())
    folders.push_back(path_argument(it.value(), "a folder to watch"));
  auto watch = base::FolderWatch::create(folders);
  if (!watch) throw_result(watch.error());
  return make_handle(new Watcher(std::move(watch).value()));
}

// Waits up to so many milliseconds (-1: for ever) until the watch has something to say.
bool wait_for(Watcher& watcher, int milliseconds) {
  base::Cancel cancel;
  int ready = 0;
  {
    BlockingRegion region([&cancel] { cancel.cancel(); });
    pollfd both[2] = {{watcher.folders.fd(), POLLIN, 0}, {cancel.fd(), POLLIN, 0}};
    ready = ::poll(both, 2, milliseconds);
  }
  poll_after_wait();
  return ready > 0;
}

Ref await_changes(Args args) {
  Watcher* watcher = resource_of<Watcher>(args[0]);
  if (!watcher) throw_class_cast(args[0], "a watch of folders");
  std::vector<std::string> changed;
  while (changed.empty()) {
    if (wait_for(*watcher, -1)) changed = watcher->folders.take();
  }
  while (wait_for(*watcher, k_quiet_ms)) {
    std::vector<std::string> more = watcher->folders.take();
    changed.insert(changed.end(), more.begin(), more.end());
  }
  std::vector<Ref> paths;
  for (const std::string& path : changed) paths.push_back(path_value(path));
  std::vector<Value> values(paths.begin(), paths.end());
  Ref list = make_list(values);
  return list;
}

constexpr const char* k_internal = "reops.internal";

constexpr NativeDef k_defs[] = {
    {k_internal, "ns-names", ns_names_native, 1, 1, k_borrow_all, "([ns])",
     "What the names and the aliases of a namespace mean: [mappings aliases]."},
    {k_internal, "set-ns-names!", set_ns_names_native, 2, 2, k_borrow_all, "([ns names])",
     "Gives a namespace the names and aliases that ns-names gave."},
    {k_internal, "loaded-files", loaded_files_native, 0, 0, k_borrow_all, "([])",
     "The files of the load path that were loaded, by path: {:name :lib :text :state}, where :state is "
     ":same, "
     ":changed (since it was loaded last) or :missing."},
    {k_internal, "forget-loaded-file", forget_loaded_file_native, 1, 1, k_borrow_all, "([path])",
     "Takes a file out of loaded-files."},
    {k_internal, "open-watch", open_watch, 1, 1, k_borrow_all, "([folders])",
     "A watch of what is below folders, for await-changes."},
    {k_internal, "await-changes", await_changes, 1, 1, k_borrow_all, "([watch])",
     "Waits until files below the folders of a watch are written, moved or deleted, and for the moment of "
     "quiet after "
     "that; returns their paths."},
};

}  // namespace

extern const NativeModule k_natives_reloading;
const NativeModule k_natives_reloading = {"reloading", k_defs};

}  // namespace reops::lang
