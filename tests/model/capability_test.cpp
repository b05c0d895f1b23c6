#include "mplane/model/capability.hpp"

#include "error_of.hpp"
#include "mplane/model/specification.hpp"
#include "samples.hpp"

#include <vector>

using mplane::Capability;
using mplane::Constraint;
using mplane::Error;
using mplane::ErrorKind;
using mplane::Specification;
using mplane::Value;
using mplane::When;
using samples::core;
using samples::kNow;

namespace {

// A capability with one parameter under that constraint.
Capability port(const std::string& constraint) {
  return Capability::measure("port")
      .when("now ... future")
      .parameter("destination.port", constraint)
      .result("flows")
      .build(core());
}

Specification decoded(const std::string& sections) {
  return samples::decode_as<Specification>(samples::json("specification", sections));
}

const std::string kPing =
    R"(, "when": "now + 10s / 1s", "results": ["delay.twoway.icmp.us.min", "delay.twoway.icmp.count"],
      "parameters": {"source.ip4": "10.0.27.2", "destination.ip4": "10.0.37.2"})";

}  // namespace

TEST_CASE("a capability is what its builder was told", "[capability]") {
  const Capability capability = Capability::of("frobnicate", "thing")
                                    .when("now ... future / 1s")
                                    .parameter("source.port", "65535 ... 1024")
                                    .parameter("destination.ip4")
                                    .result("time")
                                    .metadata("System_version", "0.1")
                                    .link("https://127.0.0.1:8888/")
                                    .exports_to("mplane-https")
                                    .token("abc")
                                    .build(core());
  CHECK(capability.verb() == "frobnicate");
  CHECK(capability.label() == "thing");
  CHECK(capability.when() == When::parse("now ... future / 1s"));
  CHECK(to_string(capability.constraint("source.port")) == "1024 ... 65535");
  CHECK(capability.constraint("destination.ip4").is_any());
  CHECK_FALSE(capability.value("source.port").has_value());
  CHECK(*capability.find_metadata("System_version") == Value("0.1"));
  CHECK(capability.find_metadata("location.latitude") == nullptr);
  CHECK(capability.link() == "https://127.0.0.1:8888/");
  CHECK(capability.export_url() == "mplane-https");
  CHECK(capability.token() == "abc");
}

TEST_CASE("a capability has a verb and a scope without limits unless told otherwise",
          "[capability]") {
  CHECK(Capability::measure("x").build(core()).verb() == "measure");
  CHECK(Capability::query("x").build(core()).verb() == "query");
  CHECK(Capability::collect("x").build(core()).verb() == "collect");
  const Capability plain = Capability::measure("").build(core());
  CHECK(plain.when().is_infinite());
  CHECK(plain.label().empty());
  CHECK_FALSE(plain.link());
  CHECK_FALSE(plain.export_url());
  CHECK_FALSE(plain.has_token());
}

TEST_CASE("constraints given as values fit the primitive", "[capability]") {
  const auto with = [](const std::string& element, Constraint constraint) {
    return Capability::measure("x").parameter(element, std::move(constraint)).build(core());
  };
  CHECK(to_string(with("cpuload", Constraint::range(0, 1)).constraint("cpuload")) == "0.0 ... 1.0");
  CHECK(to_string(with("destination.port", Constraint::one_of({80, "443"}))
                      .constraint("destination.port")) == "80,443");
  const auto error = error_of([&] { with("source.ip4", Constraint::one_of({80})); });
  CHECK(error.where() == "parameters/source.ip4");
}

TEST_CASE("a builder goes on in a loop", "[capability]") {
  auto builder = Capability::measure("x");
  for (const std::string name : {"time", "packets.lost"}) {
    builder = std::move(builder).result(name);
  }
  CHECK(std::move(builder).build(core()).schema().columns().size() == 2);
}

TEST_CASE("what is wrong with a capability is said at its end, with the place", "[capability]") {
  struct Case {
    ErrorKind kind;
    std::string where;
    std::function<mplane::CapabilityBuilder()> build;
  };
  const std::vector<Case> cases = {
      {ErrorKind::Invalid, "parameters/no.such",
       [] { return Capability::measure("x").parameter("no.such"); }},
      {ErrorKind::Malformed, "parameters/source.ip4",
       [] { return Capability::measure("x").parameter("source.ip4", "10.0.0.300"); }},
      {ErrorKind::Invalid, "results/no.such",
       [] { return Capability::measure("x").result("no.such"); }},
      {ErrorKind::Malformed, "when", [] { return Capability::measure("x").when("tomorrow"); }},
      {ErrorKind::Invalid, "metadata/no.such",
       [] { return Capability::measure("x").metadata("no.such", 1); }},
      {ErrorKind::Malformed, "metadata/packets.lost",
       [] { return Capability::measure("x").metadata("packets.lost", "many"); }},
      {ErrorKind::Invalid, "capability", [] { return Capability::of("", "x"); }},
  };
  for (const Case& given : cases) {
    CAPTURE(given.where);
    const Error error = error_of([&] { given.build().build(core()); });
    CHECK(error.kind() == given.kind);
    CHECK(error.where() == given.where);
  }
}

TEST_CASE("a capability accepts what follows from it", "[capability][accepts]") {
  const Capability ping = samples::ping();
  const Specification asked = decoded(kPing);
  CHECK(ping.accepts(asked, kNow));
  CHECK_FALSE(ping.objection(asked, kNow));
  // Its elements may come in another order, from another handle to the registry.
  const auto elsewhere = mplane::Registry::core();
  const auto reversed =
      mplane::decode_as<Specification>(samples::json("specification",
                                                     R"(, "when": "now + 10s / 2s",
                    "parameters": {"destination.ip4": "10.0.37.2", "source.ip4": "10.0.27.2"},
                    "results": ["delay.twoway.icmp.count", "delay.twoway.icmp.us.min"])"),
                                       elsewhere);
  CHECK(ping.accepts(reversed, kNow));
}

TEST_CASE("a capability says why it does not accept", "[capability][accepts]") {
  struct Case {
    std::string from, to;       // what is changed in the specification
    std::string where, reason;  // of the objection
  };
  const std::vector<Case> cases = {
      {"10.0.27.2", "10.0.27.3", "parameters/source.ip4",
       "\"10.0.27.3\" is not within \"10.0.27.2\""},
      {"10.0.37.2", "*", "parameters/destination.ip4", "has no value"},
      {" / 1s", "", "when", "\"now + 10s\" does not follow \"now ... future / 1s\""},
      {"now + 10s", "past ... now", "when",
       "\"past ... now / 1s\" does not follow \"now ... future / 1s\""},
      {"\"source.ip4\"", "\"source.port\": 1, \"source.ip4\"", "parameters",
       "have to be source.ip4, destination.ip4"},
      {"[\"delay", "[\"time\", \"delay", "results",
       "have to be delay.twoway.icmp.us.min, delay.twoway.icmp.count"},
  };
  for (const Case& given : cases) {
    std::string sections = kPing;
    sections.replace(sections.find(given.from), given.from.size(), given.to);
    CAPTURE(sections);
    const Specification asked = decoded(sections);
    CHECK_FALSE(samples::ping().accepts(asked, kNow));
    const auto objection = samples::ping().objection(asked, kNow);
    REQUIRE(objection);
    CHECK(objection->kind() == ErrorKind::Invalid);
    CHECK(objection->where() == given.where);
    CHECK(objection->message() == given.reason);
  }
}

TEST_CASE("a capability accepts its own verb and registry only", "[capability][accepts]") {
  std::string query = samples::json("specification", kPing);
  query.replace(query.find("measure"), 7, "query");
  const auto verb = samples::ping().objection(samples::decode_as<Specification>(query), kNow);
  REQUIRE(verb);
  CHECK(verb->message() == "\"query\" is not \"measure\"");

  const auto other = mplane::Registry::decode(
      R"({"registry-format": "mplane-0", "registry-uri": "http://example.org/r",
          "registry-revision": 1, "elements": [], "includes": ["http://ict-mplane.eu/registry/core"]})");
  const auto asked = mplane::decode_as<Specification>(
      R"({"specification": "measure", "registry": "http://example.org/r", "when": "now"})", other);
  const auto registry = Capability::measure("x").build(core()).objection(asked, kNow);
  REQUIRE(registry);
  CHECK(registry->where() == "registry");
}

TEST_CASE("a capability covers those with narrower constraints", "[capability]") {
  struct Case {
    std::string wide, narrow;
    bool covers;
  };
  for (const Case& given : std::vector<Case>{{"*", "1 ... 10", true},
                                             {"1 ... 10", "*", false},
                                             {"1 ... 10", "2,3", true},
                                             {"1 ... 10", "2,30", false},
                                             {"2,3", "2,3", true}}) {
    CAPTURE(given.wide, given.narrow);
    CHECK(port(given.wide).covers(port(given.narrow)) == given.covers);
  }
  CHECK_FALSE(port("*").covers(samples::ping()));
}

TEST_CASE("changed copies leave the original as it was", "[capability]") {
  const Capability ping = samples::ping();
  CHECK(ping.with_token("t").token() == "t");
  CHECK(ping.with_label("other").label() == "other");
  CHECK(ping.with_link("").link() == "");
  CHECK(ping.with_when(When::parse("now ... future")).when() == When::parse("now ... future"));
  CHECK(ping == samples::ping());
  CHECK_FALSE(ping.has_token());
}
