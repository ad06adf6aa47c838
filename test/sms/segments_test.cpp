#include "sms/segments.hpp"

#include "sms/vector_file.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace smsauth;
using sms::sms_encoding;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += text;
  return out;
}

std::vector<std::size_t> sizes(const std::vector<std::string>& parts) {
  std::vector<std::size_t> all;
  for (const std::string& part : parts)
    all.push_back(part.size());
  return all;
}

using octets = std::vector<std::size_t>;

}  // namespace

TEST_CASE("segments: every vector") {
  for (const auto& entry : test::vectors_of("smpp", "sms-segmentation")) {
    const auto& texts = entry.at("inputs").at("texts").as_array();
    const auto& results = entry.at("expected").at("results").as_array();
    REQUIRE(texts.size() == results.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      CAPTURE(i);
      const sms::segment_count count = sms::count_segments(test::text_of(texts[i]));
      const std::string encoding = count.encoding == sms_encoding::gsm7 ? "GSM-7" : "UCS-2";
      CHECK(encoding == test::text_of(results[i].at("encoding")));
      CHECK(count.units == results[i].at("code_units").to_number<std::size_t>());
      CHECK(count.parts == results[i].at("segments").to_number<std::size_t>());
      CHECK(sms::split_segments(test::text_of(texts[i]), count.encoding).size() == count.parts);
    }
  }
}

TEST_CASE("segments: an empty text is one part") {
  CHECK(sms::count_segments("").parts == 1);
  CHECK(sms::count_segments("").units == 0);
  CHECK(sms::split_segments("", sms_encoding::gsm7) == std::vector<std::string>{""});
  CHECK(sms::split_segments("", sms_encoding::ucs2) == std::vector<std::string>{""});
}

TEST_CASE("segments: parts hold 153 septets, and no escape is parted from its septet") {
  CHECK(sizes(sms::split_segments(repeated("a", 160), sms_encoding::gsm7)) == octets{160});
  CHECK(sizes(sms::split_segments(repeated("a", 161), sms_encoding::gsm7)) == octets{153, 8});
  CHECK(sizes(sms::split_segments(repeated("€", 81), sms_encoding::gsm7)) == octets{152, 10});
  // 306 septets would fill two parts, were it not for the pairs.
  CHECK(sizes(sms::split_segments(repeated("€", 153), sms_encoding::gsm7)) == octets{152, 152, 2});
  CHECK(sms::count_segments(repeated("€", 153)).parts == 3);
  for (const std::string& part : sms::split_segments(repeated("€", 153), sms_encoding::gsm7))
    CHECK(part.back() == 0x65);
}

TEST_CASE("segments: parts hold 67 UTF-16 units, and no surrogate pair is torn") {
  CHECK(sizes(sms::split_segments(repeated("验", 70), sms_encoding::ucs2)) == octets{140});
  CHECK(sizes(sms::split_segments(repeated("验", 71), sms_encoding::ucs2)) == octets{134, 8});
  CHECK(sizes(sms::split_segments(repeated("😀", 35), sms_encoding::ucs2)) == octets{140});
  CHECK(sizes(sms::split_segments(repeated("😀", 36), sms_encoding::ucs2)) == octets{132, 12});
  CHECK(sms::count_segments(repeated("😀", 36)).units == 72);
  // 134 units, but each part holds at most 33 pairs.
  CHECK(sms::count_segments(repeated("😀", 67)).parts == 3);
}

TEST_CASE("segments: the octets of a part") {
  CHECK(sms::split_segments("[a]", sms_encoding::gsm7) == std::vector<std::string>{"\x1b\x3c"
                                                                                   "a\x1b\x3e"});
  CHECK(sms::split_segments("验a", sms_encoding::ucs2) == std::vector<std::string>{std::string("\x9a\x8c\x00"
                                                                                               "a",
                                                                                               4)});
  CHECK(sms::split_segments("😀", sms_encoding::ucs2) == std::vector<std::string>{std::string("\xd8\x3d\xde\x00", 4)});
}

TEST_CASE("segments: a text outside the alphabet cannot be split as GSM 7-bit") {
  CHECK_THROWS_AS(sms::split_segments("验", sms_encoding::gsm7), std::invalid_argument);
}
