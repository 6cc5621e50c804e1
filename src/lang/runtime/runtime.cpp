#include "lang/runtime/runtime.hpp"

#include <cassert>
#include <vector>

#include "lang/builtin/native.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/boot_image.hpp"
#include "lang/runtime/loader.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/tasks.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/memory.hpp"
#include "lang/value/out_of_memory.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"

namespace reops::lang {
namespace {

Runtime* g_runtime = nullptr;

void define_load_path(const std::vector<std::string>& folders) {
  std::vector<Ref> texts;
  for (const std::string& folder : folders) texts.push_back(make_string_lossy(folder));
  std::vector<Value> items(texts.begin(), texts.end());
  Ref doc = make_string("Folders and archives (jars and zips) that require and load search, in order.");
  define("clojure.core", "*load-path*", make_vector(items),
         make_map({keyword("dynamic"), Value::boolean(true), keyword("doc"), doc}));
}

/// What a prompt or a script may set! for itself.
void bind_what_a_session_sets() {
  CoreVars& v = core_vars();
  Ref map(empty_map());
  for (Var* var : {v.ns, v.file, v.print_length, v.print_level, v.print_meta, v.print_namespace_maps,
                   v.data_readers, v.default_data_reader_fn, v.star1, v.star2, v.star3, v.star_e,
                   v.command_line_args, v.warn_on_reflection, v.unchecked_math, v.assert_, v.read_eval}) {
    map = map_assoc(std::move(map), Ref(Value::object(var)), deref(*var));
  }
  push_bindings(map);
}

void load_embedded(std::string_view path) {
  std::string_view text = embedded_source(path);
  if (text.data()) load_source(text, path);
}

void load_library() {
  set_current_ns(find_ns("clojure.core"));
  load_embedded("clojure/core.clj");
  Value user = find_or_create_ns("user");
  refer_core(user);
  set_current_ns(user);
  load_embedded("user.clj");
}

}  // namespace

Runtime::Runtime(RuntimeOptions options) : options_(std::move(options)) {
  assert(!g_runtime && "one Runtime per process");
  g_runtime = this;
  prepare_memory();
  make_standard_streams();
  bool from_image = !options_.image.empty();
  if (from_image) adopt_boot_image(options_.image);
  create_core_vars();
  if (!from_image) install_all();
  define_load_path(options_.load_path);
  bind_what_a_session_sets();
  if (from_image) {
    set_current_ns(find_ns("user"));
  } else {
    load_library();
  }
  load_data_readers();
  out_of_memory_error();
}

Runtime::~Runtime() {
  end_tasks(std::chrono::seconds(1));
  flush_standard_streams();
  g_runtime = nullptr;
}

Runtime& runtime() {
  assert(g_runtime && "a Runtime lives");
  return *g_runtime;
}

}  // namespace reops::lang
