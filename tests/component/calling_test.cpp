// The component-initiated workflow: a component against supervisors, on a clock that is moved.

#include "component/caller.hpp"
#include "mplane/session/http_client.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

Specification callback(const std::string& verb, const std::string& when) {
  return Capability::of(verb, "callback")
      .when("now ... future")
      .build(Registry::core())
      .specify(when)
      .token("c")
      .build();
}

}  // namespace

TEST_CASE("a component registers, polls, and posts receipt and result", "[calling]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  // Asked first, to see who it is; told that we are unknown; registered; asked again.
  CHECK(supervisor.asked() ==
        Lines{"GET /show/specification", "POST /register/capability", "GET /show/specification"});
  CHECK(supervisor.registered() == Lines{"capability ping", "capability callback"});
  caller.ask_for(supervisor, caller.specification("t"));
  CHECK(supervisor.posted() == Lines{"/register/result receipt t"});
  caller.finish(4);
  CHECK(supervisor.posted() == Lines{"/register/result receipt t", "/register/result result t"});
  CHECK(count_of(supervisor.messages().back()) == 4);
  CHECK(caller.log.about("registered").size() == 1);
}

TEST_CASE("a component polls every five seconds, not in step", "[calling]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  const std::size_t before = supervisor.polls();
  caller.clock.advance(100s);
  const std::size_t polls = supervisor.polls() - before;
  CHECK(polls >= 18);
  CHECK(polls <= 22);
}

TEST_CASE("a component registers again when it is told to", "[calling]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  supervisor.registered();
  supervisor.forget();
  caller.clock.advance(6s);
  CHECK(supervisor.registered() == Lines{"capability ping", "capability callback"});
}

TEST_CASE("a supervisor that forgets us at once is not stormed", "[calling]") {
  FakeSupervisor supervisor;
  supervisor.answer_registrations(200, R"({"ping":{"registered":"ok"}})");  // but it does not know
  Caller caller({at(supervisor)});
  caller.clock.advance(600s);
  CHECK(supervisor.polls() < 40);
  CHECK(supervisor.polls() > 5);
}

TEST_CASE("after a long silence a component registers again unasked", "[calling]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  supervisor.registered();
  caller.clock.suspend(30s);  // longer than the old SDK's supervisor remembers
  CHECK(supervisor.registered() == Lines{"capability ping", "capability callback"});
}

TEST_CASE("what a supervisor does not register is told to the log", "[calling]") {
  FakeSupervisor supervisor;
  supervisor.answer_registrations(
      200, R"({"ping":{"registered":"no","reason":"no room"},"callback":{"registered":"ok"}})");
  Caller caller({at(supervisor)});
  const auto lines = caller.log.about("does not register a capability");
  REQUIRE_FALSE(lines.empty());
  CHECK_THAT(lines[0], Catch::EndsWith("label=ping reason=no room"));
}

TEST_CASE("a registration that fails is tried again", "[calling]") {
  FakeSupervisor supervisor;
  supervisor.answer_registrations(500, "");
  Caller caller({at(supervisor)});
  supervisor.registered();
  caller.clock.advance(10s);
  CHECK_FALSE(supervisor.registered().empty());
  CHECK(caller.log.about("registered").empty());
}

TEST_CASE("services that go are withdrawn, those that come are registered", "[calling]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  supervisor.registered();
  caller.component.withdraw(caller.ping.token());
  caller.clock.settle();
  CHECK(supervisor.registered() == Lines{"withdrawal ping"});
  caller.component.serve(ping_capability(), caller.runs.service());
  caller.component.serve(ping_capability("pong", "query"), caller.runs.service());
  caller.clock.settle();
  CHECK(supervisor.registered() == Lines{"capability ping", "capability pong"});
}

TEST_CASE("a supervisor says when to come back", "[calling]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  struct Case {
    Specification callback;
    std::optional<Instant> when;  // to come back
    Duration later;               // or after which time
  };
  const Instant in_a_minute = caller.clock.now() + 66s;
  const std::vector<Case> cases{
      {callback("callback", to_string(Time(in_a_minute)) + " ... future"), in_a_minute, 0s},
      {callback("measure", "now + 30s"), {}, 30s},  // the old SDK's form
      {callback("callback", "now"), {}, 100ms},     // not more often, whatever it says
  };
  for (const auto& [said, when, later] : cases) {
    CAPTURE(to_string(said.when()));
    const std::size_t before = supervisor.polls();
    supervisor.queue(said);
    while (supervisor.polls() == before) caller.clock.advance(10ms);  // it comes for it
    const Duration wait = when ? *when - caller.clock.now() : later;
    caller.clock.advance(wait - 20ms);
    CHECK(supervisor.polls() == before + 1);
    caller.clock.advance(20ms);
    CHECK(supervisor.polls() == before + 2);
  }
  CHECK(supervisor.posted().empty());  // it is no measurement
}

TEST_CASE("the runs of a repeated specification are sent as each ends", "[calling]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  caller.ask_for(supervisor, caller.specification("t", "repeat now + 2m / 1m { now + 3s }"));
  for (std::uint64_t count = 1; count <= 3; ++count) {
    if (count > 1) caller.clock.advance(1min);
    caller.finish(count);
    const Message last = supervisor.messages().back();
    const auto* const envelope = last.find<Envelope>();
    REQUIRE(envelope != nullptr);
    CHECK(envelope->token == "t");
    CHECK(envelope->label == "ping");
    CHECK_FALSE(envelope->when->is_repeated());
    REQUIRE(envelope->size() == 1);
    CHECK(count_of(envelope->messages()[0]) == count);
  }
  CHECK(supervisor.outcomes().size() == 3);
}

TEST_CASE("an interrupted measurement posts what it has, once", "[calling]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  caller.ask_for(supervisor, caller.specification("t", "now + 1h"));
  caller.ask_for(supervisor, Interrupt::of("t"));
  REQUIRE(caller.runs.is_asked_to_stop());
  caller.finish(2);
  CHECK(supervisor.posted() == Lines{"/register/result receipt t", "/register/result result t"});
  caller.ask_for(supervisor, Interrupt::of("unknown"));
  CHECK(supervisor.posted().back() == "/register/result exception unknown");
}

TEST_CASE("what is refused is answered with an exception", "[calling]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  const auto other = ask(ping_capability("ping", "query"), "now", "t");
  caller.ask_for(supervisor, other);
  REQUIRE(supervisor.messages().size() == 1);
  CHECK(supervisor.messages()[0].find<Exception>() != nullptr);
  CHECK(supervisor.messages()[0].token() == "t");
}

TEST_CASE("a message that cannot be read does not harm the others", "[calling]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  const std::string good = encode(caller.specification("good"));
  supervisor.queue_text(R"({"envelope":"message","version":1,"contents":[
      {"specification":"measure","version":1,"registry":"http://ict-mplane.eu/registry/core",
       "token":"bad","when":"now","results":["nosuch"]},
      {"envelope":"message","version":1,"contents":[)" +
                        good + "]}]}");
  caller.clock.advance(6s);
  CHECK(caller.runs.starts() == 1);
  REQUIRE(supervisor.messages().size() == 2);
  CHECK_THAT(brief(supervisor.messages()[0]),
             Catch::StartsWith("exception bad: ") && Catch::Contains("nosuch"));
  CHECK(brief(supervisor.messages()[1]) == "receipt good");
  supervisor.queue_text("{");
  supervisor.queue_text(std::string(100'000, '['));
  caller.clock.advance(20s);
  caller.ask_for(supervisor, caller.specification("again"));
  CHECK(caller.runs.starts() == 2);
}

TEST_CASE("results go to the specification's link", "[calling]") {
  FakeSupervisor supervisor;
  FakeSupervisor stranger;
  Caller caller({at(supervisor)});
  const auto linked = [&](const std::string& token, const std::string& link) {
    return caller.specification(token).with_link(link);
  };
  const auto result_of = [&](const std::string& token, const std::string& link) {
    caller.ask_for(supervisor, linked(token, link));
    caller.finish(1);
    return supervisor.posted().back();
  };
  CHECK(result_of("a", to_string(supervisor.url())) == "/register/result result a");
  CHECK(result_of("b", "") == "/register/result result b");
  CHECK(result_of("c", to_string(supervisor.url("/other/place"))) == "/other/place result c");
  CHECK(result_of("d", to_string(stranger.url("/x"))) == "/register/result result d");
  CHECK(stranger.asked().empty());
}

TEST_CASE("two supervisors are served at once, each with what is its own", "[calling]") {
  FakeSupervisor one;
  FakeSupervisor other;
  Caller caller({at(one), at(other)});
  one.queue(caller.specification("one"));
  other.queue(caller.specification("other"));
  caller.clock.advance(6s);
  REQUIRE(caller.runs.starts() == 2);
  caller.finish(1);
  caller.finish(2);
  CHECK(one.posted().back() == "/register/result result one");
  CHECK(other.posted().back() == "/register/result result other");
}

TEST_CASE("a supervisor that stands by steps in, and back again", "[calling]") {
  FakeSupervisor first;
  FakeSupervisor second;
  Caller caller({at(first, 0), at(second, 1)});
  caller.clock.advance(60s);
  CHECK(second.asked().empty());
  first.down();
  caller.clock.advance(120s);
  CHECK(second.registered() == Lines{"capability ping", "capability callback"});
  caller.ask_for(second, caller.specification("t"));
  REQUIRE(caller.runs.starts() == 1);
  first.up();
  caller.clock.advance(120s);
  CHECK(second.registered() == Lines{"withdrawal ping"});
  const std::size_t polls = second.polls();
  caller.finish(1);
  caller.clock.advance(60s);
  CHECK(second.polls() == polls);
  CHECK(second.posted().back() == "/register/result result t");
}

TEST_CASE("a component listens and calls at once", "[calling]") {
  FakeSupervisor supervisor;
  FakeClock clock;
  ByHand runs;
  Component component({.listen = "127.0.0.1:0",
                       .supervisors = {at(supervisor)},
                       .insecure = true,
                       .access = AccessControl::open(),
                       .session = {.immediate = 0s},
                       .clock = &clock});
  const Capability ping = component.serve(ping_capability(), runs.service());
  component.start();
  supervisor.queue(ask(ping, "now + 3s", "theirs"));
  clock.advance(6s);
  HttpClient client(component.url());
  // Who connects fetches its results itself, whatever it writes as a link.
  const auto ours = ask(ping, "now + 3s", "ours").with_link(to_string(supervisor.url("/x")));
  CHECK(brief(decode(client.post("/", kMediaType, encode(Message(ours))).body, Registry::core())) ==
        "receipt ours");
  runs.finish(1);
  runs.finish(2);
  clock.settle();
  CHECK(supervisor.posted() ==
        Lines{"/register/result receipt theirs", "/register/result result theirs"});
  const auto result = client.post("/", kMediaType, encode(Message(Redemption::of("ours"))));
  CHECK(count_of(decode(result.body, Registry::core())) == 2);
}

TEST_CASE("supervisors have a host and port each", "[calling]") {
  const SupervisorOptions one{.url = Url::parse("http://127.0.0.1:1/a")};
  const SupervisorOptions other{.url = Url::parse("http://127.0.0.1:1/b")};
  CHECK_THROWS_WITH(Component({.listen = "", .supervisors = {one, other}, .insecure = true}),
                    Catch::Contains("another supervisor"));
}
