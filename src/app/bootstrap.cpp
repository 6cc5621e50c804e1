// reops-bootstrap: loads the library of the language from its source and writes it down as an image, which
// programs are then linked with. Runs while we are built.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "lang/codec/report.hpp"
#include "lang/runtime/boot_image.hpp"
#include "lang/runtime/require.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/value/error.hpp"

namespace {

using namespace reops;

int write_image(const std::string& path) {
  try {
    lang::Runtime runtime({});
    lang::load_whole_library();
    lang::write_file(path, lang::dump_boot_image(), false);
    return 0;
  } catch (const lang::Thrown& t) {
    std::fputs(lang::report(t.error(), false).c_str(), stderr);
    std::remove(path.c_str());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: reops-bootstrap FILE: writes the image of the language to FILE\n", stderr);
    return 2;
  }
  int code = write_image(argv[1]);
  lang::flush_standard_streams();
  std::_Exit(code);
}
