#include "configuration.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/files.hpp"
#include "base/folders.hpp"
#include "lang/codec/report.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/memory.hpp"
#include "lang/value/number.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::app {

using namespace lang;

namespace {

constexpr const char* k_namespace = "reops.config";

Ref function(const char* name) {
  load_lib(k_namespace);
  Ref symbol = make_symbol(name);
  return Ref(resolve(find_ns(k_namespace), symbol));
}

// Whether there is a file of configuration to go by.
bool has_file() {
  return !without_configuration() && base::file_exists(base::config_folder() + "/config.edn");
}

}  // namespace

bool without_configuration() {
  const char* set = std::getenv(k_no_config);
  return set != nullptr && *set != '\0';
}

std::string configured_init_file() {
  std::string own = base::config_folder() + "/init.clj";
  return !without_configuration() && base::file_exists(own) ? own : "";
}

bool check_configuration() {
  if (!has_file()) return true;
  try {
    return call(function("start"), {}).truthy();
  } catch (const Thrown& thrown) {
    std::fputs(report(thrown.error(), report_options_for(STDERR_FILENO)).c_str(), stderr);
    return false;
  }
}

void limit_memory() {
  if (!has_file()) return;
  const Ref limit = configured("memory", "limit");
  if (limit.is_nil()) return;
  const auto bytes = static_cast<std::size_t>(to_int(limit, "a number of bytes"));
  set_memory_limit(bytes == 0 ? ~std::size_t{0} : bytes);
}

Ref configured(const char* section, const char* setting) {
  return call(function("config"), {keyword(section), keyword(setting)});
}

}  // namespace reops::app
