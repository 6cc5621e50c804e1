# reops_room(NAME [LINKS target...]) declares the room of this folder: a static library of all its sources that may
# include, and link, only what LINKS names. A header of another room is simply not found without its arrow here.
function(reops_room name)
  cmake_parse_arguments(ROOM "" "" "LINKS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(pattern ${ROOM_EXCLUDE})
    list(FILTER sources EXCLUDE REGEX ${pattern})
  endforeach()
  add_library(reops_${name} STATIC ${sources})
  # A room's headers are reached as <room/...>: its own folder is linked under one name in the build tree, so that no
  # other room's headers lie beside it on the include path.
  set(view ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${view})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${view}/${name} SYMBOLIC)
  target_include_directories(reops_${name} PUBLIC ${view})
  target_link_libraries(reops_${name} PUBLIC ${ROOM_LINKS})
endfunction()

# reops_install_headers(NAME) installs the headers of this folder, for modules that others write (docs/extending.md).
function(reops_install_headers name)
  install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/ DESTINATION include/reops/${name}
          FILES_MATCHING PATTERN "*.hpp" PATTERN "*.def")
endfunction()

# reops_tests(ROOM [LINKS target...]) builds the GoogleTest program of tests/ROOM and registers its cases with ctest.
function(reops_tests room)
  cmake_parse_arguments(TESTS "" "" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${room}_tests ${sources})
  target_link_libraries(${room}_tests PRIVATE ${TESTS_LINKS} GTest::gtest_main)
  gtest_discover_tests(${room}_tests DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()

# reops_module(NAME ROOM target SOURCES file... LIBRARIES target...) builds bin/modules/NAME.so, which a program loads on first
# use: the objects of ROOM and the bindings in SOURCES. It links no room's archive; base and lang it finds in the program
# that loads it (lang/runtime/module.hpp), so there is one allocator, one runtime and one set of thread-locals.
function(reops_module name)
  cmake_parse_arguments(MODULE "" "ROOM" "SOURCES;LIBRARIES" ${ARGN})
  get_target_property(room_sources ${MODULE_ROOM} SOURCES)
  add_library(reops_module_${name} MODULE ${MODULE_SOURCES} ${room_sources})
  set_target_properties(reops_module_${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
                        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/modules)
  foreach(room ${MODULE_ROOM} reops_base reops_lang)
    target_include_directories(reops_module_${name} PRIVATE $<TARGET_PROPERTY:${room},INTERFACE_INCLUDE_DIRECTORIES>)
  endforeach()
  target_link_libraries(reops_module_${name} PRIVATE ${MODULE_LIBRARIES})
  install(TARGETS reops_module_${name} DESTINATION lib/reops)
endfunction()
