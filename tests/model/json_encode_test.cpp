#include "error_of.hpp"
#include "mplane/model/json.hpp"
#include "samples.hpp"

#include <vector>

using mplane::Capability;
using mplane::EncodeOptions;
using mplane::Envelope;
using mplane::ErrorKind;
using mplane::Exception;
using mplane::Message;
using mplane::Receipt;
using mplane::Result;
using mplane::Value;
using samples::decode;
using samples::json;
using samples::json_now;

namespace {

Result text_result(const std::string& text) {
  const auto specification = samples::decode_as<mplane::Specification>(
      json_now("specification", R"(, "results": ["source.interface"])"));
  return Result(specification).measured(mplane::When::parse("2015-01-01")).row({Value(text)});
}

}  // namespace

TEST_CASE("a capability is written in the protocol's order of sections", "[encode]") {
  const Capability capability = samples::ping().with_token("t").with_link("https://h/");
  CHECK(encode(capability) ==
        R"({"capability":"measure","version":1,"registry":"http://ict-mplane.eu/registry/core",)"
        R"("label":"ping","when":"now ... future / 1s",)"
        R"("parameters":{"source.ip4":"10.0.27.2","destination.ip4":"*"},)"
        R"("results":["delay.twoway.icmp.us.min","delay.twoway.icmp.count"],)"
        R"("link":"https://h/","token":"t"})");
}

TEST_CASE("all values on the wire are text", "[encode]") {
  const auto message =
      decode(json("result",
                  R"(, "when": "2015-01-01", "metadata": {"measurement.identifier": "x"},
          "parameters": {"destination.port": 80, "cpuload": 2, "connectivity.ip": false, "start": "2015-01-01"},
          "results": ["packets.lost", "time", "intermediate.ip4", "connectivity.ip"],
          "resultvalues": [[1, "2015-01-01", "10.0.0.1", true], ["*", "*", "*", "*"]])"));
  const std::string text = encode(message);
  CHECK_THAT(text,
             Catch::Contains(R"("parameters":{"destination.port":"80","cpuload":"2.0",)"
                             R"("connectivity.ip":"False","start":"2015-01-01 00:00:00.000000"})"));
  CHECK_THAT(text, Catch::Contains(R"("resultvalues":[["1","2015-01-01 00:00:00.000000",)"
                                   R"("10.0.0.1","True"],["*","*","*","*"]])"));
}

TEST_CASE("pretty JSON has one member a line and one line a row", "[encode]") {
  CHECK(encode(samples::ping_result().with_token("t"), EncodeOptions{.pretty = true}) ==
        R"({
  "result": "measure",
  "version": 1,
  "registry": "http://ict-mplane.eu/registry/core",
  "label": "ping",
  "when": "2017-12-24 22:18:42.993000 ... 2017-12-24 22:19:42.991000",
  "parameters": {
    "source.ip4": "10.0.27.2",
    "destination.ip4": "10.0.37.2"
  },
  "results": [
    "delay.twoway.icmp.us.min",
    "delay.twoway.icmp.count"
  ],
  "resultvalues": [
    ["33155", "60"]
  ],
  "token": "t"
})");
  CHECK(encode(Message(Envelope()), EncodeOptions{.pretty = true}) == R"({
  "envelope": "message",
  "version": 1,
  "contents": []
})");
}

TEST_CASE("texts are escaped, and only then", "[encode]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"plain text", "plain text"},
      {"été 世 😀 \"q\" \\ /", R"(été 世 😀 \"q\" \\ /)"},
      {"\b\f\n\r\t", R"(\b\f\n\r\t)"},
      {std::string("\0\x01\x1f\x7f", 4), "\\u0000\\u0001\\u001f\x7f"},
      {"0123456\n89012345\"", R"(0123456\n89012345\")"},
      {"bad \xff\xc3 bytes\xe4\xb8", "bad \uFFFD\uFFFD bytes\uFFFD\uFFFD"},
  };
  for (const auto& [text, escaped] : cases) {
    CAPTURE(text);
    CHECK_THAT(encode(Exception(text, "m")),
               Catch::StartsWith(R"({"exception":")" + escaped + R"(",)"));
    CHECK_THAT(encode(samples::ping().with_label(text)),
               Catch::Contains(R"("label":")" + escaped + '"'));
    CHECK_THAT(encode(text_result(text)),
               Catch::Contains(R"("resultvalues":[[")" + escaped + R"("]])"));
  }
}

TEST_CASE("escaping works at every offset", "[encode]") {
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t after = 0; after < 20; ++after) {
      for (const std::string special : {"\"", "\x01", "é", "\\"}) {
        const std::string text = std::string(before, 'x') + special + std::string(after, 'y');
        const auto back = decode(encode(Exception(text, "m")));
        REQUIRE(*back.find<Exception>()->token() == text);
      }
    }
  }
}

TEST_CASE("what is read is written again the same", "[encode]") {
  const std::vector<std::string> texts = {
      json_now(
          "capability",
          R"(, "label": "", "parameters": {"source.port": "1,2,3", "source.ip4": "10.0.0.0/8"})"),
      json_now("specification", R"(, "parameters": {"source.port": "5"}, "token": "")"),
      json("specification", R"(, "when": "repeat now + 30m / 1m { now + 5s / 1s }")"),
      json_now("receipt", R"(, "metadata": {"System_version": "1", "location.latitude": 0.5})"),
      json_now("redemption", R"(, "link": "", "export": "udp://a:1")"),
      json_now("indirection"),
      json_now("withdrawal", R"(, "parameters": {"source.port": "1 ... 3"})"),
      json_now("interrupt"),
      R"({"interrupt": "query", "token": "x"})",
      R"({"exception": null, "message": "é\u0000"})",
      encode(samples::ping_result()),
      R"({"envelope": "message", "token": "t", "label": "l", "when": "now ... future / 1s",
          "contents": [{"exception": "t", "message": "m"}, {"envelope": "result", "contents": []}]})",
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    const Message message = decode(text);
    for (const bool pretty : {false, true}) {
      const std::string written = encode(message, EncodeOptions{.pretty = pretty});
      CHECK(decode(written) == message);
      CHECK(encode(decode(written), EncodeOptions{.pretty = pretty}) == written);
    }
  }
}

TEST_CASE("messages in an envelope have a token only if they were given one", "[encode]") {
  Envelope envelope;
  envelope.append(samples::ping()).append(samples::ping().with_token("t"));
  const std::string text = encode(envelope);
  CHECK(text.find("token") == text.rfind("token"));
}

TEST_CASE("notifications can be written as their token alone", "[encode]") {
  const EncodeOptions brief{.token_only = true};
  const Receipt receipt(samples::ping_once());
  CHECK(encode(receipt, brief) ==
        R"({"receipt":"measure","version":1,"registry":"http://ict-mplane.eu/registry/core",)"
        R"("label":"ping","token":")" +
            receipt.token() + R"("})");
  CHECK(encode(mplane::Withdrawal(samples::ping()), brief) ==
        encode(mplane::Withdrawal::brief(samples::ping())));
  CHECK(encode(samples::ping(), brief) == encode(samples::ping()));
  CHECK(encode(samples::ping_result(), brief) == encode(samples::ping_result()));
  // One that was read without a token has its default token then.
  CHECK_THAT(encode(decode(json_now("receipt")), brief), Catch::Contains("token"));
}

TEST_CASE("what is not complete is not written", "[encode]") {
  for (const std::string kind : {"specification", "receipt", "redemption", "interrupt"}) {
    CAPTURE(kind);
    const auto error = error_of([&] {
      encode(decode(json_now(kind, R"(, "parameters": {"source.port": 1, "source.ip4": null})")));
    });
    CHECK(error.kind() == ErrorKind::Invalid);
    CHECK(error.where() == "parameters/source.ip4");
  }
  const auto error = error_of([] { encode(decode(json_now("result"))); });
  CHECK(error.where() == "when");
  CHECK(error.message() == "\"now\": a result needs a definite scope");
}
