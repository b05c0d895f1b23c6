// What a peer hears of a component whose scheduler has a journal.

#include "counter.hpp"
#include "mplane/model/json.hpp"
#include "scheduler/fake_journal.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

SchedulerOptions with(Journal& journal) {
  SchedulerOptions options;
  options.journal = &journal;
  return options;
}

}  // namespace

TEST_CASE("a specification is answered once it is durable, and no thread waits for that") {
  FakeJournal journal;
  Counter counter(with(journal));
  std::vector<std::string> answers;
  const auto note = [&](const Reply& reply) { answers.push_back(brief(reply.message)); };
  journal.hold();
  counter.dispatcher.dispatch(Identity("alice"), counter.specification(), 0s, note);
  CHECK(answers.empty());
  journal.release();
  CHECK(answers == std::vector<std::string>{"receipt t"});
}

TEST_CASE("who lost the right to a service finds what it had planned ended, and told why") {
  std::vector<JobRecord> found;
  {
    FakeJournal journal;
    Counter before(with(journal));
    before.ask(before.specification("once", "2015-06-02 + 1s"));
    before.ask(before.specification("repeated", "repeat 2015-06-02 + 1h / 1m { now + 1s }"));
    before.ask(before.specification("bobs", "2015-06-02 + 1s"), "bob");
    found = journal.records();
  }
  REQUIRE(found.size() == 3);
  FakeJournal journal;
  Counter counter(with(journal));
  for (JobRecord& record : found) {
    if (record.owner == "alice") record.owner = "mallory";  // who has no role
    counter.dispatcher.restore(record);
  }
  constexpr const char* kWhy = "its owner may no longer use the service that would do it";
  CHECK(brief(counter.ask(Redemption::of("once"), "mallory").message) ==
        "exception once: " + std::string(kWhy));
  const Message repeated = counter.ask(Redemption::of("repeated"), "mallory").message;
  CHECK_THAT(encode(repeated), Catch::Contains(kWhy));
  CHECK(brief(counter.ask(Redemption::of("bobs"), "bob").message) == "receipt bobs");
  counter.clock.advance(std::chrono::hours(48));
  CHECK(counter.runs.starts() == 1);  // Bob's
}

TEST_CASE("a specification that cannot be kept is refused with the journal's words") {
  FakeJournal journal;
  Counter counter(with(journal));
  journal.fail(Error(ErrorKind::Unavailable, "journal", "the disk is full"));
  std::vector<Reply> replies;
  counter.dispatcher.dispatch(Identity("alice"), counter.specification(), 5s,
                              [&](const Reply& reply) { replies.push_back(reply); });
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].refusal == ErrorKind::Unavailable);
  CHECK(brief(replies[0].message) == "exception t: journal: the disk is full");
  CHECK(counter.runs.starts() == 0);
  CHECK(counter.ask(Redemption::of("t")).refusal == ErrorKind::Unknown);
}

TEST_CASE("an interrupt is answered once it is durable, and no thread waits for that") {
  FakeJournal journal;
  Counter counter(with(journal));
  const Identity alice("alice");
  std::vector<std::string> answers;
  const auto note = [&](const Reply& reply) { answers.push_back(brief(reply.message)); };
  counter.dispatcher.dispatch(alice, counter.specification(), 0s, note);
  counter.clock.settle();
  journal.hold();
  counter.dispatcher.dispatch(alice, Interrupt::of("t"), 5s, note);
  CHECK(counter.runs.is_asked_to_stop());  // that at once
  counter.runs.finish(2);
  CHECK(answers == std::vector<std::string>{"receipt t"});
  journal.release();
  REQUIRE(answers.size() == 2);
  CHECK(answers[1] == brief(counter.ask(Redemption::of("t")).message));
}
