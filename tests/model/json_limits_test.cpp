// Texts that are meant to hurt: each has an answer, and an error stays a sentence.

#include "error_of.hpp"
#include "mplane/model/json.hpp"
#include "samples.hpp"

using mplane::Envelope;
using mplane::Error;
using mplane::ErrorKind;
using samples::decode;
using samples::json_now;

namespace {

constexpr std::size_t kLongestError = 500;

std::string repeated(const std::string& unit, const std::size_t times) {
  std::string text;
  text.reserve(unit.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += unit;
  return text;
}

std::string envelopes(const std::size_t depth) {
  return repeated(R"({"envelope": "message", "contents": [)", depth) + repeated("]}", depth);
}

Error refusal(const std::string& text) {
  const Error error = error_of([&] { decode(text); });
  CHECK(std::string(error.what()).size() < kLongestError);
  return error;
}

}  // namespace

TEST_CASE("a hundred nested envelopes are read, two thousand are not", "[limits]") {
  auto message = decode(envelopes(100));
  CHECK(decode(encode(message)) == message);
  CHECK(decode(envelopes(512)).kind() == "envelope");  // of 1024 levels
  CHECK(refusal(envelopes(513)).kind() == ErrorKind::TooLarge);
  CHECK(refusal(envelopes(2000)).kind() == ErrorKind::TooLarge);
}

TEST_CASE("depth bombs are refused at the limit", "[limits]") {
  for (const std::string unit : {"[", R"({"a":)", R"({"contents":[)", R"({"resultvalues":[[)"}) {
    CAPTURE(unit);
    CHECK_THAT(refusal(repeated(unit, 1'000'000)).message(), Catch::StartsWith("nested deeper"));
  }
  CHECK_NOTHROW(decode(
      json_now("capability", R"(, "x": )" + std::string(1023, '[') + std::string(1023, ']'))));
  CHECK(mplane::DecodeLimits().depth == 1024);
  CHECK_THROWS_AS(
      mplane::decode(json_now("capability", R"(, "x": [[]])"), samples::core(), {.depth = 2}),
      Error);
}

TEST_CASE("a string of 64 MiB is read like any other", "[limits]") {
  const std::string big(std::size_t{64} << 20U, 'x');
  const auto message = decode(json_now("capability", R"(, "label": ")" + big + "\""));
  CHECK(message.label() == big);
  CHECK(encode(message).size() > big.size());
}

TEST_CASE("a wrong value of 64 MiB makes a short error", "[limits]") {
  const std::string big = "\"" + std::string(std::size_t{64} << 20U, '1') + "\"";
  for (const std::string element :
       {"destination.port", "cpuload", "start", "source.ip4", "connectivity.ip", "content.url"}) {
    CAPTURE(element);
    CHECK(
        refusal(json_now("specification", R"(, "parameters": {")" + element + R"(": )" + big + "}"))
            .where() == "parameters/" + element);
  }
  CHECK(refusal(json_now("capability", R"(, "parameters": {)" + big + ": 1}")).kind() ==
        ErrorKind::Invalid);
  CHECK(refusal(R"({"capability": "measure", "when": "now", "registry": )" + big + "}").where() ==
        "registry");
  CHECK(refusal(R"({"capability": "measure", "version": )" + big + "}").where() == "version");
}

TEST_CASE("a message of very many parts takes memory like its text", "[limits]") {
  // None of them a message: the first is reported, the others cost nothing.
  CHECK(refusal(R"({"envelope": "message", "contents": [)" + repeated("{},", 1'000'000) + "{}]}")
            .where() == "contents/0");
  CHECK(refusal(json_now("capability",
                         R"(, "results": [)" + repeated("\"time\",", 1'000'000) + "\"time\"]"))
            .message() == "\"time\" is named twice");
  CHECK(decode(json_now("specification", R"(, "parameters": {)" +
                                             repeated("\"source.port\": 1,", 300'000) +
                                             "\"source.port\": 2}"))
            .statement()
            ->value("source.port") == mplane::Value(2));
  // Quadratic, this would take an hour.
  CHECK(decode(json_now("result", R"(, "results": ["time"])" +
                                      repeated(R"(, "resultvalues": [["now"]])", 100'000) +
                                      R"(, "resultvalues": [["2026-01-01"]])"))
            .find<mplane::Result>()
            ->row_count() == 1);
  const auto empty_rows = samples::decode_as<mplane::Result>(
      json_now("result", R"(, "resultvalues": [)" + repeated("[],", 300'000) + "[]]"));
  CHECK(empty_rows.row_count() == 0);
}

TEST_CASE("numbers beyond every limit are refused where they count", "[limits]") {
  const auto port = [](const std::string& number) {
    return json_now("specification", R"(, "parameters": {"destination.port": )" + number + "}");
  };
  CHECK(refusal(port("99999999999999999999")).where() == "parameters/destination.port");
  CHECK(refusal(port("1e999999999999999999999")).where() == "parameters/destination.port");
  CHECK(refusal(port("NaN")).kind() == ErrorKind::Malformed);
  CHECK(decode(port("0e999999999999999999999")).statement()->value(0) == mplane::Value(0));
  CHECK(decode(json_now("capability", R"(, "x": 1e999999999999999999999)")).kind() == "capability");
}
