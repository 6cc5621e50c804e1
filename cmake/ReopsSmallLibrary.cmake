# reops_small_library(NAME ARCHIVE) makes the target reops_small::NAME: the static archive of a small library (libgmp.a), which
# costs no search, mapping and relocation when a program starts, as a shared one does; each of those is a tenth of the time
# that `reops -e 1` takes. Its symbols stay inside the program: a module that brings the shared library with it uses that.
function(reops_small_library name archive)
  find_library(REOPS_${name}_ARCHIVE NAMES ${archive} REQUIRED)
  add_library(reops_small_${name} INTERFACE)
  target_link_libraries(reops_small_${name} INTERFACE ${REOPS_${name}_ARCHIVE})
  target_link_options(reops_small_${name} INTERFACE "LINKER:--exclude-libs,${archive}")
  add_library(reops_small::${name} ALIAS reops_small_${name})
endfunction()
