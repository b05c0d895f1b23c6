#include "mplane/scheduler/service.hpp"

#include "scheduler/workshop.hpp"

#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// What a run of a service that is called at once becomes.
Message outcome_of(std::variant<Run, AsyncRun, OwnerRun> run, const std::string& when = "now") {
  FakeClock clock;
  Scheduler scheduler(clock, {}, {});
  const Capability capability =
      scheduler.offer({ping_capability(), std::move(run), /*immediate=*/true});
  scheduler.submit("alice", ask(capability, when, "t"));
  return scheduler.redeem("alice", "t");
}

std::string words_of(const Message& message) {
  const Exception* const exception = message.find<Exception>();
  return exception == nullptr ? "no exception" : exception->message();
}

}  // namespace

TEST_CASE("a completion is called once", "[service]") {
  std::vector<Outcome> outcomes;
  const auto keep = [&](Outcome outcome) { outcomes.push_back(std::move(outcome)); };
  const Specification specification = ask(ping_capability(), "now", "t");
  SECTION("with a result") {
    Completion done(keep);
    done(counted(specification, 1));
    done(counted(specification, 2));
    REQUIRE(outcomes.size() == 1);
    CHECK(count_of(std::get<Result>(outcomes[0])) == 1);
  }
  SECTION("with a failure") {
    Completion done(keep);
    done.fail(Error(ErrorKind::Failed, "", "no route"));
    REQUIRE(outcomes.size() == 1);
    CHECK(std::get<Exception>(outcomes[0]).message() == "no route");
  }
  SECTION("by its end, when nobody did") {
    { const Completion done(keep); }
    REQUIRE(outcomes.size() == 1);
    CHECK(std::holds_alternative<Abandoned>(outcomes[0]));
  }
  SECTION("not by one that was moved from") {
    Completion first(keep);
    {
      Completion second(std::move(first));
      second(counted(specification, 1));
    }
    CHECK(outcomes.size() == 1);
  }
  SECTION("by being assigned to") {
    Completion done(keep);
    done = Completion(keep);
    CHECK(outcomes.size() == 1);
    done(counted(specification, 1));
    CHECK(outcomes.size() == 2);
  }
}

TEST_CASE("what a service throws becomes an exception with its words", "[service]") {
  struct Case {
    std::variant<Run, AsyncRun, OwnerRun> run;
    std::string words;
  };
  const std::vector<Case> cases{
      {Run([](auto&, auto) -> Result { throw Error(ErrorKind::Failed, "eth0", "is down"); }),
       "eth0: is down"},
      {Run([](auto&, auto) -> Result { throw std::runtime_error("no luck"); }), "no luck"},
      {Run([](auto&, auto) -> Result { throw 42; }),
       "the service threw something that is no error"},
      {AsyncRun([](auto&, auto, Completion) { throw std::runtime_error("no luck"); }), "no luck"},
      {AsyncRun([](auto&, auto, Completion done) {
         done.fail({ErrorKind::Failed, "", "no"});
       }),
       "no"},
      {AsyncRun([](auto&, auto, Completion) {}), "abandoned"},
  };
  for (const Case& c : cases) {
    const Message message = outcome_of(c.run);
    CHECK(words_of(message) == c.words);
    CHECK(message.token() == "t");
  }
}

TEST_CASE("a result of another schema is not sent", "[service]") {
  const Message message = outcome_of(Run([](const Specification&, auto) {
    const Capability other = Capability::measure("x").result("time").build(Registry::core());
    return Result(other.specify("now").build());
  }));
  CHECK(words_of(message) == "the service's result does not fit the specification");
}

TEST_CASE("a result gets the token asked for, whatever it was made from", "[service]") {
  const Message message = outcome_of(Run([](const Specification& specification, auto) {
    return counted(specification.with_token("of another hop"), 3);
  }));
  CHECK(message.token() == "t");
  CHECK(count_of(message) == 3);
}

TEST_CASE("a result that does not say what was measured gets the time of its run", "[service]") {
  const Run silent = [](const Specification& specification, auto) {
    return counted(specification, 1);
  };
  const Run telling = [](const Specification& specification, auto) {
    return counted(specification, 1).measured(When::parse("2001-01-01 ... 2001-01-02"));
  };
  struct Case {
    Run run;
    std::string when;
    std::string scope;
  };
  const std::vector<Case> cases{
      {silent, "now", "2015-06-01 12:00:00.000000"},
      {silent, "now + 3s", "2015-06-01 12:00:00.000000 ... 2015-06-01 12:00:00.000000"},
      {silent, "2015-06-01 12:00:00 + 3s", "2015-06-01 12:00:00.000000 + 3s"},
      {telling, "now", "2001-01-01 00:00:00.000000 ... 2001-01-02 00:00:00.000000"},
  };
  for (const Case& c : cases) {
    const Message message = outcome_of(c.run, c.when);
    REQUIRE(message.statement() != nullptr);
    CHECK(to_string(message.statement()->when()) == c.scope);
  }
}

TEST_CASE("a service that fails with the word abandoned has failed", "[service]") {
  Workshop shop;
  shop.submit("now", "says");
  shop.runs.take().completion.fail({ErrorKind::Failed, "", "abandoned"});
  shop.submit("now", "does");
  { const ByHand::Started dropped = shop.runs.take(); }
  const Books books = shop.scheduler.books();
  CHECK(books.count(Reason::ServiceFailed) == 1);
  CHECK(books.count(Reason::Abandoned) == 1);
}

TEST_CASE("a service is told who asked, if it wants to know", "[service]") {
  FakeClock clock;
  Scheduler scheduler(clock, {}, {});
  std::vector<Owner> askers;
  const OwnerRun run = [&](const Owner& owner, const Specification& specification, std::stop_token,
                           Completion done) {
    askers.push_back(owner);
    done(counted(specification, askers.size()));
  };
  const Capability capability = scheduler.offer({ping_capability(), run});
  scheduler.submit("alice", ask(capability, "now", "t"));
  scheduler.submit("bob", ask(capability, "now", "t"));
  CHECK(askers == std::vector<Owner>{"alice", "bob"});
  CHECK(count_of(scheduler.redeem("bob", "t")) == 2);
}

TEST_CASE("a service looks at what it is asked before it is planned", "[service]") {
  FakeClock clock;
  Scheduler scheduler(clock, {}, {});
  ByHand runs;
  std::vector<std::string> looked_at;
  Service service{ping_capability(), runs.service()};
  service.check = [&](const Owner& owner, const Specification& specification) {
    looked_at.push_back(owner + " " + specification.token());
    if (owner == "bob") throw Error(ErrorKind::TooMany, "", "not you again");
  };
  const Capability capability = scheduler.offer(std::move(service));
  const Specification asked = ask(capability, "now + 10s", "t");
  scheduler.submit("alice", asked);
  scheduler.submit("alice", asked);  // the same, so nothing new
  CHECK_THROWS_WITH(scheduler.submit("bob", asked), Catch::Contains("not you again"));
  CHECK(looked_at == std::vector<std::string>{"alice t", "bob t"});
  CHECK(runs.starts() == 1);
  CHECK_THROWS_AS(scheduler.redeem("bob", "t"), Error);
  runs.finish(1);
  scheduler.submit("alice", asked);  // it has ended, and now means another time
  CHECK(looked_at.size() == 3);
}

TEST_CASE("what goes wrong before a run is its failure", "[service]") {
  FakeClock clock;
  Scheduler scheduler(clock, {}, {});
  ByHand runs;
  bool is_good = true;
  Service service{ping_capability(), runs.service(), /*immediate=*/true};
  service.before = [&](const Owner& owner, const Specification& run) {
    if (!is_good) throw Error(ErrorKind::TooMany, "", owner + " has none left for " + run.token());
  };
  const Capability capability = scheduler.offer(std::move(service));
  scheduler.submit("alice", ask(capability, "now", "t"));
  is_good = false;
  scheduler.submit("alice", ask(capability, "now", "u"));
  CHECK(runs.starts() == 1);
  CHECK(words_of(scheduler.redeem("alice", "u")).find("alice has none left for u") !=
        std::string::npos);
  CHECK(scheduler.books().failed == 1);
}
