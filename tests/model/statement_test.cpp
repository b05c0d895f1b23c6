#include "mplane/model/statement.hpp"

#include "error_of.hpp"
#include "samples.hpp"

using mplane::Capability;
using mplane::ErrorKind;
using mplane::Ip4;
using mplane::Ip6;
using mplane::Message;
using mplane::Specification;

namespace {

// The capability of which the old SDK's tokens were recorded.
Capability recorded() {
  return Capability::measure("ping-aggregate")
      .when("now ... future / 1s")
      .parameter("source.ip4", "10.0.27.2")
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.us.min")
      .result("delay.twoway.icmp.us.max")
      .result("delay.twoway.icmp.us.mean")
      .result("delay.twoway.icmp.count")
      .result("packets.lost")
      .build(samples::core());
}

Specification recorded_once() {
  return recorded()
      .specify("2017-12-24 22:18:42 + 1m / 1s")
      .set("destination.ip4", "10.0.37.2")
      .build();
}

}  // namespace

TEST_CASE("default tokens and hashes are those of the old SDK", "[statement][token]") {
  CHECK(recorded().schema().hash() == "5ce99352d17576ad1b7ee5e333091654");
  CHECK(recorded().token() == "d7e9df75145e209e144bf9c06e7a9d2f");
  CHECK(recorded().value_hash() == "4e66a52f575499129f748a60eb0a26c7");
  CHECK(recorded_once().token() == "a19d3b858d0f8fc64f472f649d990751");
  CHECK(recorded_once().value_hash() == recorded_once().token());
}

TEST_CASE("labels, links and tokens are in no hash", "[statement][token]") {
  const Capability other = recorded().with_label("x").with_link("https://h/").with_token("t");
  CHECK(other.statement_hash() == recorded().statement_hash());
  CHECK(other.value_hash() == recorded().value_hash());
}

TEST_CASE("metadata and export count for statements, not for values", "[statement][token]") {
  const Specification once = recorded_once();
  const auto noted = once.with_metadata("System_version", "0.1");
  CHECK(noted.value_hash() == once.value_hash());
  CHECK(noted.statement_hash() != once.statement_hash());
  const auto exported = recorded()
                            .specify("2017-12-24 22:18:42 + 1m / 1s")
                            .set("destination.ip4", "10.0.37.2")
                            .export_to("udp://127.0.0.1:9900")
                            .build();
  CHECK(exported.value_hash() == once.value_hash());
  CHECK(exported.statement_hash() != once.statement_hash());
}

TEST_CASE("a pre-image longer than the hash's buffer is hashed whole", "[statement][token]") {
  const auto with_note = [](const std::string& note) {
    return recorded_once().with_metadata("System_version", note).statement_hash();
  };
  const std::string note(5000, 'x');
  CHECK(with_note(note) != with_note(note + "x"));
  CHECK(with_note(note) == with_note(note));
}

TEST_CASE("values are had as the type they are", "[statement]") {
  const Specification once = samples::ping_once();
  CHECK(once.get<Ip4>("destination.ip4") == Ip4::parse("10.0.37.2"));
  const auto type = error_of([&] { once.get<Ip6>("destination.ip4"); });
  CHECK(type.kind() == ErrorKind::Mismatch);
  CHECK(type.where() == "parameters/destination.ip4");
  CHECK(error_of([&] { once.get<Ip4>("destination.ip6"); }).kind() == ErrorKind::Mismatch);
  CHECK(error_of([&] { once.value("no.such"); }).kind() == ErrorKind::Mismatch);
  CHECK(error_of([&] { once.constraint("no.such"); }).kind() == ErrorKind::Mismatch);
  CHECK(error_of([] { samples::ping().get<Ip4>("source.ip4"); }).kind() == ErrorKind::Mismatch);
}

TEST_CASE("statements are equal when all of their sections are", "[statement]") {
  const Specification once = samples::ping_once();
  CHECK(once == samples::ping_once());
  CHECK(once != once.with_label("other"));
  CHECK(once != once.with_link(""));
  CHECK(once != once.with_when(mplane::When::parse("now")));
  CHECK(once != once.with_metadata("System_version", "1"));
  CHECK(samples::ping() != samples::ping().with_label(""));
  CHECK(Message(once) != Message(mplane::Receipt(once)));
}

TEST_CASE("tokens tell statements apart where both have one", "[statement]") {
  const Specification once = samples::ping_once();
  CHECK(once == once.with_token("a"));
  CHECK(once.with_token("a") != once.with_token("b"));
}

TEST_CASE("the order of parameters does not tell statements apart", "[statement]") {
  const auto asked = [](const std::string& parameters) {
    return samples::decode_as<Specification>(
        samples::json_now("specification", R"(, "parameters": {)" + parameters + "}"));
  };
  const auto one = asked(R"("source.port": 1, "destination.port": 2)");
  CHECK(one == asked(R"("destination.port": 2, "source.port": 1)"));
  CHECK(one != asked(R"("destination.port": 1, "source.port": 2)"));
  CHECK(one.token() == asked(R"("destination.port": 2, "source.port": 1)").token());
}

TEST_CASE("a statement is a line in a log", "[statement][diagnostic]") {
  CHECK(diagnostic(Message(recorded())) ==
        "<capability: measure (ping-aggregate) when now ... future / 1s token d7e9df75 schema "
        "5ce99352 p/m/r 2/0/5>");
  CHECK(diagnostic(Message(recorded_once())) ==
        "<specification: measure (ping-aggregate) when 2017-12-24 22:18:42.000000 + 1m / 1s token "
        "a19d3b85 schema 5ce99352 p(v)/m/r 2(2)/0/5>");
  CHECK(diagnostic(recorded_once(), "specification") == diagnostic(Message(recorded_once())));
  const auto partly = samples::decode(samples::json_now(
      "specification", R"(, "token": "t", "parameters": {"source.port": 1, "source.ip4": "*"})"));
  CHECK_THAT(diagnostic(partly), Catch::Contains("p(v)/m/r 2(1)/0/0"));
  CHECK_THAT(diagnostic(Message(samples::ping_result())), Catch::EndsWith("p/m/r(r) 2/0/2(1)>"));
}

TEST_CASE("a peer cannot break the line", "[statement][diagnostic]") {
  const auto line = diagnostic(Message(samples::ping().with_label("a\nb\x1b[2J").with_token("\r")));
  CHECK_THAT(line, Catch::Contains("(a\\nb\\u001b[2J)"));
  CHECK_THAT(line, Catch::Contains("token \\r "));
}
