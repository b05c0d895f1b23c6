#include "mplane/model/specification.hpp"

#include "error_of.hpp"
#include "samples.hpp"

#include <set>

using mplane::Capability;
using mplane::ErrorKind;
using mplane::Instant;
using mplane::Ip4;
using mplane::Specification;
using mplane::Time;
using mplane::Value;
using mplane::When;
using samples::core;
using samples::kNow;

namespace {

Capability offered(const std::string& when) {
  return Capability::measure("x").when(when).build(core());
}

bool can_be_asked(const std::string& offer, const std::string& when) {
  try {
    offered(offer).specify(when).build();
    return true;
  } catch (const mplane::Error& error) {
    REQUIRE(error.where() == "when");
    return false;
  }
}

}  // namespace

TEST_CASE("a specification takes from its capability what it does not choose", "[specification]") {
  const Capability capability = Capability::measure("ping")
                                    .when("now ... future / 1s")
                                    .parameter("source.ip4", "10.0.27.2")
                                    .parameter("destination.ip4")
                                    .result("packets.lost")
                                    .metadata("System_version", "0.1")
                                    .link("https://h/")
                                    .exports_to("mplane-https")
                                    .token("abc")
                                    .build(core());
  const Specification specification =
      capability.specify("now + 30s / 1s").set("destination.ip4", Ip4::parse("10.0.37.2")).build();
  CHECK(specification.verb() == "measure");
  CHECK(specification.label() == "ping");
  CHECK(specification.schema() == capability.schema());
  CHECK(specification.metadata() == capability.metadata());
  CHECK(specification.constraint("source.ip4") == capability.constraint("source.ip4"));
  CHECK(specification.get<Ip4>("source.ip4") == Ip4::parse("10.0.27.2"));  // the only one admitted
  CHECK(specification.get<Ip4>("destination.ip4") == Ip4::parse("10.0.37.2"));
  CHECK(specification.is_relative());
  CHECK_FALSE(specification.link());
  CHECK_FALSE(specification.export_url());
  CHECK_FALSE(specification.has_token());
}

TEST_CASE("a specification has what its builder was told", "[specification]") {
  const Specification specification = samples::ping()
                                          .specify("now + 30s / 1s")
                                          .set("destination.ip4", "10.0.37.2")
                                          .label("mine")
                                          .token("t")
                                          .link("https://h/")
                                          .export_to("mplane-https://c/")
                                          .metadata("System_version", "2")
                                          .build(kNow);
  CHECK(specification.label() == "mine");
  CHECK(specification.token() == "t");
  CHECK(specification.link() == "https://h/");
  CHECK(specification.export_url() == "mplane-https://c/");
  CHECK(*specification.find_metadata("System_version") == Value("2"));
}

TEST_CASE("values are read by the primitive of their parameter", "[specification]") {
  const Specification specification = Capability::measure("x")
                                          .parameter("destination.port")
                                          .parameter("cpuload")
                                          .parameter("connectivity.ip")
                                          .parameter("start")
                                          .parameter("content.url")
                                          .build(core())
                                          .specify("past ... future")
                                          .set("destination.port", "8e1")
                                          .set("cpuload", 1)
                                          .set("connectivity.ip", "1")
                                          .set("start", "2015-01-01")
                                          .set("content.url", "http://x/")
                                          .build();
  CHECK(specification.get<std::uint64_t>("destination.port") == 80);
  CHECK(specification.get<double>("cpuload") == 1.0);
  CHECK(specification.get<bool>("connectivity.ip"));
  CHECK(to_string(specification.get<Time>("start")) == "2015-01-01 00:00:00.000000");
  CHECK(specification.get<mplane::Uri>("content.url").text() == "http://x/");
}

TEST_CASE("a value that cannot be is refused where it is set", "[specification]") {
  const auto refusal = [](const std::string& element, const Value& value) {
    return error_of([&] {
      Capability::measure("x")
          .parameter("source.port", "1 ... 10")
          .build(core())
          .specify("now")
          .set(element, value);
    });
  };
  const auto outside = refusal("source.port", 11);
  CHECK(outside.kind() == ErrorKind::Invalid);
  CHECK(outside.where() == "parameters/source.port");
  CHECK(outside.message() == "\"11\" is not within \"1 ... 10\"");
  CHECK(refusal("source.port", "abc").kind() == ErrorKind::Malformed);
  CHECK(refusal("source.port", "abc").where() == "parameters/source.port");
  CHECK(refusal("source.port", Value()).kind() == ErrorKind::Invalid);
  CHECK(refusal("no.such", 1).kind() == ErrorKind::Mismatch);
  CHECK(refusal("no.such", 1).where() == "parameters/no.such");
}

TEST_CASE("a specification needs a value for each parameter", "[specification]") {
  const auto error = error_of([] {
    Capability::measure("x")
        .parameter("source.ip4")
        .parameter("source.port", "5")
        .parameter("destination.ip4")
        .build(core())
        .specify("past ... future")
        .build();
  });
  CHECK(error.kind() == ErrorKind::Invalid);
  CHECK(error.where() == "parameters");
  CHECK_THAT(error.message(), Catch::EndsWith("source.ip4, destination.ip4"));
}

TEST_CASE("a scope outside the grammar is malformed", "[specification]") {
  CHECK(error_of([] { samples::ping().specify("soon"); }).kind() == ErrorKind::Malformed);
}

TEST_CASE("without a now only a scope that can never follow is refused", "[specification]") {
  CHECK(can_be_asked("now ... future / 1s", "now + 30s / 1s"));
  CHECK(can_be_asked("now ... future / 1s", "2009-02-20 13:00:00 + 1m / 1s"));
  CHECK(can_be_asked("past ... now", "2009-02-20 13:00:00 ... 2009-02-20 14:00:00"));
  CHECK(can_be_asked("2009-02-20 13:00:00 ... 2009-02-20 15:00:00", "now + 30s"));
  CHECK(can_be_asked("now ... future", "repeat now + 30m / 1m"));
  CHECK_FALSE(can_be_asked("now ... future / 1s", "now + 30s"));
  CHECK_FALSE(can_be_asked("now ... future", "past ... now"));
  CHECK_FALSE(can_be_asked("2009-02-20 13:00:00 ... 2009-02-20 15:00:00",
                           "2009-02-20 14:00:00 ... 2009-02-20 16:00:00"));
}

TEST_CASE("with a now a scope is judged by it", "[specification]") {
  const auto at = [](const Instant now) {
    return samples::ping()
        .specify("2015-06-01 12:00:00 + 1m / 1s")
        .set("destination.ip4", "10.0.0.1")
        .build(now);
  };
  CHECK(at(kNow).when().is_definite());
  CHECK(error_of([&] { at(kNow + std::chrono::seconds(1)); }).where() == "when");
}

TEST_CASE("a run of a repeated specification is one of its own", "[specification]") {
  const Specification repeated = Capability::measure("x")
                                     .when("now ... future / 1s")
                                     .build(core())
                                     .specify("repeat now + 30m / 1m { now + 5s / 1s }")
                                     .token("t")
                                     .build();
  const Specification run = repeated.run_at(kNow);
  CHECK(run.when() == When::parse("2015-06-01 12:00:00 + 5s / 1s"));
  CHECK(run.schema() == repeated.schema());
  CHECK_THAT(run.token(), Catch::StartsWith("t-"));
  CHECK(run.token() != repeated.run_at(kNow + std::chrono::minutes(1)).token());
  CHECK(run.token() == repeated.run_at(kNow).token());
}

TEST_CASE("fresh tokens differ by statement, time and nonce", "[specification]") {
  const Specification one =
      samples::ping().specify("now + 30s / 1s").set("destination.ip4", "10.0.0.1").build();
  const Specification other =
      samples::ping().specify("now + 30s / 1s").set("destination.ip4", "10.0.0.2").build();
  const std::set<std::string> tokens = {
      one.token(), one.with_fresh_token(kNow, 0).token(), one.with_fresh_token(kNow, 1).token(),
      one.with_fresh_token(kNow + std::chrono::microseconds(1), 0).token(),
      other.with_fresh_token(kNow, 0).token()};
  CHECK(tokens.size() == 5);
  CHECK(one.with_fresh_token(kNow, 1).token() == one.with_fresh_token(kNow, 1).token());
  CHECK(one.with_fresh_token(kNow, 1).token().size() == 32);
}

TEST_CASE("changed copies of a specification leave it as it was", "[specification]") {
  const Specification once = samples::ping_once();
  CHECK(once.with_token("t").token() == "t");
  CHECK(once.with_label("l").label() == "l");
  CHECK(once.with_link("https://h/").link() == "https://h/");
  CHECK(once.with_when(When::parse("now")).is_relative());
  CHECK(once.with_metadata("System_version", "1").find_metadata("System_version") != nullptr);
  CHECK(error_of([&] { once.with_metadata("no.such", 1); }).where() == "metadata/no.such");
  CHECK(once == samples::ping_once());
}
