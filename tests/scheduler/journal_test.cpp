#include "scheduler/office.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

const Error kFull(ErrorKind::Unavailable, "state-dir", "the disk is full");

}  // namespace

TEST_CASE("a receipt is given when the acceptance is durable", "[scheduler][journal]") {
  Office office;
  office.journal->hold();
  std::vector<std::string> answers;
  office.scheduler->submit("alice", ask(*office.capability, "now ... future", "t"), {},
                           [&](const Scheduler::Submission& submission) {
                             answers.emplace_back(submission.index() == 0 ? "receipt" : "error");
                           });
  office.clock.settle();
  CHECK(answers.empty());
  CHECK(office.runs->starts() == 0);  // nor is the service called before
  CHECK(office.journal->records().empty());
  office.journal->release();
  office.clock.settle();
  CHECK(answers == std::vector<std::string>{"receipt"});
  CHECK(office.runs->starts() == 1);
  REQUIRE(office.journal->records().size() == 1);
  CHECK(office.journal->records()[0].state.books.running == 1);
}

TEST_CASE("who submits the same while it is on its way waits for it, too", "[scheduler][journal]") {
  Office office;
  office.journal->hold();
  std::vector<std::string> answers;
  const auto note = [&](const Scheduler::Submission& submission) {
    const auto* const error = std::get_if<Error>(&submission);
    answers.emplace_back(error == nullptr ? "receipt" : error->message());
  };
  const auto asked = ask(*office.capability, "now ... future", "t");
  office.scheduler->submit("alice", asked, {}, note);
  office.scheduler->submit("alice", asked, {}, note);
  CHECK(answers.empty());
  SECTION("until it is durable") {
    office.journal->release();
    CHECK(answers == std::vector<std::string>{"receipt", "receipt"});
    office.scheduler->submit("alice", asked, {}, note);
    CHECK(answers.size() == 3);
    CHECK(office.scheduler->books().planned == 1);
  }
  SECTION("until it is sent back") {
    office.journal->fail(kFull);
    office.journal->release();
    CHECK(answers == std::vector<std::string>{"the disk is full", "the disk is full"});
  }
}

TEST_CASE("a full disk refuses a submission with its words", "[scheduler][journal]") {
  Office office;
  office.journal->fail(kFull);
  try {
    office.submit("now ... future");
    FAIL("it took the job");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Unavailable);
    CHECK(error.message() == "the disk is full");
  }
  office.clock.settle();
  CHECK(office.runs->starts() == 0);
  CHECK_THROWS_AS(office.redeem(), Error);
  CHECK(office.scheduler->books().count(Reason::NotKept) == 1);
  CHECK(office.scheduler->books().balance());

  office.journal->fail({});
  office.submit("now ... future");
  office.clock.settle();
  CHECK(office.runs->starts() == 1);
  CHECK(office.journal->records().size() == 1);
  CHECK(office.journal->complaint() == "");
}

TEST_CASE("a submission that the disk refuses leaves the results that its token had",
          "[scheduler][journal]") {
  Office office;
  office.submit("now ... future");
  office.clock.settle();
  office.runs->finish(7);
  office.clock.settle();
  office.journal->fail(kFull);
  CHECK_THROWS_AS(office.submit("now ... future"), Error);
  CHECK(count_of(office.redeem()) == 7);
  office.journal->fail({});
  office.submit("2015-06-01 13:00:00", "other");  // which takes what could not be written with it
  CHECK(office.journal->complaint() == "");
  office.crash();
  CHECK(count_of(office.redeem()) == 7);
  CHECK(office.runs->starts() == 0);
}

TEST_CASE("who follows a job hears of what is durable, not of what came after it",
          "[scheduler][journal]") {
  ServicePolicy policy;
  policy.overlap = Overlap::Parallel;
  Office office(policy);
  office.submit("repeat now ... future / 10s");
  office.clock.advance(10s);
  REQUIRE(office.runs->starts() == 2);
  std::vector<std::uint64_t> heard;
  office.scheduler->follow("alice", "t", [&](const std::optional<Message>& message) {
    heard.push_back(message ? count_of(*message) : 0);
  });
  office.journal->hold();
  office.runs->finish(1);
  office.runs->finish(2);
  CHECK(heard.empty());
  office.journal->fail_first(kFull);  // tried in vain: then it is told
  CHECK(heard == std::vector<std::uint64_t>{1});
  office.journal->release();
  CHECK(heard == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("what who submits throws is logged, and he is called once", "[scheduler][journal]") {
  Office office;
  FakeJournal journal;
  const bool journaled = GENERATE(true, false);
  std::vector<std::string> log;
  SchedulerOptions options;
  if (journaled) options.journal = &journal;
  Scheduler scheduler(office.clock, options,
                      [&](const LogRecord& record) { log.push_back(record.message); });
  ByHand runs;
  const Capability capability = scheduler.offer({ping_capability(), runs.service()});
  int calls = 0;
  scheduler.submit("alice", ask(capability, "now ... future", "t"), {},
                   [&](const Scheduler::Submission&) {
                     ++calls;
                     throw Error(ErrorKind::Failed, "", "the line is cut");
                   });
  office.clock.settle();
  CHECK(calls == 1);
  CHECK(log == std::vector<std::string>{"who submits threw when told"});
  CHECK(runs.starts() == 1);
}

TEST_CASE("a job that could not be kept is taken back, not the one after it",
          "[scheduler][journal]") {
  FakeClock clock;
  FakeJournal journal;
  SchedulerOptions options;
  options.journal = &journal;
  options.results.max_bytes = 1;  // only the newest result stays
  ByHand runs;
  Scheduler scheduler(clock, options, {});
  const Capability capability = scheduler.offer({ping_capability(), runs.service()});
  std::vector<std::string> answers;
  const auto submit = [&](const std::string& token) {
    const auto note = [&answers, token](const Scheduler::Submission& submission) {
      answers.push_back(token + (submission.index() == 0 ? ": receipt" : ": error"));
    };
    scheduler.submit("alice", ask(capability, "now ... future", token), {}, note);
  };
  journal.hold();
  submit("t");
  scheduler.call_off("alice", "t");
  submit("u");
  scheduler.call_off("alice", "u");  // whose end leaves no room for that of the other
  submit("t");                       // so this is another job
  journal.fail_first(kFull);         // the first one's acceptance
  CHECK(answers == std::vector<std::string>{"t: error"});
  journal.release();
  clock.settle();
  CHECK(answers == std::vector<std::string>{"t: error", "u: receipt", "t: receipt"});
  CHECK(runs.starts() == 1);
  CHECK(scheduler.books("alice", "t").running == 1);
  CHECK(journal.complaint() == "");
}

TEST_CASE("what is planned and cannot be made durable is not kept", "[scheduler][journal]") {
  Office office;
  office.journal->fail(kFull);
  CHECK_THROWS_AS(office.submit("2015-06-01 13:00:00 + 1m"), Error);
  office.clock.advance(2h);
  CHECK(office.runs->starts() == 0);
  CHECK(office.scheduler->jobs().empty());
}

TEST_CASE("a full disk refuses the starts of what was accepted", "[scheduler][journal]") {
  Office office;
  office.submit("repeat now ... future / 10s");
  office.clock.settle();
  office.runs->finish(1);
  office.clock.settle();
  office.journal->fail(kFull);
  office.clock.advance(20s);
  CHECK(office.runs->starts() == 1);
  CHECK(office.books().count(Reason::NotKept) == 2);
  office.journal->fail({});
  office.clock.advance(10s);
  CHECK(office.runs->starts() == 2);
  CHECK(office.books().balance());
  CHECK(office.log.empty());  // the journal itself says so
  CHECK(office.journal->complaint() == "");
}

TEST_CASE("an acceptance that fails does not run, also when its start then becomes durable",
          "[scheduler][journal]") {
  Office office;
  office.journal->hold();
  std::vector<std::string> answers;
  const std::string scope = GENERATE("2015-06-01 12:00:01 + 1m", "repeat now ... future / 1s",
                                     "2015-06-01 12:00:01 ... future");
  office.scheduler->submit("alice", ask(*office.capability, scope, "t"), {},
                           [&](const Scheduler::Submission& submission) {
                             const auto* const error = std::get_if<Error>(&submission);
                             answers.emplace_back(error == nullptr ? "receipt" : error->message());
                           });
  office.clock.advance(1s);  // its time comes while the journal is busy
  office.journal->fail_first(kFull);
  CHECK(answers == std::vector<std::string>{"the disk is full"});
  office.journal->release();
  office.clock.advance(1min);
  CHECK(office.runs->starts() == 0);
  CHECK(office.scheduler->jobs().empty());
  const Books books = office.scheduler->books();
  CHECK(books.balance());
  CHECK(books.started == 0);
  CHECK(books.refused >= 1);
  CHECK(books.refused + books.skipped == books.planned);
  CHECK(office.journal->records().empty());
  CHECK(office.journal->complaint() == "");
}

TEST_CASE("a result is handed over when it is durable", "[scheduler][journal]") {
  Office office;
  office.submit("now ... future");
  office.clock.settle();
  std::vector<std::string> kinds;
  office.scheduler->await("alice", "t", 1h,
                          [&](const Message& message) { kinds.emplace_back(message.kind()); });
  office.journal->hold();
  office.runs->finish(7);
  CHECK(office.redeem().kind() == "receipt");
  CHECK(kinds.empty());
  SECTION("which it is after a moment") {
    office.journal->release();
    CHECK(count_of(office.redeem()) == 7);
    CHECK(kinds == std::vector<std::string>{"result"});
    REQUIRE(office.journal->records().size() == 1);
    CHECK(office.journal->records()[0].state.handed_over);
  }
  SECTION("or when it cannot be made so: it is there, after all") {
    office.journal->fail(kFull);
    office.journal->release();
    CHECK(count_of(office.redeem()) == 7);
    CHECK(kinds == std::vector<std::string>{"result"});
  }
}

TEST_CASE("what is sent elsewhere is handed over by who sends it, not by who looks at it",
          "[scheduler][journal]") {
  Office office;
  const auto is_handed_over = [&] { return office.journal->records().at(0).state.handed_over; };
  const Specification plain = ask(*office.capability, "now + 3s", "t");
  const bool is_pushed = GENERATE(false, true);
  const std::string link = is_pushed ? "http://127.0.0.1/x" : "";
  office.scheduler->submit("alice", plain.with_link(link));
  office.clock.settle();
  std::uint64_t told = 0;
  const auto look = [&told](const Message& message) { told = count_of(message); };
  SECTION("when it is redeemed") {
    office.runs->finish(7);
    look(office.redeem());
    CHECK(told == 7);
  }
  SECTION("when it is awaited") {
    office.scheduler->await("alice", "t", 5s, look);
    office.runs->finish(7);
    CHECK(told == 7);
  }
  SECTION("when it is interrupted") {
    office.scheduler->interrupt("alice", "t", 5s, look);
    office.runs->finish(7);
    CHECK(told == 7);
  }
  office.clock.settle();
  CHECK(is_handed_over() != is_pushed);
  office.scheduler->hand_over("alice", "t");
  office.clock.settle();
  CHECK(is_handed_over());
}

TEST_CASE("a job is over when its end is durable", "[scheduler][journal]") {
  Office office;
  office.submit("now ... future");
  office.clock.settle();
  office.journal->hold();
  office.runs->finish(7);
  CHECK_FALSE(office.scheduler->is_over("alice", "t"));
  office.journal->release();
  CHECK(office.scheduler->is_over("alice", "t"));
}

TEST_CASE("an interrupt is confirmed when it is durable", "[scheduler][journal]") {
  Office office;
  office.submit("repeat now ... future / 10s");
  office.clock.settle();
  office.journal->hold();
  std::vector<std::string> kinds;
  office.scheduler->interrupt("alice", "t", 1h,
                              [&](const Message& message) { kinds.emplace_back(message.kind()); });
  CHECK(office.runs->is_asked_to_stop());  // at once, though
  office.runs->finish(1);
  CHECK(kinds.empty());
  office.journal->release();
  CHECK(kinds == std::vector<std::string>{"envelope"});
  CHECK(office.journal->records()[0].state.over);
}
