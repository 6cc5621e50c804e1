// Running programs: what reops.process is made of.

#include "base/process.hpp"

#include <map>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/surroundings.hpp"
#include "base/terminal_process.hpp"
#include "lang/builtin/native.hpp"
#include "lang/builtin/system_arguments.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/runtime/surroundings.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/parking.hpp"
#include "lang/vm/thread.hpp"

namespace reops::lang {
namespace {

/// A word of a command line or a variable: a string, byte string or number, without a zero byte.
std::string word_argument(Value v, std::string_view what) {
  std::string word;
  if (is<String>(v)) {
    word = text_of(v);
  } else if (const ByteString* bytes = try_as<ByteString>(v)) {
    word = bytes->view();
  } else if (is_number(v)) {
    append_number(word, v);
  } else {
    throw_class_cast(v, "a string or a number as " + std::string(what));
  }
  if (word.find('\0') != word.npos)
    throw_illegal_argument("A zero byte cannot be part of " + std::string(what));
  return word;
}

std::vector<std::string> command_argument(Value v) {
  if (is<String>(v)) {
    throw_illegal_argument(
        "A command is a list of words: [\"ls\" \"-la\"]; (shell \"ls -la\") has a shell take it apart");
  }
  std::vector<std::string> words;
  for (SeqIterator it(v); it.more(); it.step())
    words.push_back(word_argument(it.value(), "a word of a command"));
  if (words.empty() || words[0].empty())
    throw_illegal_argument("A command needs at least the name of a program");
  return words;
}

std::map<std::string, std::string> own_environment() {
  std::map<std::string, std::string> variables;
  for (char* const* entry = base::environment(); entry && *entry; ++entry) {
    std::string_view text = *entry;
    if (size_t equals = text.find('='); equals != text.npos) {
      variables[std::string(text.substr(0, equals))] = text.substr(equals + 1);
    }
  }
  return variables;
}

void apply_environment(std::map<std::string, std::string>& variables, Value changes) {
  if (!is_map(changes)) throw_class_cast(changes, "a map from names to values for :env");
  map_each(changes, [&](Value key, Value value) {
    std::string name =
        is<Keyword>(key) ? std::string(name_of(key)) : word_argument(key, "the name of a variable");
    if (name.empty() || name.find('=') != name.npos) {
      throw_illegal_argument("\"" + name + "\" cannot be the name of an environment variable");
    }
    if (value.is_nil()) {
      variables.erase(name);
    } else {
      variables[name] = word_argument(value, "the value of a variable");
    }
  });
}

struct Options {
  base::ProcessSpec spec;
  bool bytes = false;
};

Options read_options(Value command, Value options) {
  Options result;
  result.spec.argv = command_argument(command);
  if (options.is_nil()) return result;
  if (!is_map(options)) throw_class_cast(options, "a map of options for run");
  Value changes, clear;
  map_each(options, [&](Value key, Value value) {
    if (key == keyword("in")) {
      if (is<String>(value)) {
        result.spec.input = text_of(value);
      } else if (const ByteString* bytes = try_as<ByteString>(value)) {
        result.spec.input = bytes->view();
      } else if (!value.is_nil()) {
        throw_class_cast(value, "a string or a byte string for :in");
      }
    } else if (key == keyword("dir")) {
      if (!value.is_nil()) result.spec.folder = path_argument(value, ":dir");
    } else if (key == keyword("env")) {
      changes = value;
    } else if (key == keyword("clear-env")) {
      clear = value;
    } else if (key == keyword("timeout-ms")) {
      if (value.is_nil()) return;
      int64_t millis = to_int(value, ":timeout-ms");
      if (millis < 0) throw_illegal_argument(":timeout-ms cannot be negative");
      // Beyond a century is never; adding it to the clock could overflow.
      if (millis < INT64_C(3'000'000'000'000))
        result.spec.deadline = base::Deadline::in(base::Millis(millis));
    } else if (key == keyword("limit")) {
      int64_t limit = to_int(value, ":limit");
      if (limit < 0) throw_illegal_argument(":limit cannot be negative");
      result.spec.output_limit = static_cast<size_t>(limit);
    } else if (key == keyword("bytes")) {
      result.bytes = value.truthy();
    } else {
      throw_illegal_argument("run does not know the option " + pr_str(key) +
                             " (it knows :in :dir :env :clear-env :timeout-ms :limit :bytes)");
    }
  });
  if (!changes.is_nil() || clear.truthy()) {
    result.spec.environment = clear.truthy() ? std::map<std::string, std::string>() : own_environment();
    if (!changes.is_nil()) apply_environment(*result.spec.environment, changes);
  }
  return result;
}

Ref run_at_terminal_fn(Args args) {
  const int in = base::standard_input(), out = base::standard_output();
  if (!isatty(in) || !isatty(out) || !base::person_waits()) return nil();
  const std::vector<std::string> command = command_argument(args[0]);
  auto code = [&] {
    if (PersonServed* person = person_served()) return person->run_program(command);
    // What is typed is the program's, Ctrl-C too.
    BlockingRegion region([] {});
    return base::run_at_terminal(command, in, out, base::standard_error());
  }();
  clear_interrupt(this_thread());
  if (!code.ok()) throw_result(code.error());
  return integer(code.value());
}

Ref run_process_fn(Args args) {
  Options options = read_options(args[0], args.get(1));
  base::Cancel cancel;
  options.spec.cancel_fd = cancel.fd();
  auto ended = [&] {
    BlockingRegion region([&cancel] { cancel.cancel(); });
    return base::run_process(options.spec);
  }();
  if (ended.ok() && ended.value().end == base::ProcessResult::End::cancelled) {
    clear_interrupt(this_thread());
    throw_error(ErrorClass::interrupted, "Interrupted while " + options.spec.argv[0] + " was running");
  }
  poll_after_wait();
  if (!ended.ok()) throw_result(ended.error());
  const base::ProcessResult& result = ended.value();
  Ref out = options.bytes ? make_bytes(result.out) : make_string_lossy(result.out);
  Ref err = options.bytes ? make_bytes(result.err) : make_string_lossy(result.err);
  Ref map = make_map({keyword("exit"), Value::fixnum(result.code), keyword("out"), out, keyword("err"), err});
  if (result.end == base::ProcessResult::End::timed_out) {
    map = map_assoc(std::move(map), Ref(keyword("timed-out")), boolean(true));
  }
  if (size_t dropped = result.out_dropped + result.err_dropped) {
    map = map_assoc(std::move(map), Ref(keyword("dropped")), integer(static_cast<int64_t>(dropped)));
  }
  return map;
}

constexpr NativeDef k_defs[] = {
    {"reops.internal", "run-at-terminal", run_at_terminal_fn, 1, 1, k_borrow_all, "([command])",
     "Runs a program that has the terminal until it ends: its exit code; nil, and nothing runs, where this "
     "thread has no terminal."},
    {"reops.internal", "run-process", run_process_fn, 1, 2, k_borrow_all, "([command] [command options])",
     "Runs a program to its end. See reops.process/run."},
};

}  // namespace

extern const NativeModule k_natives_process;
const NativeModule k_natives_process = {"process", k_defs};

}  // namespace reops::lang
