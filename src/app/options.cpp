#include "options.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <system_error>

#include "base/files.hpp"
#include "base/folders.hpp"
#include "configuration.hpp"
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
  size_t number = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(end, text.data() + text.size());
  unsigned shift = 0;
  if (unit == "K" || unit == "k") shift = 10;
  if (unit == "M" || unit == "m") shift = 20;
  if (unit == "G" || unit == "g") shift = 30;
  const bool known_unit = unit.empty() || shift > 0;
  if (failed != std::errc() || !known_unit || number > std::numeric_limits<size_t>::max() >> shift) {
    throw CLI::ValidationError("memory limit", "'" + text + "' is no size; write 512M or 2G");
  }
  return number << shift;
}

}  // namespace

void add_runtime_options(CLI::App& app, RuntimeSettings& settings) {
  app.add_option(
         "-L,--load-path", settings.load_path,
         "Search PATH (a folder, jar or zip) for libraries, before the configuration's scripts and lib/*.jar")
      ->type_name("PATH")
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
  // In the environment, so that it holds for the programs that this one starts.
  app.add_flag_callback(
      "--no-config", [] { ::setenv(k_no_config, "1", 1); },
      "Start without the configuration, config.edn and init.clj; REOPS_NO_CONFIG in the environment says the "
      "same");
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
  for (const std::string& jar : base::glob_paths(base::config_folder() + "/lib/*.jar"))
    options.load_path.push_back(jar);
  try {
    lang::Runtime runtime(options);
    if (options.image.empty()) lang::load_whole_library();
    if (settings.checks_configuration) {
      if (!check_configuration()) return 2;
      if (!settings.memory_limit) limit_memory();
    }
    return work();
  } catch (const lang::Thrown& t) {
    // The core library itself did not load.
    std::fputs(lang::report(t.error(), false).c_str(), stderr);
    return 1;
  }
}

}  // namespace reops::app
