# reops_embed(TARGET FOLDER PAGES) compiles every .clj and .cljc file below FOLDER into TARGET, and every .md file below the
# folder PAGES. embedded_source() finds the first under their paths relative to FOLDER, and the pages under theirs relative
# to the folder that PAGES is in. The assembler takes the bytes as they are, so a changed file costs one small
# translation unit.
function(reops_embed target folder pages)
  get_filename_component(pages_parent ${pages} DIRECTORY)
  file(GLOB_RECURSE paths CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*.clj ${folder}/*.cljc)
  file(GLOB_RECURSE page_paths CONFIGURE_DEPENDS RELATIVE ${pages_parent} ${pages}/*.md)
  list(SORT paths)
  list(SORT page_paths)
  set(bytes "")
  set(symbols "")
  set(rows "")
  set(files "")
  set(n 0)
  foreach(path ${paths} ${page_paths})
    set(file ${folder}/${path})
    if(path IN_LIST page_paths)
      set(file ${pages_parent}/${path})
    endif()
    list(APPEND files ${file})
    set(name reops_embedded_${n})
    string(APPEND bytes
      "asm(\".section .rodata\\n\"\n    \"${name}:\\n.incbin \\\"${file}\\\"\\n${name}_end:\\n\"\n    \".hidden ${name}\\n.hidden ${name}_end\\n.globl ${name}\\n.globl ${name}_end\\n.byte 0\\n.previous\\n\");\n")
    string(APPEND symbols "extern \"C\" __attribute__((visibility(\"hidden\"))) const char ${name}[], ${name}_end[];\n")
    string(APPEND rows "    {\"${path}\", ${name}, ${name}_end},\n")
    math(EXPR n "${n} + 1")
  endforeach()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/embedded_source.cpp)
  file(CONFIGURE OUTPUT ${generated} CONTENT [[
// Generated from @folder@ by ReopsEmbed.cmake.
#include <string_view>
#include <vector>

#include "lang/runtime/runtime.hpp"

@bytes@
@symbols@
namespace reops::lang {
namespace {

struct EmbeddedFile {
  const char* path;
  const char* begin;
  const char* end;
};

const EmbeddedFile k_files[] = {
@rows@    {nullptr, nullptr, nullptr},
};

}  // namespace

std::string_view embedded_source(std::string_view path) {
  for (const EmbeddedFile* f = k_files; f->path; ++f) {
    if (path == f->path) return {f->begin, static_cast<size_t>(f->end - f->begin)};
  }
  return {};
}

std::vector<std::string_view> embedded_paths() {
  std::vector<std::string_view> paths;
  for (const EmbeddedFile* f = k_files; f->path; ++f) {
    if (!std::string_view(f->path).ends_with(".md")) paths.emplace_back(f->path);
  }
  return paths;
}

}  // namespace reops::lang
]] @ONLY)
  set_source_files_properties(${generated} PROPERTIES OBJECT_DEPENDS "${files}")
  target_sources(${target} PRIVATE ${generated})
endfunction()
