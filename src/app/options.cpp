#include "options.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "base/folders.hpp"
#include "lang/codec/report.hpp"
#include "lang/compiler/compiler.hpp"
#include "lang/runtime/require.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/value/error.hpp"
#include "lang/value/memory.hpp"
#include "linked_image.hpp"

namespace reops::app {
namespace {

// "512M", "2G", "100000": bytes. Throws CLI::ValidationError.
size_t parse_size(const std::string& text) {
  size_t end = 0;
  unsigned long long number = 0;
  try {
    number = std::stoull(text, &end);
  } catch (const std::exception&) {
    end = 0;
  }
  std::string unit = text.substr(end);
  if (end == 0 || unit.size() > 1 ||
      (unit.size() == 1 && std::string("KMGkmg").find(unit[0]) == std::string::npos)) {
    throw CLI::ValidationError("memory limit", "'" + text + "' is no size; write 512M or 2G");
  }
  switch (unit.empty() ? ' ' : unit[0]) {
    case 'K':
    case 'k':
      return number << 10;
    case 'M':
    case 'm':
      return number << 20;
    case 'G':
    case 'g':
      return number << 30;
    default:
      return number;
  }
}

}  // namespace

void add_runtime_options(CLI::App& app, RuntimeSettings& settings) {
  app.add_option("-L,--load-path", settings.load_path,
                 "Search DIR for libraries, before the configuration's scripts")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option_function<std::string>(
         "--memory-limit",
         [&settings](const std::string& text) {
           size_t bytes = parse_size(text);
           settings.memory_limit = bytes == 0 ? ~size_t{0} : bytes;
         },
         "Fail an evaluation that would use more memory (512M, 2G; 0: no limit)")
      ->type_name("SIZE")
      ->envname("REOPS_MEMORY_LIMIT");
  app.add_flag("--naive-registers", settings.naive_registers,
               "Generate code without liveness, to test the compiler")
      ->group("")
      ->envname("REOPS_NAIVE_REGISTERS");
  app.add_flag("--library-from-source", settings.library_from_source,
               "Load the library from its source instead of the image")
      ->group("")
      ->envname("REOPS_LIBRARY_FROM_SOURCE");
}

std::optional<int> parse_arguments(CLI::App& app, std::vector<std::string> words) {
  try {
    std::reverse(words.begin(), words.end());
    app.parse(words);
    return std::nullopt;
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e) == 0 ? 0 : 2;
    // The program leaves without the library's own goodbye.
    std::cout.flush();
    return code;
  }
}

int with_runtime(const RuntimeSettings& settings, const std::function<int()>& work) {
  if (settings.memory_limit) lang::set_memory_limit(settings.memory_limit);
  lang::compiler_options().liveness = !settings.naive_registers;
  lang::RuntimeOptions options;
  // Code in the image was compiled with liveness, so a run without it compiles all anew.
  if (!settings.library_from_source && !settings.naive_registers) options.image = linked_image();
  options.load_path = settings.load_path;
  // Code is loaded from the configuration's own folder, never from wherever the program happens to be
  // started.
  options.load_path.push_back(base::config_folder() + "/scripts");
  try {
    lang::Runtime runtime(options);
    if (options.image.empty()) lang::load_whole_library();
    return work();
  } catch (const lang::Thrown& t) {
    // The core library itself did not load.
    std::fputs(lang::report(t.error(), false).c_str(), stderr);
    return 1;
  }
}

}  // namespace reops::app
