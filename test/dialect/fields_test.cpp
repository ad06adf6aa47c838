#include "dialect/fields.hpp"

#include "dialect/flat_request.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace smsauth;
using core::errc;
using dialect::field_sources;
using dialect::fields;
using test::flat_request;
using test::form_type;
using test::json_type;

constexpr field_sources body_only{false, true};
constexpr field_sources everywhere{true, true};

core::result<fields> read(std::string_view type, const std::string& body, const std::string& query = {},
                          field_sources sources = everywhere) {
  const core::http_limits limits;
  flat_request request(type, body, query);
  return fields::read(request.get(), sources, limits);
}

/// The text of field `a`, or the name of the error, or "(absent)".
std::string text_of_a(const core::result<fields>& input) {
  if (!input) return std::string(core::to_string(input.error().code));
  const auto value = input->text("a");
  if (!value) return std::string(core::to_string(value.error().code));
  return value->has_value() ? std::string(**value) : "(absent)";
}

TEST_CASE("a field reads the same from every place and format") {
  const struct {
    std::string_view type;
    std::string body;
    std::string query;
  } table[] = {
      {json_type, R"({"a":"12"})", ""},
      {json_type, R"({"a":12})", ""},
      {"application/json; charset=UTF-8", R"({"b":"x","a":"12"})", ""},
      {"Application/JSON", R"({"a":"\u0031\u0032"})", ""},
      {form_type, "a=12&b=", ""},
      {form_type, "a=%31%32", ""},
      {"application/x-www-form-urlencoded;charset=utf-8", "b=1&a=12", ""},
      {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n12\r\n--x--\r\n",
       ""},
      {"", "", "a=12"},
      {"text/plain", "", "a=12"},  // no body, so its format does not matter
      {json_type, "{}", "a=12"},
  };
  for (const auto& row : table) {
    CAPTURE(row.body);
    CHECK(text_of_a(read(row.type, row.body, row.query)) == "12");
  }
}

TEST_CASE("HTTP-09: a field given twice is no request, wherever it stands, also with one value") {
  const struct {
    std::string_view type;
    std::string body;
    std::string query;
  } table[] = {
      {"", "", "a=1&a=2"},
      {"", "", "a=1&a=1"},
      {form_type, "a=1&a=2", ""},
      {form_type, "a=1&a=1", ""},
      {form_type, "a=1", "a=1"},
      {json_type, R"({"a":1})", "a=1"},
      {form_type, "a=1", "a=2"},
      {json_type, R"({"a":"1"})", "a=2"},
      {json_type, R"({"a":"1","a":"2"})", ""},
      {json_type, R"({"a":"1","a":"1"})", ""},
      {json_type, R"({"a":"1","\u0061":"2"})", ""},
      {json_type, R"({"a":true})", "a=true"},
      {json_type, R"({"a":null})", "a="},
  };
  for (const auto& row : table) {
    CAPTURE(row.body);
    CAPTURE(row.query);
    CHECK(text_of_a(read(row.type, row.body, row.query)) == "malformed_request");
    if (!row.body.empty()) CHECK(text_of_a(read(row.type, row.body, row.query, body_only)) == "malformed_request");
  }
}

TEST_CASE("a route without a query takes nothing from it") {
  CHECK(text_of_a(read(json_type, R"({"b":"1"})", "a=2", body_only)) == "(absent)");
  CHECK(text_of_a(read("", "", "a=2", body_only)) == "(absent)");
}

TEST_CASE("a path parameter may stand in query or body too, as the documents list it there, and must then agree") {
  auto same = read(form_type, "a=1");
  REQUIRE(same.has_value());
  CHECK(same->add_path("a", "1").has_value());
  auto other = read(form_type, "a=1");
  CHECK(other->add_path("a", "2").error() == errc::malformed_request);
  auto alone = read("", "");
  CHECK(alone->add_path("a", "2").has_value());
  CHECK(text_of_a(alone) == "2");
}

TEST_CASE("values of other types are malformed") {
  for (const char* value : {"[]", "[1]", "{}", R"({"b":1})", "1.5", "1e3", "12.0", "-0.5", "99999999999999999999"}) {
    CAPTURE(value);
    CHECK(text_of_a(read(json_type, std::string(R"({"a":)") + value + "}")) == "malformed_request");
  }
  // A boolean is malformed for whoever asks for text, and harmless in a field that nobody reads.
  CHECK(text_of_a(read(json_type, R"({"a":true})")) == "malformed_request");
  CHECK(text_of_a(read(json_type, R"({"b":true,"a":"x"})")) == "x");
  CHECK(text_of_a(read(json_type, R"({"a":null})")) == "(absent)");
  CHECK(text_of_a(read(json_type, R"({"a":18446744073709551615})")) == "18446744073709551615");
}

TEST_CASE("a body that is not one object of fields is malformed") {
  const struct {
    std::string_view type;
    std::string body;
  } table[] = {
      {json_type, "[]"},      {json_type, "12"},       {json_type, "\"a\""},
      {json_type, "{"},       {json_type, "{}x"},      {json_type, "a=1"},
      {form_type, "a=%zz"},   {form_type, "a=%00"},    {form_type, "a=%ff"},
      {json_type, "{'a':1}"}, {json_type, "{\"a\":}"}, {json_type, std::string("{\"a\":\"\0\"}", 9)},
  };
  for (const auto& row : table) {
    CAPTURE(row.body);
    CHECK(text_of_a(read(row.type, row.body)) == "malformed_request");
  }
  CHECK(text_of_a(read("", "", "a=%zz", body_only)) == "malformed_request");
}

TEST_CASE("other formats and charsets are not taken") {
  for (const char* type : {"text/plain", "application/xml", "application/json; charset=gbk", "application/jsonx",
                           "application/x-www-form-urlencoded; charset=iso-8859-1", "json", "*/*"}) {
    CAPTURE(type);
    CHECK(text_of_a(read(type, R"({"a":"1"})")) == "unsupported_media_type");
  }
  CHECK(text_of_a(read("", R"({"a":"1"})")) == "unsupported_media_type");
}

TEST_CASE("path, query and body together hold no more fields than one of them may") {
  const auto numbered = [](std::string_view prefix, int count) {
    std::string out;
    for (int i = 0; i < count; ++i)
      out += (i == 0 ? "" : "&") + std::string(prefix) + std::to_string(i) + "=1";
    return out;
  };
  CHECK(read(form_type, numbered("b", 32), numbered("q", 32)).has_value());
  CHECK(read(form_type, numbered("b", 33), numbered("q", 32)).error() == errc::malformed_request);
  CHECK(read(form_type, numbered("b", 64)).has_value());
  CHECK(read(form_type, numbered("b", 65)).error() == errc::malformed_request);
}

TEST_CASE("a required field is there and not blank") {
  const auto input = read(json_type, R"({"a":"x","blank":" \t ","empty":"","null":null,"number":7,"truth":false})");
  REQUIRE(input.has_value());
  CHECK(input->required("a").value() == "x");
  CHECK(input->required("number").value() == "7");
  for (const char* name : {"blank", "empty", "null", "absent"}) {
    CAPTURE(name);
    const auto value = input->required(name);
    REQUIRE_FALSE(value.has_value());
    CHECK(value.error() == errc::missing_field);
    CHECK(value.error().field == name);
  }
  CHECK(input->required("truth").error() == errc::malformed_request);
}

TEST_CASE("a whole number is decimal digits, as text or as a JSON integer") {
  const struct {
    const char* json;
    std::int64_t value;
  } good[] = {{"1", 1}, {"\"1\"", 1}, {"-7", -7}, {"\"-7\"", -7}, {"0", 0}, {"9223372036854775807", INT64_MAX}};
  for (const auto& row : good) {
    CAPTURE(row.json);
    const auto input = read(json_type, std::string(R"({"a":)") + row.json + "}");
    REQUIRE(input.has_value());
    CHECK(input->integer("a").value() == row.value);
  }
  for (const char* json :
       {"\"\"", "\" 1\"", "\"1 \"", "\"+1\"", "\"0x1\"", "\"1.0\"", "\"x\"", "9223372036854775808"}) {
    CAPTURE(json);
    const auto input = read(json_type, std::string(R"({"a":)") + json + "}");
    REQUIRE(input.has_value());
    CHECK(input->integer("a").error() == errc::invalid_field);
  }
  CHECK_FALSE(read("", "").value().integer("a").value().has_value());
}

}  // namespace
