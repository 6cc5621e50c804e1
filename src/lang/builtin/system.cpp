// The process and its surroundings, and its memory.

#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/exit_hooks.hpp"
#include "base/folders.hpp"
#include "base/surroundings.hpp"
#include "lang/builtin/native.hpp"
#include "lang/collection/map.hpp"
#include "lang/runtime/cycles.hpp"
#include "lang/runtime/surroundings.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/census.hpp"
#include "lang/value/leaks.hpp"
#include "lang/value/memory.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/handshake.hpp"

namespace reops::lang {
namespace {

std::string text_arg(Value v, std::string_view what) {
  if (!is<String>(v)) throw_class_cast(v, what);
  return std::string(text_of(v));
}

Ref config_folder(Args) { return make_string_lossy(base::config_folder()); }

Ref memory_limit_native(Args) {
  const size_t limit = memory_limit();
  return limit == 0 || limit == ~size_t{0} ? nil() : integer(static_cast<int64_t>(limit));
}

Ref data_folder(Args) { return make_string_lossy(base::data_folder()); }

Ref state_folder(Args) { return make_string_lossy(base::state_folder()); }

/// The first of the standard streams that is a terminal, by its name; nil when none is.
Ref own_terminal() {
  char name[256];
  for (int fd : {STDIN_FILENO, STDERR_FILENO, STDOUT_FILENO}) {
    if (::ttyname_r(fd, name, sizeof name) == 0) return make_string_lossy(name);
  }
  return nil();
}

Ref process_peer(Args) {
  return make_map({keyword("user"), make_string_lossy(base::user_name()), keyword("uid"),
                   Value::fixnum(::geteuid()), keyword("pid"), Value::fixnum(::getpid()), keyword("tty"),
                   own_terminal()});
}

PersonServed& person_argument(Value v) {
  PersonServed* person = resource_of<PersonServed>(v);
  if (!person) throw_class_cast(v, "what *surroundings* is at a prompt");
  return *person;
}

Ref person_attached(Args args) { return boolean(person_argument(args[0]).attached()); }
Ref person_futures(Args args) { return integer(person_argument(args[0]).surroundings().under_way()); }

Ref getenv_native(Args args) {
  if (args.size() == 1) {
    const char* value = base::variable(text_arg(args[0], "the name of a variable, as a string").c_str());
    return value ? make_string_lossy(value) : nil();
  }
  Ref all(empty_map());
  for (char* const* entry = base::environment(); entry && *entry; ++entry) {
    const char* equals = std::strchr(*entry, '=');
    if (!equals) continue;
    all = map_assoc(std::move(all), make_string_lossy({*entry, static_cast<size_t>(equals - *entry)}),
                    make_string_lossy(equals + 1));
  }
  return all;
}

std::string environment(const char* name, std::string_view otherwise) {
  const char* value = base::variable(name);
  return value && *value ? value : std::string(otherwise);
}

std::string current_folder() {
  char* path = ::getcwd(nullptr, 0);
  std::string result = path ? path : ".";
  std::free(path);
  return result;
}

/// The properties of the host that programs ask for; empty for others.
std::string property(std::string_view name) {
  struct utsname system = {};
  uname(&system);
  if (name == "user.home") return environment("HOME", "/");
  if (name == "user.dir") return current_folder();
  if (name == "user.name") return environment("USER", environment("LOGNAME", "root"));
  if (name == "os.name") return system.sysname;
  if (name == "os.version") return system.release;
  if (name == "os.arch") return std::strcmp(system.machine, "x86_64") == 0 ? "amd64" : system.machine;
  if (name == "line.separator") return "\n";
  if (name == "file.separator") return "/";
  if (name == "path.separator") return ":";
  if (name == "java.io.tmpdir") return environment("TMPDIR", "/tmp");
  if (name == "file.encoding") return "UTF-8";
  return {};
}

Ref get_property(Args args) {
  std::string value = property(text_arg(args[0], "the name of a property, as a string"));
  if (value.empty()) return Ref(args.get(1));
  return make_string_lossy(value);
}

Ref current_time_millis(Args) {
  using namespace std::chrono;
  return integer(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

Ref nano_time(Args) {
  using namespace std::chrono;
  return integer(duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count());
}

Ref line_separator(Args) { return make_string("\n"); }

/// Ends the process at once: other threads are not waited for, but what was printed is written. At a prompt
/// that shares the process with others it ends that prompt.
Ref exit_native(Args args) {
  auto code = static_cast<int>(to_int(args[0], "an exit code"));
  if (PersonServed* person = person_served()) {
    person->leave(code);
    throw_error(ErrorClass::interrupted, "The prompt is left");
  }
  try {
    Value flush = resolve(find_ns("clojure.core"), make_symbol("flush"));
    if (is<Var>(flush)) call(flush, {});
  } catch (const Thrown&) {
    // Whoever read our output is gone; the exit code still says what the program wanted to say.
  }
  std::fflush(nullptr);
  base::run_exit_hooks();
  check_leaks();
  _exit(code);
}

Ref gc(Args) {
  Collection c = collect_cycles();
  size_t retired = drain_retired();
  return make_map({keyword("cells"), Value::fixnum(static_cast<int64_t>(c.cells)), keyword("collected"),
                   Value::fixnum(static_cast<int64_t>(c.collected)), keyword("in-use"),
                   Value::fixnum(static_cast<int64_t>(retired))});
}

Ref cells(Args) {
  std::array<int64_t, static_cast<size_t>(Kind::k_count)> counts{};
  each_noted_cell([&](Object& cell) { ++counts[static_cast<size_t>(cell.kind)]; });
  Ref result(empty_map());
  for (size_t kind = 0; kind < counts.size(); ++kind) {
    if (counts[kind] == 0) continue;
    result = map_assoc(std::move(result), Ref(keyword(info(static_cast<Kind>(kind)).name)),
                       Ref(Value::fixnum(counts[kind])));
  }
  return result;
}

const NativeDef k_defs[] = {
    {"System", "getenv", getenv_native, 0, 1, k_borrow_all, "([] [name])",
     "The value of an environment variable or nil; without a name a map of all."},
    {"System", "getProperty", get_property, 1, 2, k_borrow_all, "([name] [name otherwise])",
     "What the host is: user.home, user.dir, user.name, os.name, os.version, os.arch, line.separator, "
     "file.separator, "
     "path.separator, java.io.tmpdir, file.encoding; nil or `otherwise` for others."},
    {"System", "currentTimeMillis", current_time_millis, 0, 0, k_borrow_all, "([])",
     "Milliseconds since 1970."},
    {"System", "nanoTime", nano_time, 0, 0, k_borrow_all, "([])",
     "Nanoseconds since some moment; never runs backwards. For measuring."},
    {"System", "lineSeparator", line_separator, 0, 0, k_borrow_all, "([])", "What ends a line."},
    {"System", "exit", exit_native, 1, 1, k_borrow_all, "([code])",
     "Ends the process with an exit code; at a prompt, that prompt."},
    {"System", "gc", gc, 0, 0, k_borrow_all, "([])", "Same as clojure.core/gc."},
    {"clojure.core", "gc", gc, 0, 0, k_borrow_all, "([])",
     "Frees cycles of atoms, vars and other cells that nothing reaches, and replaced definitions that no "
     "thread uses any "
     "more. Returns how many cells there were, how many were freed, and how many old definitions are still "
     "in use."},
    {"reops.internal", "config-folder", config_folder, 0, 0, k_borrow_all, "([])",
     "Where the user's configuration is kept: ~/.config/reops unless the environment says otherwise."},
    {"reops.internal", "memory-limit", memory_limit_native, 0, 0, k_borrow_all, "([])",
     "How many bytes of memory an evaluation may use, or nil for any."},
    {"reops.internal", "data-folder", data_folder, 0, 0, k_borrow_all, "([])",
     "Where what is to be kept is kept: ~/.local/share/reops unless the environment says otherwise."},
    {"reops.internal", "state-folder", state_folder, 0, 0, k_borrow_all, "([])",
     "Where what programs remember is kept: ~/.local/state/reops unless the environment says otherwise."},
    {"reops.internal", "process-peer", process_peer, 0, 0, k_borrow_all, "([])",
     "Who runs this process: {:user :uid :pid :tty}. See reops.peer/peer."},
    {"reops.internal", "person-attached?", person_attached, 1, 1, k_borrow_all, "([surroundings])",
     "Whether the person of a prompt is still there."},
    {"reops.internal", "person-futures", person_futures, 1, 1, k_borrow_all, "([surroundings])",
     "How many futures that were begun at a prompt are not done."},
    {"reops.internal", "cells", cells, 0, 0, k_borrow_all, "([])",
     "How many cells of each kind are in the census."},
};

}  // namespace

extern const NativeModule k_natives_system;
const NativeModule k_natives_system = {"system", k_defs};

}  // namespace reops::lang
