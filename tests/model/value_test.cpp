#include "mplane/model/value.hpp"

#include "error_of.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using mplane::Address;
using mplane::compare;
using mplane::ErrorKind;
using mplane::Ip4;
using mplane::Ip6;
using mplane::NoValue;
using mplane::Primitive;
using mplane::Time;
using mplane::Uri;
using mplane::Value;
using namespace std::string_literals;

namespace {

struct Reading {
  Primitive primitive;
  std::string text;
  Value value;
  std::string canonical;
};

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

const Reading kReadings[] = {
    {Primitive::String, "foo", "foo", "foo"},
    {Primitive::String, "", "", ""},
    {Primitive::String, " *", " *", " *"},
    {Primitive::String, "**", "**", "**"},
    {Primitive::String, "None", "None", "None"},
    {Primitive::String, "a ... b,c", "a ... b,c", "a ... b,c"},
    {Primitive::String, "line1\nline2", "line1\nline2", "line1\nline2"},
    {Primitive::String, "\0"s, "\0"s, "\0"s},
    {Primitive::String, "Zürich €", "Zürich €", "Zürich €"},
    {Primitive::Natural, "0", 0U, "0"},
    {Primitive::Natural, "42", 42U, "42"},
    {Primitive::Natural, "+7", 7U, "7"},
    {Primitive::Natural, "007", 7U, "7"},
    {Primitive::Natural, "-0", 0U, "0"},
    {Primitive::Natural, "-0.0e7", 0U, "0"},
    {Primitive::Natural, "100.0", 100U, "100"},
    {Primitive::Natural, "100.", 100U, "100"},
    {Primitive::Natural, ".0", 0U, "0"},
    {Primitive::Natural, "10E2", 1000U, "1000"},
    {Primitive::Natural, "1.5e1", 15U, "15"},
    {Primitive::Natural, "0.00012e5", 12U, "12"},
    {Primitive::Natural, "1200e-2", 12U, "12"},
    {Primitive::Natural, "1e+19", 10'000'000'000'000'000'000U, "10000000000000000000"},
    {Primitive::Natural, "0e99999999999999999999999", 0U, "0"},
    {Primitive::Natural, "0000000000000000000000000000000001", 1U, "1"},
    {Primitive::Natural, "9007199254740993", 9'007'199'254'740'993U, "9007199254740993"},
    {Primitive::Natural, "9999999999999999999", 9'999'999'999'999'999'999U, "9999999999999999999"},
    {Primitive::Natural, "18446744073709551615", kMost, "18446744073709551615"},
    {Primitive::Natural, "18446744073709551615.000", kMost, "18446744073709551615"},
    {Primitive::Natural, "1844674407370955161.5e1", kMost, "18446744073709551615"},
    {Primitive::Real, "2", 2.0, "2.0"},
    {Primitive::Real, "2.", 2.0, "2.0"},
    {Primitive::Real, ".5", 0.5, "0.5"},
    {Primitive::Real, "+.5", 0.5, "0.5"},
    {Primitive::Real, "-0", -0.0, "-0.0"},
    {Primitive::Real, "0.1", 0.1, "0.1"},
    {Primitive::Real, "0.50", 0.5, "0.5"},
    {Primitive::Real, "4.2e6", 4.2e6, "4200000.0"},
    {Primitive::Real, "1E5", 1e5, "100000.0"},
    {Primitive::Real, "1e15", 1e15, "1000000000000000.0"},
    {Primitive::Real, "1234567890123456", 1234567890123456.0, "1234567890123456.0"},
    {Primitive::Real, "9999999999999998", 9999999999999998.0, "9999999999999998.0"},
    {Primitive::Real, "1e16", 1e16, "1e+16"},
    {Primitive::Real, "12345678901234567", 12345678901234567.0, "1.2345678901234568e+16"},
    {Primitive::Real, "123456789012345680000", 123456789012345680000.0, "1.2345678901234568e+20"},
    {Primitive::Real, "1e23", 1e23, "1e+23"},
    {Primitive::Real, "1e100", 1e100, "1e+100"},
    {Primitive::Real, "0.0001", 1e-4, "0.0001"},
    {Primitive::Real, "0.00012345", 1.2345e-4, "0.00012345"},
    {Primitive::Real, "0.00001", 1e-5, "1e-05"},
    {Primitive::Real, "-1.5e-7", -1.5e-7, "-1.5e-07"},
    {Primitive::Real, "1.7976931348623157e308", 1.7976931348623157e308, "1.7976931348623157e+308"},
    {Primitive::Real, "5e-324", 5e-324, "5e-324"},
    {Primitive::Real, "2e-324", 0.0, "0.0"},
    {Primitive::Real, "-1e-400", -0.0, "-0.0"},
    {Primitive::Real, "0e400", 0.0, "0.0"},
    {Primitive::Real, "0.3333333333333333", 1.0 / 3, "0.3333333333333333"},
    {Primitive::Boolean, "True", true, "True"},
    {Primitive::Boolean, "true", true, "True"},
    {Primitive::Boolean, "1", true, "True"},
    {Primitive::Boolean, "False", false, "False"},
    {Primitive::Boolean, "false", false, "False"},
    {Primitive::Boolean, "0", false, "False"},
    {Primitive::Time, "now", Time::now(), "now"},
    {Primitive::Time, "2013-07-30", Time::parse("2013-07-30"), "2013-07-30 00:00:00.000000"},
    {Primitive::Address, "10.0.0.0/8", Address::parse("10.0.0.0/8"), "10.0.0.0/8"},
    {Primitive::Address, "::1", Ip6::parse("::1"), "::1"},
    {Primitive::Url, "http://a/", Uri::parse("http://a/"), "http://a/"},
};

}  // namespace

TEST_CASE("a text means a value of its primitive, written in one form", "[value]") {
  for (const auto& [primitive, text, meaning, canonical] : kReadings) {
    CAPTURE(text);
    const Value value = Value::parse(primitive, text);
    CHECK(value == meaning);
    CHECK(value.primitive() == primitive);
    CHECK(to_string(value) == canonical);
    CHECK(to_string(Value::parse(primitive, canonical)) == canonical);
  }
}

TEST_CASE("a star is no value, of any primitive", "[value]") {
  for (const auto primitive :
       {Primitive::String, Primitive::Natural, Primitive::Real, Primitive::Boolean, Primitive::Time,
        Primitive::Address, Primitive::Url}) {
    const Value none = Value::parse(primitive, "*");
    CHECK_FALSE(none.has_value());
    CHECK_FALSE(none.primitive());
    CHECK(none == Value());
    CHECK(to_string(none) == "*");
  }
}

namespace {

struct Fault {
  Primitive primitive;
  std::string text, message;
};

const Fault kFaults[] = {
    {Primitive::String, "\xFF", R"("\xff" is not a string: it is not UTF-8)"},
    {Primitive::String, "\xED\xA0\x80", R"("\xed\xa0\x80" is not a string: it is not UTF-8)"},
    {Primitive::Natural, "", R"("" is not a natural)"},
    {Primitive::Natural, "abc", R"("abc" is not a natural)"},
    {Primitive::Natural, " 7", R"(" 7" is not a natural)"},
    {Primitive::Natural, "7 ", R"("7 " is not a natural)"},
    {Primitive::Natural, "\t7\n", R"("\t7\n" is not a natural)"},
    {Primitive::Natural, "--7", R"("--7" is not a natural)"},
    {Primitive::Natural, "+", R"("+" is not a natural)"},
    {Primitive::Natural, ".", R"("." is not a natural)"},
    {Primitive::Natural, "1.2.3", R"("1.2.3" is not a natural)"},
    {Primitive::Natural, "e5", R"("e5" is not a natural)"},
    {Primitive::Natural, "1e", R"("1e" is not a natural)"},
    {Primitive::Natural, "1e+", R"("1e+" is not a natural)"},
    {Primitive::Natural, "1e1.0", R"("1e1.0" is not a natural)"},
    {Primitive::Natural, "0x10", R"("0x10" is not a natural)"},
    {Primitive::Natural, "0b1", R"("0b1" is not a natural)"},
    {Primitive::Natural, "1_000", R"("1_000" is not a natural)"},
    {Primitive::Natural, "1,000", R"("1,000" is not a natural)"},
    {Primitive::Natural, "٣", R"("٣" is not a natural)"},
    {Primitive::Natural, "true", R"("true" is not a natural)"},
    {Primitive::Natural, "inf", R"("inf" is not a natural)"},
    {Primitive::Natural, "-1", R"("-1" is not a natural: it is negative)"},
    {Primitive::Natural, "-3.9", R"("-3.9" is not a natural: it is negative)"},
    {Primitive::Natural, "3.9", R"("3.9" is not a natural: it is not whole)"},
    {Primitive::Natural, ".5", R"(".5" is not a natural: it is not whole)"},
    {Primitive::Natural, "15e-1", R"("15e-1" is not a natural: it is not whole)"},
    {Primitive::Natural, "1e-99999999999999999999",
     R"("1e-99999999999999999999" is not a natural: it is not whole)"},
    {Primitive::Natural, "18446744073709551616",
     R"("18446744073709551616" is not a natural: it is over 18446744073709551615)"},
    {Primitive::Natural, "1e22", R"("1e22" is not a natural: it is over 18446744073709551615)"},
    {Primitive::Natural, "1e99999999999999999999",
     R"("1e99999999999999999999" is not a natural: it is over 18446744073709551615)"},
    {Primitive::Natural, "123456789012345678901234567890",
     R"("123456789012345678901234567890" is not a natural: it is over 18446744073709551615)"},
    {Primitive::Real, "", R"("" is not a real number)"},
    {Primitive::Real, "1,5", R"("1,5" is not a real number)"},
    {Primitive::Real, "0x1p3", R"("0x1p3" is not a real number)"},
    {Primitive::Real, "NaN", R"("NaN" is not a real number)"},
    {Primitive::Real, "inf", R"("inf" is not a real number)"},
    {Primitive::Real, "-Infinity", R"("-Infinity" is not a real number)"},
    {Primitive::Real, "1_0.5", R"("1_0.5" is not a real number)"},
    {Primitive::Real, " 1", R"(" 1" is not a real number)"},
    {Primitive::Real, "+-1", R"("+-1" is not a real number)"},
    {Primitive::Real, "-1e400", R"("-1e400" is not a real number: it is too large)"},
    {Primitive::Real, "1e999999999999999999999",
     R"("1e999999999999999999999" is not a real number: it is too large)"},
    {Primitive::Real, "1.7976931348623159e308",
     R"("1.7976931348623159e308" is not a real number: it is too large)"},
    {Primitive::Boolean, "", R"("" is not a boolean: they are True and False)"},
    {Primitive::Boolean, "TRUE", R"("TRUE" is not a boolean: they are True and False)"},
    {Primitive::Boolean, "no", R"("no" is not a boolean: they are True and False)"},
    {Primitive::Boolean, "2", R"("2" is not a boolean: they are True and False)"},
    {Primitive::Boolean, " True", R"(" True" is not a boolean: they are True and False)"},
    {Primitive::Address, "10.0.0.300", R"("10.0.0.300" is not an address)"},
    {Primitive::Url, "x y", R"("x y" is not a URL: it has no scheme such as http:)"},
};

}  // namespace

TEST_CASE("a text that means no value of its primitive is refused with the reason", "[value]") {
  for (const auto& [primitive, text, message] : kFaults) {
    CAPTURE(text);
    const auto error = error_of([p = primitive, &t = text] { Value::parse(p, t); });
    CHECK(error.kind() == ErrorKind::Malformed);
    CHECK(error.message() == message);
  }
}

TEST_CASE("a number of megabytes gets its answer, too", "[value]") {
  const std::string zeros(16 << 20, '0');
  CHECK(Value::parse(Primitive::Natural, zeros + "5") == Value(5U));
  CHECK(Value::parse(Primitive::Real, "0." + zeros + "5") == Value(0.0));
  CHECK(Value::parse(Primitive::Real, "1" + zeros + "e-16777216") == Value(1.0));
  CHECK_THROWS_AS(Value::parse(Primitive::Natural, "1" + zeros), mplane::Error);
  CHECK_THROWS_AS(Value::parse(Primitive::Real, "1" + zeros), mplane::Error);
}

TEST_CASE("a native value becomes a value of the primitive that C++ says", "[value]") {
  CHECK(Value("text").primitive() == Primitive::String);
  CHECK(Value(std::string_view("text")) == Value("text"));
  CHECK(Value(5U).primitive() == Primitive::Natural);
  CHECK(Value(5) == Value(5U));
  CHECK(Value(std::int8_t{5}) == Value(std::uint64_t{5}));
  CHECK(Value(true).primitive() == Primitive::Boolean);
  CHECK(Value(0.5).primitive() == Primitive::Real);
  CHECK(Value(Ip4::parse("1.2.3.4")) == Value(Address::parse("1.2.3.4")));
  CHECK(Value(Time::now()).primitive() == Primitive::Time);
  CHECK(Value(mplane::Instant()) == Value(Time::parse("1970-01-01")));
  CHECK(Value(Uri::parse("a:b")).primitive() == Primitive::Url);
  CHECK(Value(NoValue()) == Value());
  CHECK(Value(std::optional<int>()) == Value());
  CHECK(Value(std::optional<int>(3)) == Value(3U));
  CHECK(Value(1U) != Value(1.0));
  CHECK(Value(1U) != Value(true));
}

TEST_CASE("a native number that is no value of its primitive is refused", "[value]") {
  const auto negative = error_of([] { Value(-1); });
  CHECK(negative.kind() == ErrorKind::Invalid);
  CHECK(negative.message() == "-1 is not a natural: it is negative");
  CHECK(error_of([] { Value{std::numeric_limits<std::int64_t>::min()}; }).message() ==
        "-9223372036854775808 is not a natural: it is negative");
  for (const double real : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    CHECK(error_of([real] { Value{real}; }).message() == "a real number has to be finite");
  }
}

TEST_CASE("a value is taken as another primitive where nothing is lost", "[value]") {
  CHECK(Value("10E2").as(Primitive::Natural) == Value(1000U));
  CHECK(Value("true").as(Primitive::Boolean) == Value(true));
  CHECK(Value("10.0.0.1").as(Primitive::Address) == Value(Ip4::parse("10.0.0.1")));
  CHECK(Value("*").as(Primitive::Natural) == Value());
  CHECK(Value("*").as(Primitive::String) == Value("*"));
  CHECK(Value(5U).as(Primitive::Real) == Value(5.0));
  CHECK(Value(80.0).as(Primitive::Natural) == Value(80U));
  CHECK(Value(-0.0).as(Primitive::Natural) == Value(0U));
  CHECK(Value(5U).as(Primitive::Natural) == Value(5U));
  CHECK(Value().as(Primitive::Natural) == Value());
}

TEST_CASE("a value that is none of the other primitive is refused by name", "[value]") {
  struct Case {
    Value value;
    Primitive wanted;
    std::string message;
  };
  const Case cases[] = {
      {Value(true), Primitive::Natural, "True is not a natural, but a boolean"},
      {Value(1U), Primitive::Boolean, "1 is not a boolean, but a natural"},
      {Value(5U), Primitive::String, "5 is not a string, but a natural"},
      {Value(0.5), Primitive::Natural, "0.5 is not a natural: it is not whole"},
      {Value(-2.0), Primitive::Natural, "-2.0 is not a natural: it is negative"},
      {Value(18446744073709551616.0), Primitive::Natural,
       "1.8446744073709552e+19 is not a natural: it is over 18446744073709551615"},
      {Value("x"), Primitive::Natural, R"("x" is not a natural)"},
      {Value(5U), Primitive::Address, "5 is not an address, but a natural"},
  };
  for (const auto& [value, wanted, message] : cases) {
    CHECK(error_of([&v = value, w = wanted] { v.as(w); }).message() == message);
  }
}

TEST_CASE("a value is handed out as the type it is of", "[value]") {
  CHECK(Value("text").get<std::string>() == "text");
  CHECK(Value(5U).get<std::uint64_t>() == 5);
  CHECK(Value(0.5).get<double>() == 0.5);
  CHECK(Value(true).get<bool>());
  CHECK(Value(Time::now()).get<Time>() == Time::now());
  CHECK(Value(mplane::Instant()).get<mplane::Instant>() == mplane::Instant());
  CHECK(Value(Ip4::parse("1.2.3.4")).get<Ip4>() == Ip4::parse("1.2.3.4"));
  CHECK(Value(Ip6::parse("::1")).get<Ip6>() == Ip6::parse("::1"));
  CHECK(Value(Ip6::parse("::1")).get<Address>() == Address::parse("::1"));
  CHECK(Value(Uri::parse("a:b")).get<Uri>().text() == "a:b");
}

TEST_CASE("a value asked for as another type is a mismatch", "[value]") {
  const auto error = error_of([] { Value(5U).get<std::string>(); });
  CHECK(error.kind() == ErrorKind::Mismatch);
  CHECK(error.message() == "a value of primitive natural was asked for as a string");
  CHECK(error_of([] { Value().get<double>(); }).message() == "no value was asked for as a real");
  CHECK(error_of([] { Value(Time::past()).get<mplane::Instant>(); }).message() ==
        "past was asked for as an instant");
  CHECK(error_of([] { Value(Ip6::parse("::1")).get<Ip4>(); }).message() ==
        "::1 was asked for as an IPv4 host");
  CHECK(error_of([] { Value(Address::parse("10.0.0.0/8")).get<Ip4>(); }).message() ==
        "10.0.0.0/8 was asked for as an IPv4 host");
  CHECK(error_of([] { Value(Ip4()).get<Ip6>(); }).kind() == ErrorKind::Mismatch);
  CHECK(error_of([] { Value(1.0).get<std::uint64_t>(); }).kind() == ErrorKind::Mismatch);
  CHECK(error_of([] { Value(1U).get<bool>(); }).kind() == ErrorKind::Mismatch);
}

TEST_CASE("values of one primitive are ordered", "[value]") {
  const std::vector<std::vector<Value>> ordered = {
      {"", "A", "a", "a b", "b", "ä"},
      {0U, 1U, 9U, 10U, kMost},
      {-1e300, -1.0, 0.0, 1e-300, 1.0, 1e300},
      {false, true},
      {Time::past(), Time::parse("0001-01-01"), Time::parse("2015-06-01"), Time::future()},
      {Ip4::parse("0.0.0.0"), Ip4::parse("9.255.0.0"), Ip4::parse("10.0.0.0")},
      {Ip6::parse("::"), Ip6::parse("::1"), Ip6::parse("ffff::")},
  };
  for (const auto& values : ordered) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (std::size_t j = 0; j < values.size(); ++j) {
        REQUIRE(compare(values[i], values[j]) == (i <=> j));
      }
    }
  }
  CHECK(compare(0.0, -0.0) == std::strong_ordering::equal);
}

TEST_CASE("values that have no order have none", "[value]") {
  const std::pair<Value, Value> cases[] = {
      {Value(), Value()},
      {1U, 1.0},
      {"1", 1U},
      {Time::now(), Time::future()},
      {Time::now(), Time::now()},
      {Ip4(), Ip6()},
      {Address::parse("10.0.0.0/8"), Ip4::parse("10.0.0.0")},
      {Address::parse("10.0.0.0/8"), Address::parse("10.0.0.0/8")},
      {Uri::parse("a:b"), Uri::parse("a:c")},
  };
  for (const auto& [a, b] : cases) {
    CHECK_FALSE(compare(a, b));
    CHECK_FALSE(compare(b, a));
  }
}

TEST_CASE("the text of any real reads back to the same double", "[value]") {
  std::mt19937_64 random(5);
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t bits = random();
    double real = 0;
    std::memcpy(&real, &bits, sizeof(real));
    if (!std::isfinite(real)) continue;
    std::string text;
    append(text, Value(real));
    const auto read = Value::parse(Primitive::Real, text).get<double>();
    REQUIRE(std::memcmp(&read, &real, sizeof(real)) == 0);
    REQUIRE(text.find_first_of(".e") != std::string::npos);
  }
}

TEST_CASE("the text of any natural reads back to it, in each of its spellings", "[value]") {
  std::mt19937_64 random(6);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t natural = random() >> (random() % 64);
    const std::string text = to_string(Value(natural));
    for (const std::string& spelling :
         {text, "+" + text, "00" + text, text + ".00", text + "e0", text + "00e-2"}) {
      REQUIRE(Value::parse(Primitive::Natural, spelling) == Value(natural));
    }
  }
}
