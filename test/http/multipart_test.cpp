#include "http/form.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace smsauth;
using http::form_fields;
using namespace std::string_view_literals;

namespace {

constexpr std::size_t max_fields = 3;
constexpr std::string_view type = "multipart/form-data; boundary=XX";

core::result<form_fields> parse(std::string_view body, std::string_view content_type = type) {
  return http::parse_multipart(body, content_type, max_fields);
}

std::string part(std::string_view name, std::string_view value) {
  std::string out = "--XX\r\nContent-Disposition: form-data; name=\"";
  out += name;
  out += "\"\r\n\r\n";
  out += value;
  out += "\r\n";
  return out;
}

}  // namespace

TEST_CASE("The bodies of browsers and HTTP libraries are read") {
  struct {
    const char* what;
    std::string body;
    form_fields expected;
  } const rows[] = {
      {"curl", part("a", "1") + part("b", "2") + "--XX--\r\n", {{"a", "1"}, {"b", "2"}}},
      {"no line end behind", part("a", "1") + "--XX--", {{"a", "1"}}},
      {"a line end before", "\r\n" + part("a", "1") + "--XX--\r\n", {{"a", "1"}}},
      {"empty value", part("a", "") + "--XX--", {{"a", ""}}},
      {"no parts", "--XX--\r\n", {}},
      {"repeated name", part("a", "1") + part("a", "2") + "--XX--", {{"a", "1"}, {"a", "2"}}},
      {"line ends in a value", part("a", "\r\n--X\r\n\r\n") + "--XX--", {{"a", "\r\n--X\r\n\r\n"}}},
      {"UTF-8", part("a", "\xE4\xBD\xA0") + "--XX--", {{"a", "\xE4\xBD\xA0"}}},
      {"percent signs stay", part("a%22", "%41") + "--XX--", {{"a%22", "%41"}}},
      {"okhttp",
       "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=utf-8\r\n"
       "Content-Length: 1\r\nContent-Transfer-Encoding: binary\r\n\r\n1\r\n--XX--\r\n",
       {{"a", "1"}}},
      {"name without quotes, fields in any case",
       "--XX\r\ncontent-disposition:FORM-DATA;NAME=a\r\n\r\n1\r\n--XX--",
       {{"a", "1"}}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const auto fields = parse(row.body);
    REQUIRE(fields.has_value());
    CHECK(*fields == row.expected);
  }
  const std::string quoted = "multipart/form-data; boundary=\"----=_Part 1?2\"";
  CHECK(parse("------=_Part 1?2--", quoted).has_value());
}

TEST_CASE("A multipart body that two readers could take two ways is refused") {
  const auto with_head = [](std::string_view head) { return "--XX\r\n" + std::string(head) + "\r\n\r\n1\r\n--XX--"; };
  struct {
    const char* what;
    std::string body;
  } const rows[] = {
      {"empty", ""},
      {"preamble", "hello\r\n" + part("a", "1") + "--XX--"},
      {"no closing delimiter", part("a", "1")},
      {"ends in a value", "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1"},
      {"ends in a head", "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n"},
      {"delimiter only", "--XX"},
      {"delimiter and line end", "--XX\r\n"},
      {"epilogue", part("a", "1") + "--XX--\r\nmore"},
      {"longer delimiter", part("a", "1") + "--XXX--"},
      {"longer delimiter inside", part("a", "1\r\n--XXY\r\n2") + "--XX--"},
      {"blank behind a delimiter", "--XX \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--XX--"},
      {"line feeds alone", "--XX\nContent-Disposition: form-data; name=\"a\"\n\n1\n--XX--"},
      {"no disposition", with_head("Content-Type: text/plain")},
      {"two dispositions",
       with_head("Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"")},
      {"no name", with_head("Content-Disposition: form-data")},
      {"empty name", with_head("Content-Disposition: form-data; name=\"\"")},
      {"two names", with_head("Content-Disposition: form-data; name=\"a\"; name=\"b\"")},
      {"other disposition", with_head("Content-Disposition: attachment; name=\"a\"")},
      {"file", with_head("Content-Disposition: form-data; name=\"a\"; filename=\"f\"")},
      {"file without a name", with_head("Content-Disposition: form-data; name=\"a\"; filename=\"\"")},
      {"file in capitals", with_head("Content-Disposition: form-data; name=\"a\"; FileName=f")},
      {"extended file", with_head("Content-Disposition: form-data; name=\"a\"; filename*=utf-8''f")},
      {"extended name", with_head("Content-Disposition: form-data; name=\"a\"; name*=utf-8''b")},
      {"open quote", with_head("Content-Disposition: form-data; name=\"a")},
      {"escaped quote", with_head("Content-Disposition: form-data; name=\"a\\\"b\"")},
      {"folded field", with_head("Content-Disposition: form-data;\r\n name=\"a\"")},
      {"blank before the colon", with_head("Content-Disposition : form-data; name=\"a\"")},
      {"no colon", with_head("Content-Disposition: form-data; name=\"a\"\r\nhello")},
      {"NUL in a field", with_head("Content-Disposition: form-data; name=\"a\0\""sv)},
      {"line feed in a field", with_head("Content-Disposition: form-data; name=\"a\"\nX: y")},
      {"base64", with_head("Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64")},
      {"quoted-printable",
       with_head("Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: quoted-printable")},
      {"other charset",
       with_head("Content-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=gbk")},
      {"bad UTF-8 in the name", part("\xFF", "1") + "--XX--"},
      {"bad UTF-8 in the value", part("a", "\xFF") + "--XX--"},
      {"NUL in the value", part("a", std::string_view("\0", 1)) + "--XX--"},
      {"one field too many", part("a", "1") + part("b", "1") + part("c", "1") + part("d", "1") + "--XX--"},
      {"too many fields in a part",
       with_head("Content-Disposition: form-data; name=\"a\"\r\na:\r\nb:\r\nc:\r\nd:\r\ne:\r\n"
                 "f:\r\ng:\r\nh:\r\ni:")},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const auto fields = parse(row.body);
    REQUIRE_FALSE(fields.has_value());
    CHECK(fields.error().code == core::errc::malformed_request);
  }
  CHECK(parse(part("a", "1") + part("b", "1") + part("c", "1") + "--XX--").has_value());
}

TEST_CASE("A boundary is one of RFC 2046") {
  const std::string body = "--XX--";
  CHECK(parse(body, "multipart/form-data; boundary=\"XX\"").has_value());
  for (const std::string& bad :
       {std::string("multipart/form-data"), std::string("multipart/form-data; boundary="),
        std::string("multipart/form-data; boundary=\"\""), std::string("multipart/form-data; boundary=\"XX \""),
        std::string("multipart/form-data; boundary=XX; boundary=YY"), std::string("multipart/form-data; boundary=\"XX"),
        std::string("multipart/form-data; boundary=X\xC3\xA9"), std::string("multipart/form-data; boundary=X*X"),
        std::string("multipart/mixed; boundary=XX"), std::string("text/plain; boundary=XX"), std::string(),
        "multipart/form-data; boundary=" + std::string(71, 'X')}) {
    CAPTURE(bad);
    CHECK_FALSE(parse(body, bad).has_value());
  }
  const std::string longest(70, 'X');
  CHECK(parse("--" + longest + "--", "multipart/form-data; boundary=" + longest).has_value());
}
