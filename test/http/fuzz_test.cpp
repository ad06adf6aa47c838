// The fuzz targets over a small corpus and mutations of it, so that they run with every test and cannot rot.
#define LLVMFuzzerTestOneInput http_request_fuzz
#include "fuzz/http_request_fuzz.cpp"
#undef LLVMFuzzerTestOneInput

#include <doctest/doctest.h>

#include <random>
#include <span>

extern "C" int http_form_fuzz(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int mutations_per_seed = 3000;
constexpr unsigned fixed_seed = 20240229;  // a failure is found again

using target = int (*)(const std::uint8_t*, std::size_t);

void run(target fuzz, const std::string& input) {
  fuzz(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

void mutate(std::string& text, std::mt19937& random) {
  static const std::string_view tokens[] = {
      "\r\n", "\n", "\r",   ":",       " ", "0",  "chunked",  "Content-Length: 1\r\n",
      "%",    "--", "=",    ";",       "&", "\"", "\r\n\r\n", "Transfer-Encoding: chunked\r\n",
      "\xFF", "B",  "name", "HTTP/1.0"};
  const std::size_t at = random() % (text.size() + 1);
  switch (random() % 5) {
    case 0:
      text.insert(at, tokens[random() % std::size(tokens)]);
      break;
    case 1:
      text.erase(at, 1 + random() % 4);
      break;
    case 2:
      if (at < text.size()) text[at] = static_cast<char>(random());
      break;
    case 3:
      text.insert(at, text.substr(random() % (text.size() + 1), random() % 40));
      break;
    default:
      text.resize(at);
      break;
  }
}

void run_mutations(target fuzz, std::span<const std::string> corpus) {
  std::mt19937 random(fixed_seed);
  for (const std::string& seed : corpus) {
    run(fuzz, seed);
    for (int i = 0; i < mutations_per_seed; ++i) {
      std::string text = seed;
      for (unsigned edits = 1 + random() % 4; edits > 0; --edits)
        mutate(text, random);
      run(fuzz, text);
    }
  }
}

}  // namespace

TEST_CASE("The request reader accepts the same requests however they are cut, also when they are hostile") {
  const std::string chunks =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: u\r\n\r\n";
  const std::string length = "POST /a?b=c HTTP/1.1\r\nHost: h:80\r\nContent-Length: 5\r\n\r\nhello";
  const std::string plain = "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  const std::string corpus[] = {
      "\x01" + chunks,
      "\x05" + length + length,
      "\x10" + plain + chunks + length,
      "\x02" + chunks + chunks + chunks,
      "\x03\r\n" + plain,
      std::string(1, '\0') + "OPTIONS * HTTP/1.1\r\nHost: [::1]\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
      "\x07GET http://evil/a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
  };
  run_mutations(http_request_fuzz, corpus);
}

TEST_CASE("Hostile forms are refused or read as text") {
  const std::string type = "multipart/form-data; boundary=B\n";
  const std::string part = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n";
  const std::string corpus[] = {
      type + part + "--B--\r\n",
      type + part + part + "--B--",
      "multipart/form-data; charset=utf-8; boundary=\"B C\"\n--B C--",
      "application/x-www-form-urlencoded\na=1&b=%E4%BD%A0&c=+%2B",
      "203.0.113.7, 10.0.0.1\n2001:db8::1",
  };
  run_mutations(http_form_fuzz, corpus);
}
