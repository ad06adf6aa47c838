# What the product stands on. Debian 12 ships no CMake package for SOCI, libargon2, libsodium and libphonenumber, so
# those are found by hand.

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json program_options)

add_library(json INTERFACE)
target_link_libraries(json INTERFACE Boost::json)
add_library(program_options INTERFACE)
target_link_libraries(program_options INTERFACE Boost::program_options)

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

# The headers come from a private prefix (scripts/install-packages says why), the library is the installed runtime.
set(SMSAUTH_PHONENUMBER_PREFIX "${CMAKE_SOURCE_DIR}/build/prefix/libphonenumber/usr" CACHE PATH "")
find_path(PHONENUMBER_INCLUDE phonenumbers/phonenumberutil.h HINTS ${SMSAUTH_PHONENUMBER_PREFIX}/include REQUIRED)
find_library(PHONENUMBER_LIBRARY NAMES libphonenumber.so.8 phonenumber REQUIRED)
find_library(PROTOBUF_LIBRARY NAMES protobuf REQUIRED)
add_library(phonenumber INTERFACE)
target_include_directories(phonenumber SYSTEM INTERFACE ${PHONENUMBER_INCLUDE})
target_link_libraries(phonenumber INTERFACE ${PHONENUMBER_LIBRARY} ${PROTOBUF_LIBRARY} Threads::Threads)

# SOCI with both back ends, by factory object: opening one by name would load a second copy from disk.
find_path(SOCI_INCLUDE soci/soci.h REQUIRED)
find_path(MYSQL_INCLUDE mysql.h PATH_SUFFIXES mariadb mysql REQUIRED)
add_library(soci INTERFACE)
target_include_directories(soci SYSTEM INTERFACE ${SOCI_INCLUDE} ${MYSQL_INCLUDE})
foreach(part soci_core soci_mysql soci_sqlite3 mariadb sqlite3)
  find_library(${part}_LIBRARY NAMES ${part} REQUIRED)
  target_link_libraries(soci INTERFACE ${${part}_LIBRARY})
endforeach()

# Asio compiled once (lib/runtime/asio.cpp); the same macros everywhere, or the program breaks the one-definition rule.
add_library(asio INTERFACE)
target_link_libraries(asio INTERFACE Boost::headers Threads::Threads)
