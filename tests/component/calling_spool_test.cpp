// What waits until a supervisor takes it.

#include "component/caller.hpp"
#include "courier.hpp"
#include "mplane/component/delivery.hpp"
#include "mplane/component/detail/back_off.hpp"
#include "mplane/store/spool.hpp"
#include "outbox.hpp"
#include "scheduler/fake_journal.hpp"
#include "support/pki.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::detail;
using namespace mplane::test;
using namespace std::chrono_literals;

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

TEST_CASE("what a peer says is final is not sent again, what may pass is", "[calling][spool]") {
  const auto [status, is_final] = GENERATE(table<int, bool>({{400, true},
                                                             {406, true},
                                                             {413, true},
                                                             {415, true},
                                                             {422, true},
                                                             {408, false},
                                                             {425, false},
                                                             {429, false},
                                                             {500, false},
                                                             {503, false}}));
  CAPTURE(status);
  FakeSupervisor supervisor;
  Caller caller({at(supervisor)});
  caller.ask_for(supervisor, caller.specification("t"));
  supervisor.answer_posts(status);
  caller.finish(1);
  CHECK(supervisor.posted().size() == 2);
  supervisor.answer_posts(200);
  caller.clock.advance(10min);
  CHECK(supervisor.posted().size() == (is_final ? 2 : 3));
  const SpoolBooks books = caller.component.status().spool;
  CHECK(books.refused == (is_final ? 1 : 0));
  CHECK(books.delivered == (is_final ? 0 : 1));
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
  caller.ask_for(supervisor, caller.specification("new"));
  caller.finish(kGone + 1);
  CHECK(spool.books().delivered == 2);  // at once
  supervisor.answer_posts_to("/gone", 200);
  caller.clock.advance(2min);
  CHECK(spool.books().delivered == kGone + 2);
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
