// A scheduler and its journal file, one process after another.

#include "store/journal_helpers.hpp"
#include "support/fake_clock.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

/// What one process is made of.
struct Process {
  explicit Process(const std::filesystem::path& folder, Instant now, ServicePolicy policy = {})
      : clock(now),
        journal(folder, {.sync = Sync::Normal}),
        scheduler(clock, options(journal), {}),
        capability(scheduler.offer({ping_capability(), runs.service(), false, policy})) {
    for (const JobRecord& record : journal.load(Registry::core())) scheduler.restore(record);
    settle();
  }

  /// Waits until what has happened is durable, and what waited for that has happened, too.
  void settle() {
    for (int i = 0; i < 3; ++i) {
      REQUIRE_FALSE(journal.flush());
      clock.settle();
    }
  }
  void advance(Duration by) {
    clock.advance(by);
    settle();
  }
  void submit(const std::string& when, const std::string& token = "t") {
    scheduler.submit("alice", ask(capability, when, token));
    settle();
  }
  void finish(std::uint64_t count) {
    runs.finish(count);
    settle();
  }
  Message redeem(const std::string& token = "t") { return scheduler.redeem("alice", token); }
  Books books(const std::string& token = "t") { return scheduler.books("alice", token); }

  static SchedulerOptions options(Journal& journal) {
    SchedulerOptions options;
    options.journal = &journal;
    return options;
  }

  FakeClock clock;
  JournalFile journal;
  ByHand runs;
  Scheduler scheduler;
  Capability capability;
};

/// Copies a journal as a crash would leave it: what was durable at that moment, and nothing later.
class Crash {
 public:
  explicit Crash(const std::filesystem::path& journal) {
    std::filesystem::copy(journal, folder_.path() / "state");
  }
  std::filesystem::path folder() const { return folder_.path() / "state"; }

 private:
  ScratchFolder folder_;
};

const Instant kNoon = Time::parse("2015-06-01 12:00:00").instant();

}  // namespace

TEST_CASE("a result is there to be fetched after a restart", "[restart]") {
  const ScratchFolder folder;
  {
    Process process(folder.path(), kNoon);
    process.submit("now");
    process.finish(7);
  }
  Process process(folder.path(), kNoon + 1h);
  CHECK(count_of(process.redeem()) == 7);
  CHECK(process.books().done == 1);
  CHECK(process.scheduler.books().balance());
}

TEST_CASE("what ran when the process died is lost, and says so, also later", "[restart]") {
  const ScratchFolder folder;
  Process process(folder.path(), kNoon);
  process.submit("now + 1h");
  REQUIRE(process.runs.starts() == 1);
  const Crash first(folder.path());
  Process second(first.folder(), kNoon + 1s);
  CHECK(second.runs.starts() == 0);
  CHECK(second.books().lost == 1);
  CHECK(second.books().count(Reason::Crashed) == 1);
  const std::string words = second.redeem().find<Exception>()->message();
  CHECK_THAT(words, Contains("crashed"));
  const Crash again(first.folder());
  Process third(again.folder(), kNoon + 2s);
  CHECK(third.books().lost == 1);
  CHECK(third.books().started == 1);
  CHECK(third.redeem().find<Exception>()->message() == words);
}

TEST_CASE("a planned start comes at its time after a restart, once", "[restart]") {
  const ScratchFolder folder;
  Process process(folder.path(), kNoon);
  process.submit("2015-06-01 13:00:00 + 10s");
  const Crash first(folder.path());
  Process second(first.folder(), kNoon + 30min);
  CHECK(second.runs.starts() == 0);
  second.advance(29min);
  CHECK(second.runs.starts() == 0);
  second.advance(1min);
  CHECK(second.runs.starts() == 1);
  const Crash again(first.folder());
  Process third(again.folder(), kNoon + 1h + 1s);
  CHECK(third.runs.starts() == 0);
  CHECK(third.books().lost == 1);
}

TEST_CASE("a repeated specification goes on where it should be", "[restart]") {
  const ScratchFolder folder;
  Process process(folder.path(), kNoon);
  process.submit("repeat now ... future / 10s");
  process.finish(1);
  process.advance(10s);
  process.finish(2);
  process.advance(10s);
  REQUIRE(process.runs.starts() == 3);  // the third one runs
  const Crash crash(folder.path());
  Process second(crash.folder(), kNoon + 45s);
  CHECK(second.runs.starts() == 0);
  Books books = second.books();
  CHECK(books.planned == 5);
  CHECK(books.done == 2);
  CHECK(books.count(Reason::Crashed) == 1);
  CHECK(books.count(Reason::Down) == 2);
  second.advance(5s);
  REQUIRE(second.runs.starts() == 1);
  second.finish(3);
  books = second.books();
  CHECK(books.planned == 6);
  CHECK(books.done == 3);
  CHECK(books.balance());
  const Message message = second.redeem();
  const Envelope* const results = message.find<Envelope>();
  REQUIRE(results != nullptr);
  CHECK(count_of(results->messages().front()) == 1);
  CHECK(count_of(results->messages().back()) == 3);
}

TEST_CASE("what was interrupted stays so after a restart", "[restart]") {
  const ScratchFolder folder;
  Process process(folder.path(), kNoon);
  process.submit("repeat now ... future / 10s");
  process.finish(1);
  process.scheduler.interrupt("alice", "t");
  process.settle();
  const Crash crash(folder.path());
  Process second(crash.folder(), kNoon + 1min);
  second.advance(1min);
  CHECK(second.runs.starts() == 0);
  CHECK(second.books().done == 1);
  CHECK(second.books().planned == 1);
}
