#include "mplane/scheduler/books.hpp"

#include "scheduler/fake_journal.hpp"
#include "scheduler/schedule_words.hpp"
#include "scheduler/workshop.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("every reason has a name of its own and a text", "[books]") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kReasons; ++i) {
    const ReasonTraits reason = traits(static_cast<Reason>(i));
    CHECK_FALSE(reason.text.empty());
    names.insert(reason.name);
  }
  CHECK(names.size() == kReasons);
}

TEST_CASE("a start that was due is counted in one place at a time", "[books]") {
  Books books;
  books.wait();
  CHECK(books.waiting == 1);
  books.start();
  CHECK(books.waiting == 0);
  CHECK(books.running == 1);
  books.end(Reason::ServiceFailed);
  CHECK(books.running == 0);
  CHECK(books.failed == 1);
  CHECK(books.count(Reason::ServiceFailed) == 1);
  books.wait(3);
  books.end(Reason::Late, 3);
  CHECK(books.missed == 3);
  CHECK(books.planned == 4);
  CHECK(books.balance());
}

TEST_CASE("books that lost a start do not balance", "[books]") {
  Books books;
  books.wait();
  books.planned = 2;
  CHECK_FALSE(books.balance());
}

namespace {

/// Does what users, services, clocks, disks and crashes do, at random, to one scheduler after the
/// other.
class Storm {
 public:
  enum class Journal : std::uint8_t { None, Kept };

  Storm(std::uint32_t seed, Journal journal) : random_(seed), steps_(seed % 2 == 0) {
    if (journal == Journal::Kept) journal_ = std::make_unique<FakeJournal>();
    for (const Overlap overlap : {Overlap::Skip, Overlap::Queue, Overlap::Parallel}) {
      for (const JobClass job_class :
           {JobClass::Normal, JobClass::Background, JobClass::Exclusive}) {
        ServicePolicy policy;
        policy.overlap = overlap;
        policy.job_class = job_class;
        policy.missed = chance(2) ? Missed::Skip : Missed::Once;
        policy.slip = chance(2) ? Duration(0) : Duration(700ms);
        policy.max_running = 1 + random_() % 5;
        policy.choices = {true, true, true, 3s};
        policies_.push_back(policy);
      }
    }
    open();
  }
  ~Storm() { relieve_the_disk(); }  // a scheduler waits for it at its end

  void act() {
    switch (random_() % 10) {
      case 0:
      case 1:
        submit();
        break;
      case 2:
        interrupt();
        break;
      case 3:
        clock_.advance(Duration(random_() % 20'000'000));
        break;
      case 4:
        steps_&& chance(10) ? clock_.step(Duration(random_() % 7'200'000'000) - 1h) : finish();
        break;
      case 5:
        chance(10) ? clock_.suspend(Duration(random_() % 60'000'000)) : finish();
        break;
      case 6:
        is_kept() && chance(2) ? trouble_the_disk() : submit();
        break;
      case 7:
        is_kept() && chance(8) ? crash() : finish();
        break;
      default:
        finish();
        break;
    }
  }

  /// The first sign of books that do not add up, or nothing.
  std::string complaint() {
    clock_.settle();  // what was let in is launched by another thread
    if (!complaint_.empty()) return complaint_;
    if (journal_ != nullptr && !journal_->complaint().empty()) return journal_->complaint();
    const Books total = scheduler_->books();
    if (!total.balance()) return "the total does not balance";
    if (runs_->starts() + started_before_ != total.started) return "a start was not counted";
    if (scheduler_->lateness().count() != runs_->starts()) return "a lateness was not recorded";
    if (shrunk(before_, total)) return "what only grows has shrunk";
    before_ = total;
    Books sum;
    for (const JobStatus& job : scheduler_->jobs()) {
      if (!job.books.balance()) return job.token + " does not balance";
      sum += job.books;
    }
    // What was refused when it was submitted is in the total only.
    const bool adds_up = sum.started == total.started && sum.running == total.running &&
                         sum.waiting == total.waiting && sum.done == total.done &&
                         sum.lost == total.lost && sum.planned <= total.planned &&
                         (journal_ != nullptr || sum.planned + refused_at_once_ == total.planned);
    return adds_up ? "" : "the parts are not the total";
  }

  void end() {
    relieve_the_disk();
    for (const JobStatus& job : scheduler_->jobs()) scheduler_->interrupt(job.owner, job.token);
    for (int i = 0; i < 2; ++i) {
      clock_.settle();
      while (taken_ < runs_->starts()) finish();
    }
  }
  Books books() const { return scheduler_->books(); }

 private:
  using Key = std::pair<std::string, std::string>;  // owner and token

  void open() {
    runs_ = std::make_unique<ByHand>();
    taken_ = 0;
    SchedulerOptions options;
    options.limits.runs = 12;
    options.limits.runs_per_owner = 6;
    options.limits.waiting = 10;
    options.results.unfetched = Duration(24h * 365);
    options.results.fetched = Duration(24h * 365);
    options.journal = journal_.get();
    scheduler_ = std::make_unique<Scheduler>(clock_, options, LogSink());
    offers_.clear();
    for (const ServicePolicy& policy : policies_) {
      const std::string name = "service-" + std::to_string(offers_.size());
      offers_.push_back(scheduler_->offer({schedulable_capability(name, name), runs_->service(),
                                           /*immediate=*/false, policy}));
    }
  }

  bool is_kept() const noexcept { return journal_ != nullptr; }
  bool chance(std::uint32_t one_in) { return random_() % one_in == 0; }

  /// What a specification may ask for itself.
  Specification with_choices(Specification asked) {
    if (chance(4)) {
      static const std::vector<std::string> kWords{"skip", "queue", "parallel"};
      asked = asked.with_metadata("schedule.overlap", kWords[random_() % kWords.size()]);
    }
    if (chance(4)) asked = asked.with_metadata("schedule.missed", chance(2) ? "once" : "skip");
    if (chance(4)) {
      asked = asked.with_metadata("schedule.slip.us", std::uint64_t{random_() % 3'000'000});
    }
    if (chance(4)) {
      asked = asked.with_metadata("schedule.max-results", std::uint64_t{1 + random_() % 5});
    }
    return asked;
  }

  void submit() {
    static const std::vector<std::string> kScopes{
        "now",
        "now + 3s",
        "now ... future",
        "2015-06-01 12:05:00 + 10m",
        "2015-06-01 12:10:00",
        "repeat now + 2m / 7s { now + 10s }",
        "repeat now ... future / 5s",
        "repeat 2015-06-01 12:00:00 ... future / 3s { now + 2s }",
        "repeat now ... future cron 0,20,40 * * * * *"};
    const std::string token = std::to_string(submitted_++);
    const std::string owner = chance(2) ? "alice" : "bob";
    // Drawn one after the other, so that a seed is the same storm whatever the compiler.
    const std::string& scope = kScopes[random_() % kScopes.size()];
    const Capability& offer = offers_[random_() % offers_.size()];
    scheduler_->submit(owner, with_choices(ask(offer, scope, token)), {},
                       [this, key = Key(owner, token), life = life_](const auto& submission) {
                         note(key, life, submission);
                       });
  }

  void note(const Key& key, int life, const Scheduler::Submission& submission) {
    const std::lock_guard lock(mutex_);
    if (life != life_) return;  // it died before it could say so
    const auto* const error = std::get_if<Error>(&submission);
    if (error == nullptr) acknowledged_.insert(key);
    if (error != nullptr && error->where() == "limits/waiting") ++refused_at_once_;
  }

  void interrupt() {
    const auto jobs = scheduler_->jobs();
    if (jobs.empty()) return;
    const JobStatus& job = jobs[random_() % jobs.size()];
    scheduler_->interrupt(job.owner, job.token, Duration(0), [](const Message&) {});
  }

  void finish() {
    clock_.settle();
    if (taken_ == runs_->starts()) return;
    ++taken_;
    ByHand::Started run = runs_->take();
    // A clock that is set back has times come again, and so the names of runs.
    const auto name = std::pair(run.specification.label(), run.specification.token());
    if (!steps_ && !called_.insert(name).second) complaint_ = name.second + " was run twice";
    switch (random_() % 4) {
      case 0:
        run.completion.fail({ErrorKind::Failed, "", "no luck"});
        break;
      case 1:
        break;  // abandoned
      default:
        run.completion(counted(run.specification, 1));
        break;
    }
  }

  void trouble_the_disk() {
    switch (random_() % 4) {
      case 0:
        journal_->hold();
        break;
      case 1:
        journal_->fail(Error(ErrorKind::Unavailable, "", "the disk is full"));
        break;
      default:
        relieve_the_disk();
        break;
    }
  }
  void relieve_the_disk() {
    if (journal_ == nullptr) return;
    journal_->fail({});
    journal_->release();
  }

  /// Another process goes on from what is durable at this moment.
  void crash() {
    clock_.settle();
    const auto found = journal_->records();
    const auto acknowledged = die();
    journal_->fail({});
    journal_->release();  // what it writes on its way out is written in vain
    scheduler_.reset();
    runs_.reset();
    clock_.suspend(Duration(random_() % 30'000'000));
    journal_ = std::make_unique<FakeJournal>(found);
    open();
    std::set<Key> restored;
    started_before_ = 0;
    for (const JobRecord& record : found) {
      started_before_ += record.state.books.started;
      restored.emplace(record.owner, record.specification.token());
      scheduler_->restore(record);
      compare(record);
    }
    for (const Key& key : acknowledged) {
      if (!restored.contains(key)) complaint_ = key.second + " was acknowledged and is gone";
    }
    const std::lock_guard lock(mutex_);
    acknowledged_ = restored;
    before_ = Books();
  }

  /// From now on nobody hears what the scheduler says. @return those who have heard.
  std::set<Key> die() {
    const std::lock_guard lock(mutex_);
    ++life_;
    return std::exchange(acknowledged_, {});
  }

  void compare(const JobRecord& record) {
    const Books& before = record.state.books;
    const Books after = scheduler_->books(record.owner, record.specification.token());
    const bool lost =
        after.count(Reason::Crashed) == before.count(Reason::Crashed) + before.running;
    if (!lost) complaint_ = record.specification.token() + ": what ran was not lost";
    if (shrunk(before, after)) complaint_ = record.specification.token() + " forgot";
  }

  static bool shrunk(const Books& before, const Books& after) {
    for (std::size_t i = 0; i < kReasons; ++i) {
      if (after.reasons[i] < before.reasons[i]) return true;
    }
    return after.planned < before.planned || after.started < before.started;
  }

  std::mt19937 random_;
  const bool steps_;  // whether the clock is set
  FakeClock clock_;
  std::vector<ServicePolicy> policies_;
  std::unique_ptr<FakeJournal> journal_;
  std::unique_ptr<ByHand> runs_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<Capability> offers_;
  std::size_t submitted_ = 0;
  std::size_t taken_ = 0;
  std::size_t started_before_ = 0;                        // by the processes before
  std::set<std::pair<std::string, std::string>> called_;  // label and token of a run
  std::string complaint_;
  Books before_;

  std::mutex mutex_;  // for what callbacks tell
  int life_ = 0;      // which process it is
  std::set<Key> acknowledged_;
  std::size_t refused_at_once_ = 0;
};

/// Storms of twenty seeds. @return how often each reason was met.
Books storms(Storm::Journal journal) {
  Books all;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Storm storm(seed, journal);
    for (int step = 0; step < 400; ++step) {
      storm.act();
      const std::string complaint = storm.complaint();
      CAPTURE(step);
      REQUIRE(complaint == "");
    }
    storm.end();
    const Books books = storm.books();
    CHECK(storm.complaint() == "");
    CHECK(books.balance());
    CHECK(books.running == 0);
    CHECK(books.waiting == 0);
    for (std::size_t i = 0; i < kReasons; ++i) all.reasons[i] += books.reasons[i];
  }
  return all;
}

void check_all_met(const Books& books, const std::vector<Reason>& reasons) {
  for (const Reason reason : reasons) {
    CAPTURE(traits(reason).name);
    CHECK(books.count(reason) > 0);
  }
}

}  // namespace

TEST_CASE("whatever happens, the books add up", "[books][random]") {
  // The storms are rough enough to reach every kind of ending that needs no end of the process.
  check_all_met(storms(Storm::Journal::None),
                {Reason::Completed, Reason::ScopeEnded, Reason::ServiceFailed, Reason::Abandoned,
                 Reason::Interrupted, Reason::Overlap, Reason::InterruptedBeforeStart, Reason::Late,
                 Reason::ClockStep, Reason::ScopePassed, Reason::OwnerLimit, Reason::ServiceLimit,
                 Reason::RunLimit});
}

TEST_CASE("whatever happens to the process and its disk, the books add up", "[books][random]") {
  check_all_met(storms(Storm::Journal::Kept),
                {Reason::Completed, Reason::ServiceFailed, Reason::Abandoned, Reason::Interrupted,
                 Reason::Overlap, Reason::InterruptedBeforeStart, Reason::Late, Reason::Crashed,
                 Reason::Down, Reason::NotKept});
}
