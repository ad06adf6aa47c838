# What the product stands on. Debian 12 ships no CMake package for SOCI, libargon2, libsodium and libphonenumber, so
# those are found by hand.

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json program_options)

# The program that is shipped takes the archives of Boost, SOCI and libphonenumber (with its ICU and protobuf), where the
# system has them: at rest it needs 19.4 MB instead of 24.6, as only what is used is touched and relocated. Test programs
# take the shared libraries: thirty of them with ICU's tables inside would be a gigabyte.
function(smsauth_shipped_from_archives program)
  set_target_properties(${program} PROPERTIES SMSAUTH_ARCHIVES ON)
  target_link_options(${program} PRIVATE -Wl,--gc-sections)
endfunction()

# target_link_libraries(target INTERFACE shared), or the archives for what is shipped; shared where one is missing.
function(smsauth_link_either target shared)
  if("${ARGN}" MATCHES "NOTFOUND" OR "${ARGN}" STREQUAL "")
    message(STATUS "${target}: no archives, the shared library is used throughout")
    target_link_libraries(${target} INTERFACE ${shared})
    return()
  endif()
  # One word, so that CMake keeps the order: archives that need each other.
  target_link_libraries(${target} INTERFACE
    "$<IF:$<BOOL:$<TARGET_PROPERTY:SMSAUTH_ARCHIVES>>,-Wl$<COMMA>--start-group$<COMMA>$<JOIN:${ARGN},$<COMMA>>$<COMMA>--end-group,${shared}>")
endfunction()

foreach(archive boost_json boost_container boost_program_options soci_core soci_mysql soci_sqlite3 icui18n icuuc icudata)
  find_library(${archive}_ARCHIVE NAMES lib${archive}.a)
endforeach()
find_library(protobuf_ARCHIVE NAMES libprotobuf-lite.a)

add_library(json INTERFACE)
target_link_libraries(json INTERFACE Boost::headers)
smsauth_link_either(json Boost::json ${boost_json_ARCHIVE} ${boost_container_ARCHIVE})
add_library(program_options INTERFACE)
target_link_libraries(program_options INTERFACE Boost::headers)
smsauth_link_either(program_options Boost::program_options ${boost_program_options_ARCHIVE})

function(smsauth_find_library target header library)
  find_path(${target}_INCLUDE ${header} ${ARGN} REQUIRED)
  find_library(${target}_LIBRARY NAMES ${library} REQUIRED)
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE ${${target}_INCLUDE})
  target_link_libraries(${target} INTERFACE ${${target}_LIBRARY})
endfunction()

smsauth_find_library(sodium sodium.h sodium)
smsauth_find_library(argon2 argon2.h argon2)
smsauth_find_library(prometheus prometheus/text_serializer.h prometheus-cpp-core)

# Headers and archive come from a private prefix (scripts/install-packages says why), the shared library is the
# installed runtime.
set(SMSAUTH_PHONENUMBER_PREFIX "${CMAKE_SOURCE_DIR}/build/prefix/libphonenumber/usr" CACHE PATH "")
find_path(PHONENUMBER_INCLUDE phonenumbers/phonenumberutil.h HINTS ${SMSAUTH_PHONENUMBER_PREFIX}/include REQUIRED)
find_library(PHONENUMBER_LIBRARY NAMES libphonenumber.so.8 phonenumber REQUIRED)
find_library(PROTOBUF_LIBRARY NAMES protobuf REQUIRED)
add_library(phonenumber INTERFACE)
target_include_directories(phonenumber SYSTEM INTERFACE ${PHONENUMBER_INCLUDE})
target_link_libraries(phonenumber INTERFACE Threads::Threads)
find_library(phonenumber_ARCHIVE NAMES libphonenumber.a HINTS ${SMSAUTH_PHONENUMBER_PREFIX}/lib
             PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE})
get_filename_component(system_libraries ${PROTOBUF_LIBRARY} DIRECTORY)
file(GLOB absl_archives ${system_libraries}/libabsl_*.a)
smsauth_link_either(phonenumber "${PHONENUMBER_LIBRARY};${PROTOBUF_LIBRARY}" ${phonenumber_ARCHIVE} ${protobuf_ARCHIVE}
                    ${icui18n_ARCHIVE} ${icuuc_ARCHIVE} ${icudata_ARCHIVE} ${absl_archives})

# SOCI with both back ends, by factory object: opening one by name would load a second copy from disk.
find_path(SOCI_INCLUDE soci/soci.h REQUIRED)
find_path(MYSQL_INCLUDE mysql.h PATH_SUFFIXES mariadb mysql REQUIRED)
add_library(soci INTERFACE)
target_include_directories(soci SYSTEM INTERFACE ${SOCI_INCLUDE} ${MYSQL_INCLUDE})
foreach(part soci_core soci_mysql soci_sqlite3 mariadb sqlite3)
  find_library(${part}_LIBRARY NAMES ${part} REQUIRED)
endforeach()
smsauth_link_either(soci "${soci_core_LIBRARY};${soci_mysql_LIBRARY};${soci_sqlite3_LIBRARY}"
                    ${soci_mysql_ARCHIVE} ${soci_sqlite3_ARCHIVE} ${soci_core_ARCHIVE})
target_link_libraries(soci INTERFACE ${mariadb_LIBRARY} ${sqlite3_LIBRARY} ${CMAKE_DL_LIBS})

# Asio compiled once (lib/runtime/asio.cpp); the same macros everywhere, or the program breaks the one-definition rule.
add_library(asio INTERFACE)
target_link_libraries(asio INTERFACE Boost::headers Threads::Threads)
