# How every target is compiled: language level, warnings, variants.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -fno-plt -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g")

find_program(REOPS_CCACHE ccache)
if(REOPS_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${REOPS_CCACHE})
endif()

# A program that is position independent has thousands of pointers to adjust when it starts; packed, their list is a hundredth.
include(CheckLinkerFlag)
check_linker_flag(CXX "LINKER:-z,pack-relative-relocs" REOPS_PACKS_RELOCATIONS)
if(REOPS_PACKS_RELOCATIONS)
  add_link_options("LINKER:-z,pack-relative-relocs")
endif()

# Variants that the whole suite is run in (docs/testing.md).
option(REOPS_ALL_ATOMIC "count every object atomically, shared or not" OFF)
set(REOPS_SANITIZE "" CACHE STRING "empty, address (with undefined) or thread")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-invalid-offsetof -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Sanitized variants and fuzzers are built with it; what it alone warns of is no error there.
  add_compile_options(-Wno-c99-extensions -Wno-error)
endif()
if(REOPS_ALL_ATOMIC)
  add_compile_definitions(REOPS_ALL_ATOMIC=1)
endif()
if(REOPS_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  add_compile_definitions(REOPS_SYSTEM_MALLOC=1)
elseif(REOPS_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
  add_compile_definitions(REOPS_SYSTEM_MALLOC=1)
endif()
