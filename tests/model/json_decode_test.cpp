#include "error_of.hpp"
#include "mplane/model/json.hpp"
#include "samples.hpp"

#include <vector>

using mplane::Capability;
using mplane::Envelope;
using mplane::Error;
using mplane::ErrorKind;
using mplane::Exception;
using mplane::Ip4;
using mplane::Receipt;
using mplane::Result;
using mplane::Specification;
using mplane::Value;
using mplane::Withdrawal;
using samples::decode;
using samples::decode_as;
using samples::json;
using samples::json_now;

namespace {

Error refusal(const std::string& text) {
  return error_of([&] { decode(text); });
}

// What a specification's parameter is after reading that JSON value for it.
Value read(const std::string& element, const std::string& value) {
  return decode_as<Specification>(
             json_now("specification", R"(, "parameters": {")" + element + R"(": )" + value + "}"))
      .value(element);
}

Result result(const std::string& columns, const std::string& rows) {
  return decode_as<Result>(json("result", R"(, "when": "2015-01-01", "results": [)" + columns +
                                              R"(], "resultvalues": )" + rows));
}

}  // namespace

TEST_CASE("a specification is read whole", "[decode]") {
  const auto specification = decode_as<Specification>(
      R"({"specification": "measure", "version": 1, "label": "ping-1", "token": "abc",
          "registry": "http://ict-mplane.eu/registry/core", "when": "now + 30s / 1s",
          "parameters": {"source.ip4": "192.0.2.19", "destination.ip4": "192.0.3.33"},
          "metadata": {"System_version": "0.1"}, "link": "https://h/", "export": "udp://h:1",
          "results": ["delay.twoway.icmp.us.min", "delay.twoway.icmp.count"]})");
  CHECK(specification.verb() == "measure");
  CHECK(specification.label() == "ping-1");
  CHECK(specification.token() == "abc");
  CHECK(specification.has_token());
  CHECK(to_string(specification.when()) == "now + 30s / 1s");
  CHECK(specification.get<Ip4>("source.ip4") == Ip4::parse("192.0.2.19"));
  CHECK(specification.constraint("source.ip4").is_any());
  CHECK(*specification.find_metadata("System_version") == Value("0.1"));
  CHECK(specification.link() == "https://h/");
  CHECK(specification.export_url() == "udp://h:1");
  CHECK(specification.schema().columns()[1]->name() == "delay.twoway.icmp.count");
}

TEST_CASE("keys come in any order", "[decode]") {
  const auto specification = decode_as<Specification>(
      R"({"parameters": {"destination.port": 80}, "results": ["packets.lost"], "version": 1,
          "registry": "http://ict-mplane.eu/registry/core", "specification": "measure", "when": "now"})");
  CHECK(specification.value("destination.port") == Value(80));
  const auto early_rows = decode_as<Result>(
      R"({"resultvalues": [[1], [2]], "results": ["packets.lost"], "result": "measure",
          "registry": "http://ict-mplane.eu/registry/core", "when": "2015-01-01"})");
  CHECK(early_rows.row_count() == 2);
  const auto early_contents = decode_as<Envelope>(
      R"({"contents": [{"message": "m", "exception": "t"}], "envelope": "message"})");
  CHECK(early_contents.size() == 1);
}

TEST_CASE("values are text, or native for their own primitives", "[decode]") {
  CHECK(read("destination.port", "80") == Value(80));
  CHECK(read("destination.port", "\"80\"") == Value(80));
  CHECK(read("destination.port", "8e1") == Value(80));
  CHECK(read("destination.port", "-0") == Value(0));
  CHECK(read("destination.port", "18446744073709551615") == Value(18446744073709551615U));
  CHECK(read("cpuload", "0.5") == Value(0.5));
  CHECK(read("cpuload", "1") == Value(1.0));
  CHECK(read("cpuload", "\"1e-05\"") == Value(1e-05));
  CHECK(read("connectivity.ip", "true") == Value(true));
  CHECK(read("connectivity.ip", "\"False\"") == Value(false));
  CHECK(read("source.interface", "\"eth0\"") == Value("eth0"));
  CHECK(read("source.interface", R"("\u00e9\n")") == Value("é\n"));
  for (const std::string element : {"destination.port", "cpuload", "connectivity.ip", "start",
                                    "source.ip4", "content.url", "source.interface"}) {
    CHECK_FALSE(read(element, "null").has_value());
    CHECK_FALSE(read(element, "\"*\"").has_value());
  }
}

TEST_CASE("values that do not fit are refused with place, element and value", "[decode]") {
  struct Case {
    std::string element, value, message;
  };
  const std::vector<Case> cases = {
      {"destination.ip4", "\"10.0.0.300\"", "\"10.0.0.300\" is not an address"},
      {"destination.port", "80.5", "\"80.5\" is not a natural: it is not whole"},
      {"destination.port", "18446744073709551616",
       "\"18446744073709551616\" is not a natural: it is over 18446744073709551615"},
      {"destination.port", "true", "true is no natural"},
      {"cpuload", "1e999", "\"1e999\" is not a real number: it is too large"},
      {"cpuload", "\"NaN\"", "\"NaN\" is not a real number"},
      {"connectivity.ip", "1", "\"1\" is no boolean"},
      {"source.interface", "7", "\"7\" is no string"},
      {"source.ip4", "3221225985", "\"3221225985\" is no address"},
      {"source.ip4", "[\"1.2.3.4\"]", "an array is no address"},
      {"source.ip4", "{}", "an object is no address"},
  };
  for (const Case& given : cases) {
    CAPTURE(given.element, given.value);
    const Error error = error_of([&] { read(given.element, given.value); });
    CHECK(error.where() == "parameters/" + given.element);
    CHECK(error.message() == given.message);
  }
}

TEST_CASE("constraints are read as text and as native values", "[decode]") {
  const auto constraint = [](const std::string& element, const std::string& text) {
    return to_string(
        decode_as<Capability>(
            json_now("capability", R"(, "parameters": {")" + element + R"(": )" + text + "}"))
            .constraint(element));
  };
  CHECK(constraint("source.port", R"("65535 ... 1024")") == "1024 ... 65535");
  CHECK(constraint("source.port", R"("443, 80")") == "443,80");
  CHECK(constraint("source.port", "80") == "80");
  CHECK(constraint("source.port", "null") == "*");
  CHECK(constraint("connectivity.ip", "true") == "True");
  CHECK(constraint("source.ip4", R"("10.0.0.0/8")") == "10.0.0.0/8");
  CHECK(decode_as<Withdrawal>(
            json_now("withdrawal", R"(, "parameters": {"source.port": "1 ... 10"})"))
            .constraint("source.port")
            .kind() == mplane::Constraint::Kind::Range);
  CHECK(
      refusal(json_now("capability", R"(, "parameters": {"source.port": [80, 443]})")).message() ==
      "an array is no natural");
}

TEST_CASE("rows are read into columns", "[decode]") {
  const Result trace = result(R"("time", "intermediate.ip4", "hops.ip", "source.interface")",
                              R"([["2014-08-25 14:53:11.019", "192.0.2.1", 1, "eth0"],
                                  ["*", null, "2", "*"]])");
  REQUIRE(trace.row_count() == 2);
  CHECK(trace.rows()[0].get<Ip4>("intermediate.ip4") == Ip4::parse("192.0.2.1"));
  CHECK(trace.rows()[0].value("source.interface") == Value("eth0"));
  CHECK(trace.rows()[1].value("hops.ip") == Value(2));
  for (const auto name : {"time", "intermediate.ip4", "source.interface"}) {
    CHECK_FALSE(trace.rows()[1].has_value(name));
  }
  CHECK(result("", "[]").row_count() == 0);
  CHECK(result("\"time\"", "[]").row_count() == 0);
}

TEST_CASE("rows that do not fit are refused with their place", "[decode]") {
  struct Case {
    std::string rows, where, message;
  };
  const std::vector<Case> cases = {
      {"[[1, 2], [1]]", "resultvalues/1", "1 values for 2 columns"},
      {"[[1, 2, 3]]", "resultvalues/0", "3 values for 2 columns"},
      {"[[1, 2], \"12\"]", "resultvalues/1", "is no array"},
      {"[[1, 2], {}]", "resultvalues/1", "is no array"},
      {"[[1, 2], [3, \"x\"]]", "resultvalues/1/1", "\"x\" is not a natural"},
      {"[[[], 2]]", "resultvalues/0/0", "an array is no natural"},
      {"{}", "resultvalues", "an object is no array"},
      {"null", "resultvalues", "null is no array"},
  };
  for (const Case& given : cases) {
    CAPTURE(given.rows);
    const Error error = error_of([&] { result(R"("packets.lost", "hops.ip")", given.rows); });
    CHECK(error.where() == given.where);
    CHECK(error.message() == given.message);
  }
}

TEST_CASE("rows of what is no result are ignored", "[decode]") {
  CHECK(decode(json_now("capability", R"(, "resultvalues": 5)")).kind() == "capability");
  CHECK(decode(json_now("receipt", R"(, "resultvalues": [[1, 2], 3])")).kind() == "receipt");
}

TEST_CASE("what is required is missed by name", "[decode]") {
  struct Case {
    std::string text, where, message;
  };
  const std::string core = R"("registry": "http://ict-mplane.eu/registry/core")";
  const std::vector<Case> cases = {
      {R"({"capability": "measure", "when": "now"})", "registry", "is missing"},
      {R"({"capability": "measure", "registry": null, "when": "now"})", "registry", "is missing"},
      {R"({"capability": "measure", "registry": "", "when": "now"})", "registry", "is empty"},
      {R"({"capability": "measure", "registry": 5, "when": "now"})", "registry",
       "\"5\" is no text"},
      {R"({"capability": "measure", )" + core + "}", "when", "is missing"},
      {R"({"capability": "measure", "when": 5, )" + core + "}", "when", "\"5\" is no text"},
      {R"({"capability": null, "when": "now", )" + core + "}", "capability", "is missing"},
      {R"({"capability": "", "when": "now", )" + core + "}", "capability", "the verb is empty"},
      {R"({"capability": 5, "when": "now", )" + core + "}", "capability", "\"5\" is no text"},
      {R"({"envelope": "message"})", "contents", "is missing"},
      {R"({"envelope": null, "contents": []})", "envelope", "is missing"},
      {R"({"envelope": "message", "contents": {}})", "contents", "an object is no array"},
      {R"({"exception": null})", "message", "is missing"},
      {R"({"exception": 5, "message": "m"})", "exception", "\"5\" is no text"},
  };
  for (const Case& given : cases) {
    CAPTURE(given.text);
    const Error error = refusal(given.text);
    CHECK(error.kind() == ErrorKind::Invalid);
    CHECK(error.where() == given.where);
    CHECK(error.message() == given.message);
  }
}

TEST_CASE("one key names the kind of a message", "[decode]") {
  CHECK_THAT(refusal("{}").message(), Catch::StartsWith("no message"));
  CHECK_THAT(refusal(R"({"frob": "measure", "Capability": "measure"})").message(),
             Catch::StartsWith("no message"));
  CHECK(refusal(json_now("capability", R"(, "specification": "measure")")).message() ==
        "it is both capability and specification");
  for (const std::string text : {"[]", "[{}]", "5", "\"capability\"", "null", "true"}) {
    CHECK(refusal(text).message() == "no message: a message is an object");
  }
}

TEST_CASE("versions 0 and 1 are read", "[decode]") {
  const auto with_version = [](const std::string& version) {
    return R"({"capability": "measure", "version": )" + version +
           R"(, "registry": "http://ict-mplane.eu/registry/core", "when": "now"})";
  };
  for (const std::string version : {"0", "1", "\"0\"", "\"1\""}) {
    CHECK(decode(with_version(version)).kind() == "capability");
  }
  for (const std::string version :
       {"null", "true", "0.9", "1.0", "-1", "\"one\"", "\"\"", "[]", "99999999999999999999"}) {
    CAPTURE(version);
    CHECK(refusal(with_version(version)).where() == "version");
  }
  CHECK(refusal(with_version("2")).message() == "\"2\" is newer than 1, which is known here");
  CHECK(decode(R"({"exception": "t", "message": "m", "version": 7})").kind() == "exception");
}

TEST_CASE("null counts as missing where a text may be missing", "[decode]") {
  const auto statement = decode_as<Capability>(
      json_now("capability", R"(, "label": null, "token": null, "link": null, "export": null)"));
  CHECK_FALSE(statement.has_token());
  CHECK_FALSE(statement.link());
  CHECK_FALSE(statement.export_url());
  CHECK(encode(statement).find("label") == std::string::npos);
  for (const std::string section : {"parameters", "metadata", "results"}) {
    CHECK(refusal(json_now("capability", ", \"" + section + "\": null")).where() == section);
  }
}

TEST_CASE("an empty text is there", "[decode]") {
  const auto statement =
      decode_as<Capability>(json_now("capability", R"(, "label": "", "token": "", "link": "")"));
  CHECK(statement.has_token());
  CHECK(statement.token().empty());
  CHECK(statement.link() == "");
  CHECK_THAT(encode(statement), Catch::Contains(R"("label":"")"));
}

TEST_CASE("unknown keys are ignored wherever they are", "[decode]") {
  const auto statement = decode(json_now(
      "capability",
      R"(, "x": [{"when": "never", "parameters": {"a": [1, {}]}}], "": 1, "contents": [5])"));
  CHECK(statement == decode(json_now("capability")));
}

TEST_CASE("of duplicate keys the last counts", "[decode]") {
  const auto specification = decode_as<Specification>(
      json_now("specification",
               R"(, "parameters": 5, "parameters": {"source.port": 1, "cpuload": "x"}, "label": "a",
         "parameters": {"source.port": 2, "source.port": 3}, "label": "b", "when": "now + 1s")"));
  CHECK(specification.label() == "b");
  CHECK(to_string(specification.when()) == "now + 1s");
  CHECK(specification.schema().parameters().size() == 1);
  CHECK(specification.value("source.port") == Value(3));
  const auto rows =
      decode_as<Result>(json("result", R"(, "when": "2015-01-01", "resultvalues": [["x", 1], 5],
                         "results": ["time"], "results": ["packets.lost"], "resultvalues": [[1], [2]])"));
  CHECK(rows.row_count() == 2);
  CHECK(rows.rows()[1].value(0) == Value(2));
  const auto envelope = decode_as<Envelope>(
      R"({"envelope": "message", "contents": [5, {"exception": null, "message": "a"}],
          "contents": [{"exception": null, "message": "b"}]})");
  REQUIRE(envelope.size() == 1);
  CHECK(envelope.messages()[0].find<Exception>()->message() == "b");
}

TEST_CASE("elements are those of the registry that the message names", "[decode]") {
  const auto unknown = refusal(json_now("capability", R"(, "results": ["no.such"])"));
  CHECK(unknown.where() == "results/no.such");
  CHECK(refusal(json_now("capability", R"(, "metadata": {"no/such": 1})")).where() ==
        "metadata/no~1such");
  CHECK(refusal(json_now("capability", R"(, "results": [5])")).where() == "results/0");
  CHECK(refusal(json_now("capability", R"(, "results": ["time", "time"])")).message() ==
        "\"time\" is named twice");
  CHECK(refusal(R"({"capability": "measure", "registry": "file:///etc/passwd", "when": "now"})")
            .message() == "\"file:///etc/passwd\" is not known here");

  const auto other = mplane::Registry::decode(
      R"({"registry-format": "mplane-0", "registry-uri": "http://example.org/r",
          "registry-revision": 1, "elements": [{"name": "own.thing", "prim": "natural"}]})");
  const std::string text =
      R"({"capability": "measure", "registry": "http://example.org/r", "when": "now",
          "results": ["own.thing"]})";
  CHECK(mplane::decode(text, other).kind() == "capability");
  CHECK(mplane::decode(text, samples::core().also(other)).kind() == "capability");
  CHECK(mplane::decode(json_now("capability"), samples::core().also(other)).kind() == "capability");
}

TEST_CASE("a notification is its token alone, or whole", "[decode]") {
  for (const std::string kind : {"receipt", "redemption", "interrupt", "withdrawal"}) {
    CAPTURE(kind);
    const std::string brief = R"({")" + kind + R"(": "measure", "token": "abc")";
    for (const std::string rest :
         {R"(})", R"(, "label": "x"})",
          R"(, "registry": "http://ict-mplane.eu/registry/core", "version": 1})"}) {
      const auto message = decode(brief + rest);
      CHECK(message.token() == "abc");
      CHECK(message.kind() == kind);
      CHECK(decode(encode(message)) == message);
    }
    CHECK(decode(json_now(kind)).statement()->has_token() == false);
    CHECK_THAT(refusal(json(kind)).message(), Catch::Contains("needs a token"));
    CHECK(refusal(json(kind, R"(, "token": "abc", "results": [])")).where() == "when");
    CHECK(refusal(brief + R"(, "registry": "http://no/such"})").where() == "registry");
  }
  CHECK(refusal(R"({"indirection": "measure", "token": "abc"})").where() == "registry");
}

TEST_CASE("exceptions are a token and a text", "[decode]") {
  const auto exception = decode_as<Exception>(R"({"exception": "t", "message": ""})");
  CHECK(exception.token() == "t");
  CHECK(exception.message() == "Unspecified exception");
  CHECK_FALSE(decode_as<Exception>(R"({"exception": null, "message": "m"})").token());
}

TEST_CASE("envelopes may have token, label and scope", "[decode]") {
  const auto envelope = decode_as<Envelope>(
      R"({"envelope": "result", "version": 1, "token": "t", "label": "l", "contents": [],
          "when": "2015-06-01 12:00:00 ... 2015-06-01 12:30:00 / 1m"})");
  CHECK(envelope.content_type == "result");
  CHECK(envelope.token == "t");
  CHECK(envelope.label == "l");
  CHECK(to_string(*envelope.when) ==
        "2015-06-01 12:00:00.000000 ... 2015-06-01 12:30:00.000000 / 1m");
  CHECK_FALSE(decode_as<Envelope>(R"({"envelope": "message", "contents": []})").when);
}

TEST_CASE("the open outer scope of an old peer's envelope is read", "[decode]") {
  const auto envelope = decode_as<Envelope>(
      R"({"envelope": "message", "contents": [], "when": "2015-06-01 12:00:00.000000 / 2s"})");
  CHECK(to_string(*envelope.when) == "2015-06-01 12:00:00.000000 ... future / 2s");
  CHECK(refusal(R"({"envelope": "message", "contents": [], "when": "soon / 2s"})").where() ==
        "when");
  CHECK(refusal(json("capability", R"(, "when": "2015-06-01 12:00:00.000000 / 2s")")).where() ==
        "when");
}

TEST_CASE("messages in envelopes are refused with their place", "[decode]") {
  const auto in_envelope = [](const std::string& contents) {
    return R"({"envelope": "message", "contents": [)" + contents + "]}";
  };
  const std::string good = R"({"exception": null, "message": "m"})";
  CHECK(refusal(in_envelope(good + ", {}")).where() == "contents/1");
  CHECK(refusal(in_envelope(good + ", 5, {}")).where() == "contents/1");
  CHECK(refusal(in_envelope(good + "," + in_envelope(good + "," + json("capability")))).where() ==
        "contents/1/contents/1/when");
  CHECK(refusal(in_envelope(json_now("specification",
                                     R"(, "parameters": {"destination.ip4": "10.0.0.300"})")))
            .where() == "contents/0/parameters/destination.ip4");
}

TEST_CASE("one kind of message can be asked for", "[decode]") {
  CHECK(decode_as<Receipt>(json_now("receipt")).verb() == "measure");
  const Error error = error_of([] { decode_as<Receipt>(json_now("result")); });
  CHECK(error.kind() == ErrorKind::Invalid);
  CHECK(error.message() == "a message of kind result instead of receipt");
}
