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

# reops_tests(ROOM [LINKS target...]) builds the GoogleTest program of tests/ROOM and registers it with ctest, labelled with
# the room. It runs in four parts, each in one process: to start the program for every case costs more than the cases do.
function(reops_tests room)
  cmake_parse_arguments(TESTS "" "" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${room}_tests ${sources})
  target_link_libraries(${room}_tests PRIVATE ${TESTS_LINKS} GTest::gtest_main)
  foreach(part RANGE 3)
    add_test(NAME ${room}.part_${part} COMMAND ${room}_tests --gtest_brief=1)
    set_tests_properties(${room}.part_${part} PROPERTIES TIMEOUT ${REOPS_TEST_TIMEOUT} LABELS "${room}"
                         ENVIRONMENT "GTEST_TOTAL_SHARDS=4;GTEST_SHARD_INDEX=${part}")
  endforeach()
endfunction()

# reops_thread_label(TEST FILE) adds the label `threads` to TEST if FILE starts any: those tests run under the thread
# sanitizer as well.
function(reops_thread_label test file)
  file(STRINGS ${file} starts REGEX "\\((future|future-call|pmap|pcalls|pvalues|agent|send|send-off|locking|together|Thread\\.|thread)[ )]")
  if(starts)
    set_property(TEST ${test} APPEND PROPERTY LABELS threads)
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
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
