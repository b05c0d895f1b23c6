// What a scheduler does with what its journal holds after the process died.

#include "scheduler/office.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("after a crash what ran is lost, and says so", "[scheduler][journal]") {
  Office office;
  office.submit("now ... future");
  office.clock.settle();
  office.crash();
  CHECK(text_of(office.redeem()) == "it ran when the component died (crashed)");
  const Books books = office.books();
  CHECK(books.count(Reason::Crashed) == 1);
  CHECK(books.balance());
  CHECK(office.scheduler->books() == books);
  CHECK(office.runs->starts() == 0);
}

TEST_CASE("after a crash what ran is begun again, if its service says so", "[scheduler][journal]") {
  const std::string when = GENERATE("now ... future", "now", "2015-06-01 12:00:00 + 30s");
  Office office({.resumes = true});
  office.submit(when);
  office.clock.settle();
  REQUIRE(office.runs->starts() == 1);
  const auto name = office.runs->name(1);
  CHECK(name.second == office.clock.now());
  office.crash(1h);  // however long its scope is over
  CHECK(office.runs->starts() == 1);
  CHECK(office.runs->name(1) == name);
  CHECK(office.books().running == 1);
  CHECK(office.books().started == 1);
  CHECK(office.books().balance());
  office.crash();
  CHECK(office.runs->name(1) == name);
  office.runs->finish(1);
  CHECK(office.redeem().find<Result>() != nullptr);
  CHECK(office.books().done == 1);
  CHECK(office.scheduler->books() == office.books());
  office.crash();
  CHECK(office.runs->starts() == 0);
}

TEST_CASE("runs that are begun again have names that no other has", "[scheduler][journal]") {
  Office office({.resumes = true});
  office.submit("now ... future", "a");
  office.scheduler->submit("bob", ask(*office.capability, "now ... future", "a"));
  office.submit("now ... future", "b");
  office.clock.settle();
  REQUIRE(office.runs->starts() == 3);
  CHECK(office.runs->name(1) != office.runs->name(2));
  CHECK(office.runs->name(1) != office.runs->name(3));
}

TEST_CASE("after a crash a run of a repeated specification is lost in any case",
          "[scheduler][journal]") {
  Office office({.resumes = true});
  office.submit("repeat now ... future / 10s");
  office.clock.settle();
  office.crash();
  CHECK(office.books().count(Reason::Crashed) == 1);
  CHECK(office.books().balance());
}

namespace {

/// Has one specification run and one planned when the process dies, and the next one expect both.
/// @return what the journal held.
std::vector<JobRecord> expect_two(Office& office) {
  office.submit("now ... future", "running");
  office.submit("2015-06-01 13:00:00 + 1m", "planned");
  office.clock.settle();
  auto found = office.crash_and_find();
  for (const JobRecord& record : found) office.scheduler->expect(record);
  office.clock.settle();
  return found;
}

std::size_t unended(const Office& office) {
  const auto jobs = office.scheduler->jobs();
  return static_cast<std::size_t>(std::count_if(jobs.begin(), jobs.end(), [](const JobStatus& job) {
    return job.state != JobStatus::State::Ended;
  }));
}

}  // namespace

TEST_CASE("what is expected is known before its service is", "[scheduler][journal]") {
  Office office({.resumes = true});
  const auto found = expect_two(office);
  CHECK(office.runs->starts() == 0);
  CHECK(office.redeem("running").find<Receipt>() != nullptr);
  CHECK(office.redeem("planned").find<Receipt>() != nullptr);
  CHECK(office.submit("now ... future", "running").token() == "running");  // and not once more
  CHECK(unended(office) == 2);
  const Specification another = ask(*office.capability, "now ... future", "x");
  CHECK(office.scheduler->plan("bob", another, 1).starts.size() == 1);

  std::optional<Message> told;
  office.scheduler->await("alice", "running", 1h, [&](Message message) { told = message; });
  for (const JobRecord& record : found) office.scheduler->restore(record);
  office.clock.settle();
  CHECK(office.runs->starts() == 1);
  office.runs->finish(1);
  office.clock.settle();
  REQUIRE(told);  // who waited before goes on waiting
  CHECK(told->find<Result>() != nullptr);
  office.clock.advance(1h);
  CHECK(office.runs->starts() == 2);
  CHECK(unended(office) == 1);
}

TEST_CASE("what is interrupted while it is expected does not come back", "[scheduler][journal]") {
  Office office({.resumes = true});
  const auto found = expect_two(office);
  office.scheduler->interrupt("alice", "running");
  office.scheduler->interrupt("alice", "planned");
  CHECK(text_of(office.redeem("running")) == "it ran when the component died (crashed)");
  CHECK_THAT(text_of(office.redeem("planned")),
             Catch::Contains("it was interrupted before it started"));
  CHECK(office.books("running").count(Reason::Crashed) == 1);
  for (const JobRecord& record : found) office.scheduler->restore(record);
  office.clock.advance(10min);
  office.crash();  // and the journal knows
  CHECK(text_of(office.redeem("running")) == "it ran when the component died (crashed)");
  office.clock.advance(2h);
  CHECK(office.runs->starts() == 0);
  CHECK(office.scheduler->books().balance());
  CHECK(unended(office) == 0);
}

TEST_CASE("what was interrupted before a crash is not begun again", "[scheduler][journal]") {
  Office office({.resumes = true});
  office.submit("now ... future");
  office.clock.settle();
  office.scheduler->call_off("alice", "t");  // and its service takes its time
  office.crash();
  CHECK(office.runs->starts() == 0);
  CHECK(text_of(office.redeem()) == "it ran when the component died (crashed)");
  CHECK(office.books().balance());
}

TEST_CASE("what is expected has what it yielded before", "[scheduler][journal]") {
  Office office({.resumes = true});
  office.submit("repeat now ... future / 10s");
  for (int i = 0; i < 2; ++i) {
    office.clock.settle();
    office.runs->finish(1);
    office.clock.advance(10s);
  }
  const auto found = office.crash_and_find();
  const auto results = [&] {
    const Message message = office.redeem();
    const auto* const envelope = message.find<Envelope>();
    return envelope == nullptr
               ? 0
               : std::count_if(envelope->messages().begin(), envelope->messages().end(),
                               [](const Message& one) { return one.find<Result>() != nullptr; });
  };
  for (const JobRecord& record : found) office.scheduler->expect(record);
  CHECK(results() == 2);
  office.scheduler->interrupt("alice", "t");
  for (const JobRecord& record : found) office.scheduler->restore(record);
  CHECK(results() == 2);
  office.crash();
  CHECK(results() == 2);
}

TEST_CASE("after a crash what was planned goes on", "[scheduler][journal]") {
  Office office;
  office.submit("2015-06-01 13:00:00 + 1m", "once");
  office.submit("repeat now ... future / 10s", "often");
  for (std::uint64_t run = 1; run <= 5; ++run) {
    office.clock.settle();
    office.runs->finish(run);
    office.clock.advance(10s);
  }
  office.runs->finish(6);
  office.clock.advance(5s);
  office.crash();
  CHECK(office.runs->starts() == 0);
  const Message before = office.redeem("often");
  REQUIRE(before.find<Envelope>() != nullptr);
  CHECK(before.find<Envelope>()->size() == 3);  // the newest
  office.clock.advance(5s);
  CHECK(office.runs->starts() == 1);
  office.runs->finish(7);
  CHECK(office.books("often").done == 7);
  office.clock.advance(2h);
  CHECK(office.books("once").started == 1);
  CHECK(office.books("often").balance());
}

TEST_CASE("starts that passed while the process was down were missed", "[scheduler][journal]") {
  ServicePolicy policy;
  policy.missed = GENERATE(Missed::Skip, Missed::Once);
  Office office(policy);
  office.submit("repeat now ... future / 10s");
  office.clock.settle();
  office.runs->finish(1);
  office.crash(55s);
  const bool once = policy.missed == Missed::Once;
  CHECK(office.books().count(Reason::Down) == (once ? 4 : 5));
  CHECK(office.runs->starts() == (once ? 1 : 0));
  office.clock.advance(5s);
  CHECK(office.books().planned == 7);
  CHECK(office.books().balance());
}

TEST_CASE("a result that was not handed over is there after a crash", "[scheduler][journal]") {
  Office office;
  office.submit("now ... future");
  office.clock.settle();
  office.runs->finish(7);
  office.crash();
  CHECK(count_of(office.redeem()) == 7);
  office.crash();
  CHECK(count_of(office.redeem()) == 7);
  office.clock.advance(2h);  // an hour after it was handed over
  CHECK_THROWS_AS(office.redeem(), Error);
  CHECK(office.journal->records().empty());
}

TEST_CASE("a crash does not prolong the time for which a result is kept", "[scheduler][journal]") {
  Office office;
  office.submit("now ... future");
  office.clock.settle();
  office.runs->finish(7);
  SECTION("a week before it is fetched") {
    for (int day = 0; day < 6; ++day) {
      office.crash(12h);
      office.clock.advance(12h);
    }
    CHECK(office.scheduler->jobs().size() == 1);
    office.crash(12h);
    office.clock.advance(13h);
  }
  SECTION("an hour after that") {
    CHECK(count_of(office.redeem()) == 7);
    office.crash(30min);
    CHECK(count_of(office.redeem()) == 7);  // to be handed over again does not count
    office.crash(20min);
    CHECK(office.scheduler->jobs().size() == 1);
    office.clock.advance(11min);
  }
  SECTION("and not at all where that has passed meanwhile") {
    office.crash(8 * 24h);
    office.clock.advance(1s);
    CHECK(office.scheduler->jobs().empty());
  }
  CHECK(office.scheduler->jobs().empty());
  CHECK(office.journal->records().empty());
}

TEST_CASE("what nobody offers any more after a crash is over", "[scheduler][journal]") {
  Office office;
  office.submit("2015-06-01 13:00:00 + 1m");
  office.offers = false;
  office.crash();
  CHECK(text_of(office.redeem()) == "the service that would do it is no longer offered");
  CHECK(office.scheduler->jobs()[0].state == JobStatus::State::Ended);
}

TEST_CASE("what its owner may not use any more after a crash is over, and logged",
          "[scheduler][journal]") {
  Office office;
  office.submit("2015-06-01 13:00:00 + 1m");
  office.may_use = [](const Capability& capability) { return capability.label() != "ping"; };
  office.crash();
  CHECK(text_of(office.redeem()) == "its owner may no longer use the service that would do it");
  CHECK(office.scheduler->jobs()[0].state == JobStatus::State::Ended);
  const std::lock_guard lock(office.mutex);
  CHECK(office.log.back() == "a specification of before is ended");
}
