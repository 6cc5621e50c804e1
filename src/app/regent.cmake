# regent: one static file. It is not position independent: nothing has to be relocated when it starts. Two files of the
# language are others than in reops: Debian has no static archive of mimalloc, so memory.cpp is compiled for glibc's
# allocator, and there are no modules to load.
find_library(ZMQ_ARCHIVE libzmq.a REQUIRED)
find_library(SODIUM_ARCHIVE libsodium.a REQUIRED)
find_library(BSD_ARCHIVE libbsd.a REQUIRED)
find_library(CARES_ARCHIVE libcares.a REQUIRED)

add_executable(regent regent.cpp regent_language.cpp regent_options.cpp without_zmq_extras.cpp ${CMAKE_SOURCE_DIR}/src/lang/value/memory.cpp)
target_compile_definitions(regent PRIVATE REOPS_VERSION="${PROJECT_VERSION}" REOPS_SYSTEM_MALLOC=1)
target_compile_options(regent PRIVATE -fno-pie)
set_target_properties(regent PROPERTIES POSITION_INDEPENDENT_CODE OFF RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
# By file, not by target: what the targets bring along are shared libraries.
set(rooms agent facts_bindings facts wire lang base)
set(archives "")
foreach(room ${rooms})
  add_dependencies(regent reops_${room})
  target_include_directories(regent PRIVATE $<TARGET_PROPERTY:reops_${room},INTERFACE_INCLUDE_DIRECTORIES>)
  list(APPEND archives $<TARGET_FILE:reops_${room}>)
endforeach()
set(lang_archive ${CMAKE_CURRENT_BINARY_DIR}/libregent_lang.a)
add_custom_command(OUTPUT ${lang_archive} COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_FILE:reops_lang> ${lang_archive}
                   COMMAND ${CMAKE_AR} d ${lang_archive} memory.cpp.o module.cpp.o DEPENDS reops_lang VERBATIM)
add_custom_target(regent_lang DEPENDS ${lang_archive})
add_dependencies(regent regent_lang)
list(TRANSFORM archives REPLACE ".*reops_lang.*" ${lang_archive})
foreach(small pcre2 utf8proc gmp double_conversion md)
  list(APPEND archives ${REOPS_${small}_ARCHIVE})
endforeach()
target_link_libraries(regent PRIVATE reops_agent_image -static -no-pie -Wl,--no-warnings -Wl,--gc-sections -Wl,--start-group ${archives} ${MINIZIP_ARCHIVE} ${ZLIB_ARCHIVE}
                      ${ZMQ_ARCHIVE} ${SODIUM_ARCHIVE} ${BSD_ARCHIVE} ${CARES_ARCHIVE} -Wl,--end-group pthread)
set_property(TARGET regent APPEND PROPERTY LINK_DEPENDS "${archives}")
add_custom_command(TARGET regent POST_BUILD COMMAND ${CMAKE_STRIP} $<TARGET_FILE:regent> VERBATIM)
# It is for other machines: `deploy` takes it from there.
install(TARGETS regent DESTINATION lib/reops)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/regent.service DESTINATION lib/reops)
