// The component-initiated workflow: a component against supervisors, on a clock that is moved.

#include "back_off.hpp"
#include "component/counter.hpp"
#include "component/fake_supervisor.hpp"
#include "courier.hpp"
#include "mplane/component.hpp"
#include "mplane/session/http_client.hpp"
#include "mplane/store/spool.hpp"
#include "outbox.hpp"
#include "scheduler/fake_journal.hpp"
#include "support/pki.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::detail;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

SupervisorOptions at(const FakeSupervisor& supervisor, const unsigned priority = 0) {
  return {.url = supervisor.url(), .priority = priority};
}

/// A component that calls supervisors, with a service "ping" that is ended by hand.
struct Caller {
  explicit Caller(std::vector<SupervisorOptions> supervisors, ComponentOptions more = {})
      : component(options(std::move(supervisors), std::move(more))),
        ping(component.serve(ping_capability(), runs.service())) {
    component.start();
    clock.settle();
  }

  /// What still runs is abandoned: on this clock nobody would wait for it in vain.
  ~Caller() {
    while (finished < runs.starts()) take();
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  ComponentOptions options(std::vector<SupervisorOptions> supervisors, ComponentOptions options) {
    options.listen = "";
    options.supervisors = std::move(supervisors);
    options.insecure = !options.tls;
    options.access = options.tls ? options.access : AccessControl::open();
    options.calling.seed = 1;
    options.clock = &clock;
    options.log = log.sink();
    return options;
  }

  Specification specification(const std::string& token, const std::string& when = "now + 3s") {
    return ask(ping, when, token);
  }
  /// Has it asked by the supervisor, and lets it come for it.
  void ask_for(FakeSupervisor& supervisor, const Message& message) {
    supervisor.queue(message);
    clock.advance(6s);
  }
  ByHand::Started take() {
    ++finished;
    return runs.take();
  }
  void finish(const std::uint64_t count) {
    ByHand::Started oldest = take();
    oldest.completion(counted(oldest.specification, count));
    clock.settle();
  }

  LogBook log;
  FakeClock clock;
  ByHand runs;
  std::size_t finished = 0;
  Component component;
  Capability ping;
};

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
  caller.clock.advance(6s);
  struct Case {
    Specification callback;
    Duration later;
  };
  const std::string in_a_minute = to_string(Time(caller.clock.now() + 66s));
  const std::vector<Case> cases{
      {callback("callback", in_a_minute + " ... future"), 60s},
      {callback("measure", "now + 30s"), 30s},  // the old SDK's form
      {callback("callback", "now"), 100ms},
  };
  for (const auto& [said, later] : cases) {
    CAPTURE(to_string(said.when()));
    supervisor.queue(said);
    caller.clock.advance(6s);  // it has come for it
    const std::size_t before = supervisor.polls();
    if (later > 6s) {
      caller.clock.advance(later - 8s);
      CHECK(supervisor.polls() == before);
      caller.clock.advance(10s);
    }
    CHECK(supervisor.polls() > before - (later > 6s ? 0 : 1));
    caller.clock.advance(12s);
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

TEST_CASE("after an hour without its supervisor every result arrives", "[calling][spool]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  caller.ask_for(supervisor, caller.specification("t", "repeat now + 2h / 1m { now + 3s }"));
  caller.finish(0);
  supervisor.down();
  for (std::uint64_t minute = 1; minute <= 60; ++minute) {
    caller.clock.advance(1min);
    caller.finish(minute);
  }
  CHECK(caller.log.about("cannot be reached").size() == 1);
  supervisor.up();
  caller.clock.advance(2min);
  std::vector<std::uint64_t> counts;
  for (const Message& one : supervisor.outcomes()) {
    counts.push_back(count_of(one.find<Envelope>()->messages()[0]));
  }
  std::vector<std::uint64_t> expected(61);
  for (std::uint64_t i = 0; i < expected.size(); ++i) expected[i] = i;
  CHECK(counts == expected);
  CHECK(caller.log.about("can be reached again").size() == 1);
}

TEST_CASE("a supervisor killed while a result comes gets it again", "[calling][spool]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  caller.ask_for(supervisor, caller.specification("t"));
  supervisor.hold_posts();
  ByHand::Started run = caller.take();
  run.completion(counted(run.specification, 7));
  REQUIRE(supervisor.wait_until_held());
  supervisor.down();
  caller.clock.settle();
  supervisor.up();
  caller.clock.advance(2min);
  CHECK(supervisor.posted() == Lines{"/register/result receipt t", "/register/result result t",
                                     "/register/result result t"});
  CHECK(supervisor.outcomes().size() == 1);
}

TEST_CASE("a result says what makes it the same again, where there is an element for that",
          "[calling][spool]") {
  const Registry registry = Registry::decode(R"({"registry-format": "mplane-0",
      "registry-uri": "urn:test", "registry-revision": 0,
      "includes": ["http://ict-mplane.eu/registry/core"],
      "elements": [{"name": "delivery.id", "prim": "string"}]})");
  FakeSupervisor supervisor({}, registry);
  ComponentOptions options;
  options.registry = registry;
  Caller caller({at(supervisor)}, options);
  const Capability marked = caller.component.serve(Capability::measure("marked")
                                                       .when("past ... future")
                                                       .result("delay.twoway.icmp.count")
                                                       .build(registry),
                                                   caller.runs.service());
  for (const char* const token : {"a", "b"}) {
    caller.ask_for(supervisor, marked.specify("now + 3s").token(token).build());
    caller.finish(1);
  }
  std::set<std::string> ids;
  for (const Message& one : supervisor.outcomes()) {
    const Value* const id = one.statement()->find_metadata("delivery.id");
    REQUIRE(id != nullptr);
    ids.insert(id->get<std::string>());
    CHECK(ids.count(delivery_key(one)) == 1);
  }
  CHECK(ids.size() == 2);
}

TEST_CASE("what a supervisor will never take is dropped, what it does not take now waits",
          "[calling][spool]") {
  FakeSupervisor supervisor;
  FakeClock clock;
  Spool spool({}, clock);
  ComponentOptions options;
  options.spool = &spool;
  Caller caller({at(supervisor)}, options);
  caller.ask_for(supervisor, caller.specification("a"));
  caller.ask_for(supervisor, caller.specification("b"));
  supervisor.answer_posts(500);
  caller.finish(1);
  caller.finish(2);
  CHECK(spool.books().waiting == 2);
  supervisor.answer_posts(200);
  caller.clock.advance(2min);
  CHECK(spool.books().delivered == 2);
  CHECK(supervisor.outcomes().size() == 2);
  caller.ask_for(supervisor, caller.specification("c"));
  supervisor.answer_posts(413);
  caller.finish(3);
  CHECK(spool.books().refused == 1);
  CHECK(spool.books().balance());
}

TEST_CASE("what one path does not take does not hold up what is for others", "[calling][spool]") {
  FakeSupervisor supervisor;
  FakeClock clock;
  Spool spool({}, clock);
  ComponentOptions options;
  options.spool = &spool;
  Caller caller({at(supervisor)}, options);
  const int status = GENERATE(401, 403, 404, 405, 410);
  CAPTURE(status);
  supervisor.answer_posts_to("/gone", status);
  constexpr std::size_t kGone = 6;
  for (std::size_t i = 0; i < kGone; ++i) {
    const auto specification = caller.specification("gone" + std::to_string(i));
    caller.ask_for(supervisor, specification.with_link(to_string(supervisor.url("/gone"))));
  }
  caller.ask_for(supervisor, caller.specification("here"));
  for (std::size_t i = 0; i <= kGone; ++i) caller.finish(i);
  caller.clock.advance(2s);
  CHECK(spool.books().delivered == 1);
  const std::size_t before = supervisor.posted().size();
  caller.clock.advance(10min);
  const std::size_t rounds = (supervisor.posted().size() - before) / kGone;
  CHECK(rounds > 8);
  CHECK(rounds < 40);
  CHECK(spool.books().waiting == kGone);
  supervisor.answer_posts_to("/gone", 200);
  caller.clock.advance(2min);
  CHECK(spool.books().delivered == kGone + 1);
}

TEST_CASE("answers that a supervisor does not take now are sent again", "[calling]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  const int status = GENERATE(428, 429, 500, 503);
  CAPTURE(status);
  supervisor.answer_posts(status);
  caller.ask_for(supervisor, Interrupt::of("unknown"));
  CHECK(supervisor.messages().empty());
  SECTION("until it does") {
    supervisor.answer_posts(200);
    caller.clock.advance(2min);
    REQUIRE(supervisor.messages().size() == 1);
    CHECK(supervisor.messages()[0].token() == "unknown");
    CHECK(caller.log.about("answers to a peer are dropped").empty());
  }
  SECTION("so often, lest they hold up what is behind them, and each drop is counted") {
    caller.clock.advance(20min);
    CHECK(supervisor.posted().size() == 10);
    CHECK_THAT(caller.log.about("answers to a peer are dropped").at(0),
               Catch::Contains("dropped=1"));
  }
}

TEST_CASE("of too many answers the oldest that wait are dropped and counted", "[calling]") {
  FakeSupervisor supervisor;
  FakeClock clock;
  LogBook log;
  Spool spool({}, clock);
  Courier courier({.queue = "there", .peer = supervisor.url(), .back_off = BackOff(1s, 60s, 1)},
                  spool, clock, log.sink());
  const auto note = [&](const std::size_t number) {
    courier.note("/x", encode(Message(Exception(std::to_string(number), "no"))));
  };
  supervisor.hold_posts();
  courier.start();
  note(1);
  REQUIRE(supervisor.wait_until_held());
  for (std::size_t i = 2; i <= 10'002; ++i) note(i);  // one more than there is room for
  supervisor.hold_posts();
  supervisor.release();
  REQUIRE(supervisor.wait_until_held());
  courier.stop();
  CHECK(supervisor.posted() == Lines{"/x exception 1", "/x exception 3"});
  CHECK_THAT(log.about("answers to a peer are dropped").at(0), Catch::Contains("dropped=1"));
}

TEST_CASE("polls that are answered do not hasten posts that are not taken", "[calling][spool]") {
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  caller.ask_for(supervisor, caller.specification("t"));
  const auto posts_within = [&](const Duration time) {
    const std::size_t before = supervisor.posted().size();
    caller.clock.advance(time);
    return supervisor.posted().size() - before;
  };
  SECTION("back-off goes on") {
    supervisor.answer_posts(500);
    caller.finish(1);
    CHECK(posts_within(10min) < 30);
  }
  SECTION("the supervisor says when to come again") {
    supervisor.answer_posts(503, "120");
    caller.finish(1);
    CHECK(posts_within(118s) == 0);
    CHECK(posts_within(4s) == 1);
  }
  SECTION("also when it has only been asked to take an answer") {
    supervisor.answer_posts(503, "120");
    caller.ask_for(supervisor, Interrupt::of("unknown"));
    caller.finish(1);
    CHECK(posts_within(100s) == 0);
    CHECK(supervisor.posted().size() == 2);
  }
  SECTION("but not that never") {
    supervisor.answer_posts(503, "999999999999999999999");
    caller.finish(1);
    CHECK(posts_within(61min) >= 1);
  }
}

TEST_CASE("what an operator allows no more is not exported from the spool", "[export][spool]") {
  TestPki pki;
  FakeSupervisor store(TlsContext(pki.issue("main")));
  const Url root = Url::parse("mplane-" + to_string(store.url()));
  FakeClock clock;
  Spool spool({}, clock);
  for (const char* const path : {"out/1", "in/2", "out/3", "in/4"}) {
    const std::string url = to_string(root.resolve(path));
    spool.put(queue_of(root), url, url, encode(Message(Exception(path, "no"))));
  }
  Component component({.listen = "",
                       .exports = ExportRules({root.resolve("in")}),
                       .spool = &spool,
                       .tls = TlsContext(pki.issue("component")),
                       .clock = &clock});
  component.start();
  clock.advance(1min);
  CHECK(store.posted() == Lines{"/in/2 exception in/2", "/in/4 exception in/4"});
  CHECK(spool.books().delivered == 2);
  CHECK(spool.books().refused == 2);
}

TEST_CASE("results from before a restart are delivered after it", "[calling][spool]") {
  const ScratchFolder folder;
  const SpoolOptions kept{.folder = folder.path(), .sync = Sync::Normal};
  FakeSupervisor supervisor;
  std::vector<JobRecord> jobs;
  {
    FakeClock clock;
    FakeJournal journal;
    Spool spool(kept, clock);
    ComponentOptions options;
    options.spool = &spool;
    options.scheduler.journal = &journal;
    Caller before({at(supervisor)}, options);
    before.ask_for(supervisor, before.specification("ended"));
    before.ask_for(supervisor, before.specification("planned", "2015-06-01 12:30:00 + 1s"));
    supervisor.down();
    before.finish(1);
    jobs = journal.records();
  }
  REQUIRE(jobs.size() == 2);
  supervisor.up();
  FakeClock clock;
  Spool spool(kept, clock);
  CHECK(spool.books().waiting == 1);
  ComponentOptions options;
  options.spool = &spool;
  options.insecure = true;
  options.access = AccessControl::open();
  options.listen = "";
  options.supervisors = {at(supervisor)};
  options.clock = &clock;
  ByHand runs;
  Component after(options);
  after.serve(ping_capability(), runs.service());
  for (const JobRecord& job : jobs) after.restore(job);
  after.start();
  clock.advance(1h);
  REQUIRE(runs.starts() == 1);
  runs.finish(2);
  clock.settle();
  std::vector<std::uint64_t> counts;
  for (const Message& one : supervisor.outcomes()) counts.push_back(count_of(one));
  CHECK(counts == std::vector<std::uint64_t>{1, 2});
  CHECK(spool.books().balance());
}

TEST_CASE("over TLS a supervisor is who its certificate says", "[calling]") {
  TestPki pki;
  FakeSupervisor supervisor(TlsContext(pki.issue("main")));
  ComponentOptions options;
  options.tls = TlsContext(pki.issue("component"));
  SECTION("and may use what its role may") {
    options.access = {{{pki.identity("main").text(), {"boss"}}}, {{"ping", {"boss"}}}};
    Caller caller({at(supervisor)}, options);
    caller.ask_for(supervisor, caller.specification("t"));
    caller.finish(1);
    CHECK(supervisor.posted().back() == "/register/result result t");
  }
  SECTION("without a role it sees nothing, and is refused") {
    options.access = {{{"somebody", {"boss"}}}, {{"ping", {"boss"}}}};
    Caller caller({at(supervisor)}, options);
    CHECK(supervisor.registered() == Lines{"capability callback"});
    caller.ask_for(supervisor, caller.specification("t"));
    CHECK(supervisor.posted().back() == "/register/result exception t");
    CHECK(caller.runs.starts() == 0);
  }
  SECTION("nor does one that our authority does not know get anything") {
    const TestPki other("Other");
    options.tls = TlsContext(other.issue("component"));
    Caller caller({at(supervisor)}, options);
    CHECK(supervisor.asked().empty());
    CHECK_THAT(caller.log.about("cannot be reached").at(0), Catch::Contains("not trusted"));
  }
}

TEST_CASE("new certificates and rights are used at once", "[calling]") {
  TestPki pki;
  const TestPki other("Other");
  FakeSupervisor supervisor(TlsContext(pki.issue("main")));
  ComponentOptions options;
  options.tls = TlsContext(other.issue("component"));
  Caller caller({at(supervisor)}, options);
  CHECK(supervisor.asked().empty());
  caller.component.use(TlsContext(pki.issue("component")));
  caller.clock.advance(2min);
  CHECK(supervisor.registered() == Lines{"capability callback"});
  caller.component.use(
      AccessControl({{pki.identity("main").text(), {"boss"}}}, {{"ping", {"boss"}}}));
  caller.clock.settle();
  CHECK(supervisor.registered() == Lines{"capability ping"});
  caller.component.use(AccessControl());
  caller.clock.settle();
  CHECK(supervisor.registered() == Lines{"withdrawal ping"});
}

TEST_CASE("new certificates cut off a poll that is held", "[calling]") {
  TestPki pki;
  FakeSupervisor supervisor(TlsContext(pki.issue("main")));
  supervisor.hold_polls();
  LogBook log;
  Component component({.listen = "",
                       .supervisors = {at(supervisor)},
                       .calling = {.held = 20s},
                       .tls = TlsContext(pki.issue("component")),
                       .log = log.sink()});
  component.start();
  REQUIRE(supervisor.wait_until_held());
  SECTION("and it is made anew") {
    component.use(TlsContext(pki.issue("component")));
    CHECK(log.wait_for("registered"));
    CHECK(log.about("cannot be reached").empty());
  }
  SECTION("and do not keep the component from stopping") {
    supervisor.hold_polls();
    component.use(TlsContext(pki.issue("component")));
    const auto began = std::chrono::steady_clock::now();
    component.stop();
    CHECK(std::chrono::steady_clock::now() - began < 10s);
  }
}

TEST_CASE("new certificates cut off a post that is under way, and it is made anew",
          "[calling][spool]") {
  TestPki pki;
  FakeSupervisor supervisor(TlsContext(pki.issue("main")));
  ComponentOptions options;
  options.tls = TlsContext(pki.issue("component"));
  options.access = {{{pki.identity("main").text(), {"boss"}}}, {{"ping", {"boss"}}}};
  Caller caller({at(supervisor)}, options);
  caller.ask_for(supervisor, caller.specification("t"));
  supervisor.hold_posts();
  ByHand::Started run = caller.take();
  run.completion(counted(run.specification, 7));
  REQUIRE(supervisor.wait_until_held());
  caller.component.use(TlsContext(pki.issue("component")));
  caller.clock.settle();
  CHECK(supervisor.posted() == Lines{"/register/result receipt t", "/register/result result t",
                                     "/register/result result t"});
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
