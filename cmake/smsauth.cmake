# Compiler options for our own code, and smsauth_library(): one call per folder.

add_library(smsauth_options INTERFACE)
target_link_libraries(smsauth_options INTERFACE json)  # its definitions: one set for all, or no precompiled header fits
target_compile_definitions(smsauth_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_DATE_TIME BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  SMSAUTH_VERSION="${PROJECT_VERSION}")
target_compile_options(smsauth_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  # GCC 12 reports these falsely inside coroutines and the standard library at -O2 (GCC PR 105562, 105329, 107919);
  # overread: string_view::find after inlining, "specified bound 18446744073709551615"; bounds: std::string's own short
  # buffer in operator+ (PR 105651). Out of a precompiled header they are not taken for a system header's.
  -Wno-maybe-uninitialized -Wno-restrict -Wno-null-dereference -Wno-stringop-overread -Wno-stringop-overflow
  -Wno-array-bounds
  # Asio's awaitable frames have operator new and delete of their own; GCC inlines one of the two and sees a mismatch.
  -Wno-mismatched-new-delete)
# The compiler collects its garbage from 512 MB on, not before.
target_compile_options(smsauth_options INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-expand=200> $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=524288>)
if(SMSAUTH_SANITIZE STREQUAL "address")
  # -fno-sanitize=vptr: SOCI's shared libraries are built without the type information that check needs.
  target_compile_options(smsauth_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(smsauth_options INTERFACE -fsanitize=address,undefined -fno-sanitize=vptr)
elseif(SMSAUTH_SANITIZE STREQUAL "thread")
  # -Wno-tsan: Asio's std::atomic_thread_fence, which GCC cannot instrument.
  target_compile_options(smsauth_options INTERFACE -fsanitize=thread -Wno-tsan -fno-omit-frame-pointer)
  target_link_options(smsauth_options INTERFACE -fsanitize=thread)
endif()

# smsauth_precompiled(<target> lib... HEADERS file): other people's headers, parsed once per kind of build instead of in
# every file (a service test: 3.1 s of 8.2 s). Files still include all that they use: clang-tidy reads them without this.
function(smsauth_precompiled target)
  cmake_parse_arguments(arg "" "" "HEADERS" ${ARGN})
  file(WRITE ${CMAKE_BINARY_DIR}/generated/${target}.cpp "")
  add_library(${target} OBJECT ${CMAKE_BINARY_DIR}/generated/${target}.cpp)
  target_link_libraries(${target} PRIVATE ${arg_UNPARSED_ARGUMENTS})
  target_precompile_headers(${target} PRIVATE ${arg_HEADERS})
  target_compile_options(${target} PRIVATE -fpch-preprocess)
endfunction()

# smsauth_library(<name> [DIRECTORY dir] [EXCLUDE file...] [PUBLIC lib...] [PRIVATE lib...])
function(smsauth_library name)
  cmake_parse_arguments(arg "" "DIRECTORY" "EXCLUDE;PUBLIC;PRIVATE" ${ARGN})
  if(NOT arg_DIRECTORY)
    set(arg_DIRECTORY lib/${name})
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${arg_DIRECTORY}/*.cpp)
  foreach(file ${arg_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/${arg_DIRECTORY}/${file})
  endforeach()
  if(NOT sources)
    add_library(smsauth_${name} INTERFACE)
    target_include_directories(smsauth_${name} INTERFACE ${CMAKE_SOURCE_DIR}/lib ${CMAKE_SOURCE_DIR})
    target_link_libraries(smsauth_${name} INTERFACE ${arg_PUBLIC} ${arg_PRIVATE})
    return()
  endif()
  add_library(smsauth_${name} STATIC ${sources})
  target_include_directories(smsauth_${name} PUBLIC ${CMAKE_SOURCE_DIR}/lib PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(smsauth_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} smsauth_options)
  target_precompile_headers(smsauth_${name} REUSE_FROM smsauth_precompiled)
  target_compile_options(smsauth_${name} PRIVATE -fpch-preprocess)
endfunction()

# The numbered schema files become one generated source: name, text and version of each.
function(smsauth_embed_sql)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/mysql/*.sql ${CMAKE_SOURCE_DIR}/sql/sqlite/*.sql)
  set(output ${CMAKE_BINARY_DIR}/generated/embedded_sql.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DROOT=${CMAKE_SOURCE_DIR}/sql "-DFILES=${files}"
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake VERBATIM)
  add_library(smsauth_sql STATIC ${output})
  target_include_directories(smsauth_sql PRIVATE ${CMAKE_SOURCE_DIR}/lib)
  target_link_libraries(smsauth_sql PRIVATE smsauth_options)
endfunction()
smsauth_embed_sql()
