// reops-bootstrap: loads the library of the language from its source and writes it down as an image, which
// programs are then linked with. Runs while we are built.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lang/codec/report.hpp"
#include "lang/codec/shipping/shared_names.hpp"
#include "lang/runtime/boot_image.hpp"
#include "lang/runtime/require.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/value/error.hpp"

namespace {

using namespace reops;

int write_image(const std::string& path, bool for_agent) {
  try {
    lang::Runtime runtime({});
    lang::load_whole_library(for_agent ? lang::is_shared_namespace : nullptr);
    lang::write_file(path, lang::dump_boot_image(!for_agent), false);
    return 0;
  } catch (const lang::Thrown& t) {
    std::fputs(lang::report(t.error(), false).c_str(), stderr);
    std::remove(path.c_str());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  bool for_agent = argc == 3 && std::string_view(argv[1]) == "--agent";
  if (argc != 2 && !for_agent) {
    std::fputs(
        "usage: reops-bootstrap [--agent] FILE: writes the image of the language to FILE; that of agents has "
        "only what "
        "is never sent to them\n",
        stderr);
    return 2;
  }
  int code = write_image(argv[argc - 1], for_agent);
  lang::flush_standard_streams();
  std::_Exit(code);
}
