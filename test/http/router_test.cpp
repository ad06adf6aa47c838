#include "http/router.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace smsauth::http;

namespace {

using kind = match::kind;

struct fixture {
  router routes;
  const route_group* v4 = nullptr;
  const route_group* rest = nullptr;

  fixture() {
    v4 = &add_group("v4", {"/api/v4.0/"});
    rest = &add_group("rest", {"/", "/api/"});
    add(*v4, "/api/v4.0/sendsms/{mobile}", {method::post, method::get}, false);
    add(*v4, "/api/v4.0/isregister/{phone}", {method::get}, true);
    add(*v4, "/api/v4.0/isregister/help", {method::get}, true);
    add(*v4, "/api/v4.0/user/{id}/codes", {method::delete_}, false);
    add(*v4, "/api/v4.0/login", {method::post}, false);
    add(*rest, "/", {method::get}, true);
  }

  const route_group& add_group(std::string_view name, std::vector<std::string> prefixes) {
    route_group group;
    group.name = name;
    group.prefixes = std::move(prefixes);
    return routes.add_group(std::move(group));
  }

  void add(const route_group& group, std::string pattern, std::vector<method> methods, bool safe) {
    route entry;
    entry.pattern = std::move(pattern);
    entry.methods = std::move(methods);
    entry.safe = safe;
    routes.add(group, std::move(entry));
  }
};

}  // namespace

TEST_CASE("Paths find their routes") {
  const fixture f;
  struct {
    method verb;
    const char* path;
    kind what;
    const char* pattern;  ///< null: none
    const char* parameter;
  } const rows[] = {
      {method::post, "/api/v4.0/login", kind::found, "/api/v4.0/login", ""},
      {method::get, "/api/v4.0/login", kind::wrong_method, "/api/v4.0/login", ""},
      {method::head, "/api/v4.0/login", kind::wrong_method, "/api/v4.0/login", ""},
      {method::options, "/api/v4.0/login", kind::wrong_method, "/api/v4.0/login", ""},
      {method::trace, "/api/v4.0/login", kind::wrong_method, "/api/v4.0/login", ""},
      {method::other, "/api/v4.0/login", kind::wrong_method, "/api/v4.0/login", ""},
      {method::get, "/", kind::found, "/", ""},
      {method::head, "/", kind::found, "/", ""},
      {method::post, "/", kind::wrong_method, "/", ""},
      // parameters
      {method::post, "/api/v4.0/sendsms/13800138000", kind::found, "/api/v4.0/sendsms/{mobile}", "13800138000"},
      {method::get, "/api/v4.0/sendsms/13800138000", kind::found, "/api/v4.0/sendsms/{mobile}", "13800138000"},
      {method::head, "/api/v4.0/sendsms/13800138000", kind::wrong_method, "/api/v4.0/sendsms/{mobile}", "13800138000"},
      {method::head, "/api/v4.0/isregister/1", kind::found, "/api/v4.0/isregister/{phone}", "1"},
      {method::get, "/api/v4.0/isregister/help", kind::found, "/api/v4.0/isregister/help", ""},
      {method::get, "/api/v4.0/isregister/%2B8613800138000", kind::found, "/api/v4.0/isregister/{phone}",
       "+8613800138000"},
      {method::get, "/api/v4.0/isregister/+8613800138000", kind::found, "/api/v4.0/isregister/{phone}",
       "+8613800138000"},
      {method::get, "/api/v4.0/isregister/%252B86", kind::found, "/api/v4.0/isregister/{phone}", "%2B86"},
      {method::get, "/api/v4.0/isregister/%E4%BD%A0", kind::found, "/api/v4.0/isregister/{phone}", "\xE4\xBD\xA0"},
      {method::delete_, "/api/v4.0/user/7/codes", kind::found, "/api/v4.0/user/{id}/codes", "7"},
      {method::get, "/api/v4.0/isregister/.", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/..", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/%2e", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/%2E%2e", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/1%2F2", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/1%2f..%2f2", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/1%5C2", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/1%00", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/1%0a", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/1%7F", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/%FF", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/%c0%ae", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/%", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/%2", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      {method::get, "/api/v4.0/isregister/%zz", kind::bad_path, "/api/v4.0/isregister/{phone}", ""},
      // no such path
      {method::get, "/api/v4.0/isregister/", kind::no_path, nullptr, ""},
      {method::get, "/api/v4.0/isregister", kind::no_path, nullptr, ""},
      {method::get, "/api/v4.0/isregister/1/2", kind::no_path, nullptr, ""},
      {method::delete_, "/api/v4.0/user//codes", kind::no_path, nullptr, ""},
      {method::delete_, "/api/v4.0/user/codes", kind::no_path, nullptr, ""},
      {method::post, "/api/v4.0/login/", kind::no_path, nullptr, ""},
      {method::post, "/api/v4.0//login", kind::no_path, nullptr, ""},
      {method::post, "/api/v4.0/../v4.0/login", kind::no_path, nullptr, ""},
      {method::post, "/api/v4.0/Login", kind::no_path, nullptr, ""},
      {method::post, "/api/v4.0/logi%6e", kind::no_path, nullptr, ""},
      {method::get, "", kind::no_path, nullptr, ""},
      {method::get, "*", kind::no_path, nullptr, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.path);
    CAPTURE(to_string(row.verb));
    request in;
    in.verb = row.verb;
    in.path = row.path;
    in.path_parameter = "left over";
    const match found = f.routes.find(in);
    CHECK(found.what == row.what);
    CHECK(in.path_parameter == row.parameter);
    REQUIRE((found.target == nullptr) == (row.pattern == nullptr));
    if (found.target != nullptr) CHECK(found.target->pattern == row.pattern);
  }
}

TEST_CASE("A path without a route belongs to the group with the longest prefix") {
  const fixture f;
  const auto group_of = [&f](std::string_view path) {
    request in;
    in.path = path;
    return f.routes.find(in).group;
  };
  CHECK(group_of("/api/v4.0/nothing") == f.v4);
  CHECK(group_of("/api/v5.0/nothing") == f.rest);
  CHECK(group_of("/nothing") == f.rest);
  CHECK(group_of("/api/v4.0/login") == f.v4);
  CHECK(group_of("*") == nullptr);
}

TEST_CASE("Allow lists what a route answers") {
  route entry;
  entry.methods = {method::get, method::post};
  CHECK(router::allowed(entry) == "GET, POST, OPTIONS");
  entry.safe = true;
  CHECK(router::allowed(entry) == "GET, HEAD, POST, OPTIONS");
}

TEST_CASE("Patterns that could not be found again are refused at start") {
  fixture f;
  for (const std::string_view pattern :
       std::initializer_list<std::string_view>{"", "login", "/api/v4.0/login", "/api/v4.0/isregister/{other}", "/a/{b",
                                               "/a/{b}c", "/a/b{c}", "/a/{b}/{c}"}) {
    CAPTURE(pattern);
    CHECK_THROWS_AS(f.add(*f.v4, std::string(pattern), {method::get}, true), std::invalid_argument);
  }
}
