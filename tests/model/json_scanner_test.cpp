#include "json_scanner.hpp"

#include "error_of.hpp"

#include <string>
#include <string_view>
#include <vector>

using mplane::Error;
using mplane::ErrorKind;
using mplane::detail::JsonScanner;
using mplane::detail::RawValue;

namespace {

constexpr std::size_t kDepth = 100;

// Reads a text to its end; what its value is, if a string or number.
std::string scan(const std::string_view text, const std::size_t depth = kDepth) {
  JsonScanner scanner(text, depth);
  const RawValue value = scanner.value();
  scanner.skip(value);
  scanner.expect_end();
  return std::string(value.text());
}

std::string in_quotes(const std::string_view inside) { return "\"" + std::string(inside) + "\""; }

}  // namespace

TEST_CASE("the scanner walks through arrays and objects", "[json][scanner]") {
  JsonScanner scanner(R"( {"a": [1, "two", null], "b": {}, "c": true, "d": []} )", kDepth);
  std::string_view name;
  REQUIRE(scanner.value().kind == RawValue::Kind::Object);
  REQUIRE(scanner.next_member(name));
  CHECK(name == "a");
  REQUIRE(scanner.value().kind == RawValue::Kind::Array);
  REQUIRE(scanner.next_element());
  CHECK(scanner.value().text() == "1");
  REQUIRE(scanner.next_element());
  CHECK(scanner.value().text() == "two");
  REQUIRE(scanner.next_element());
  CHECK(scanner.value().kind == RawValue::Kind::Null);
  REQUIRE_FALSE(scanner.next_element());
  REQUIRE(scanner.next_member(name));
  scanner.skip(scanner.value());
  REQUIRE(scanner.next_member(name));
  CHECK(scanner.value().kind == RawValue::Kind::True);
  REQUIRE(scanner.next_member(name));
  REQUIRE(scanner.value().kind == RawValue::Kind::Array);
  CHECK_FALSE(scanner.next_element());
  CHECK_FALSE(scanner.next_member(name));
  CHECK_NOTHROW(scanner.expect_end());
}

TEST_CASE("strings are read with their escapes", "[json][scanner]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"plain", "plain"},
      {"longer than eight bytes", "longer than eight bytes"},
      {R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t"},
      {R"(a\u0041b)", "aAb"},
      {R"(\u00e9\u00E9)", "éé"},
      {R"(\u4e16)", "世"},
      {R"(\ud83d\ude00)", "😀"},
      {R"(\uffff)", "\xef\xbf\xbf"},
      {R"(\u0000)", std::string(1, '\0')},
      {"été 世 😀", "été 世 😀"},
      {"0123456é\\n", "0123456é\n"},
      {"\x7f", "\x7f"},
  };
  for (const auto& [text, meaning] : cases) {
    CAPTURE(text);
    CHECK(scan(in_quotes(text)) == meaning);
  }
}

TEST_CASE("strings with an escape anywhere keep what stands around it", "[json][scanner]") {
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t after = 0; after < 20; ++after) {
      const std::string head(before, 'x');
      const std::string tail(after, 'y');
      REQUIRE(scan(in_quotes(head + "\\n" + tail)) == head + "\n" + tail);
      REQUIRE(scan(in_quotes(head + "é" + tail)) == head + "é" + tail);
    }
  }
}

TEST_CASE("numbers keep every digit", "[json][scanner]") {
  for (const std::string number :
       {"0", "-0", "7", "-1", "18446744073709551616", "0.5", "1e9", "1E+9", "1.25e-300", "1e999",
        "123456789012345678901234567890.5"}) {
    CAPTURE(number);
    CHECK(scan(number) == number);
  }
}

namespace {

struct Fault {
  std::string text;
  std::size_t byte;
};

const Fault kFaults[] = {
    {"", 0},
    {"  ", 2},
    {"hello", 0},
    {"nul", 0},
    {"truth", 0},
    {"NaN", 0},
    {"Infinity", 0},
    {"-", 1},
    {"+1", 0},
    {".5", 0},
    {"1.", 2},
    {"1e", 2},
    {"1e+", 3},
    {"01", 1},
    {"0x1", 1},
    {"1 2", 2},
    {"{} x", 3},
    {"[1,]", 3},
    {"[1 2]", 3},
    {"[,1]", 1},
    {"[1}", 2},
    {"[", 1},
    {"[1", 2},
    {"]", 0},
    {"{", 1},
    {"{1: 2}", 1},
    {"{'a': 1}", 1},
    {R"({"a" 1})", 5},
    {R"({"a": })", 6},
    {R"({"a": 1,})", 8},
    {R"({"a": 1])", 7},
    {R"({"a")", 4},
    {R"("abc)", 4},
    {R"("abc\)", 4},
    {R"("\x")", 1},
    {R"("\u12)", 1},
    {R"("\u12g4")", 1},
    {"\"a\tb\"", 2},
    {"\"a\nb\"", 2},
    {std::string("\"a\0b\"", 5), 2},
    {std::string("{}\0", 3), 2},
    {"\xEF\xBB\xBF{}", 0},
    {"// comment\n1", 0},
    {"\xff", 0},
};

}  // namespace

TEST_CASE("what is not JSON is refused at its byte", "[json][scanner]") {
  for (const Fault& given : kFaults) {
    CAPTURE(given.text);
    const Error error = error_of([&] { scan(given.text); });
    CHECK(error.kind() == ErrorKind::Malformed);
    CHECK_THAT(error.message(),
               Catch::StartsWith("not JSON at line 1, column " + std::to_string(given.byte + 1)));
  }
}

TEST_CASE("in a text of many lines the line is named, too", "[json][scanner]") {
  CHECK_THAT(error_of([&] { scan("[\n 1,\r\n  x]"); }).message(),
             Catch::StartsWith("not JSON at line 3, column 3: "));
}

TEST_CASE("lone surrogates are refused", "[json][scanner]") {
  for (const std::string text : {R"(\ud800)", R"(\udc00)", R"(\ud800x)", R"(\ud800\n)",
                                 R"(\ud800\ud800)", R"(\udc00\ud800)", R"(\ud83d\u0041)"}) {
    CAPTURE(text);
    CHECK_THAT(error_of([&] { scan(in_quotes(text)); }).message(), Catch::Contains("surrogate"));
  }
}

TEST_CASE("strings that are not UTF-8 are refused", "[json][scanner]") {
  for (const std::string bytes : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80",
                                  "\xf4\x90\x80\x80", "\xfe", "01234567\xff", "é\xc3"}) {
    CHECK_THAT(error_of([&] { scan(in_quotes(bytes)); }).message(), Catch::Contains("UTF-8"));
    CHECK_THAT(error_of([&] { scan(in_quotes("\\n" + bytes)); }).message(),
               Catch::Contains("UTF-8"));
  }
}

TEST_CASE("what is skipped is checked as well", "[json][scanner]") {
  CHECK_NOTHROW(scan(R"([{"a": [[], {}, {"b": "\u00e9"}]}, -1.5e3, false])"));
  CHECK_THROWS_AS(scan(R"([{"a": [[}]])"), Error);
  CHECK_THROWS_AS(scan(R"([{"a": "\ud800"}])"), Error);
  CHECK_THROWS_AS(scan(R"([{"a" "b"}])"), Error);
}

TEST_CASE("nesting is bounded", "[json][scanner]") {
  const auto nested = [](const std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK_NOTHROW(scan(nested(kDepth)));
  const Error error = error_of([&] { scan(nested(kDepth + 1)); });
  CHECK(error.kind() == ErrorKind::TooLarge);
  CHECK(error.message() == "nested deeper than 100 levels at line 1, column 101");
  CHECK_NOTHROW(scan("[" + nested(kDepth - 1) + "," + nested(kDepth - 1) + "]"));
  CHECK_THROWS_AS(scan(std::string(1'000'000, '[')), Error);
  CHECK(scan("1", 0) == "1");
  CHECK_THROWS_AS(scan("[]", 0), Error);
}
