#include "mplane/scheduler/books.hpp"

#include "scheduler/workshop.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
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

/// Does what users, services and clocks do, at random, to one scheduler.
class Storm {
 public:
  explicit Storm(std::uint32_t seed) : random_(seed), scheduler_(clock_, options(), {}) {
    for (const Overlap overlap : {Overlap::Skip, Overlap::Queue, Overlap::Parallel}) {
      for (const JobClass job_class :
           {JobClass::Normal, JobClass::Background, JobClass::Exclusive}) {
        ServicePolicy policy;
        policy.overlap = overlap;
        policy.job_class = job_class;
        policy.missed = chance(2) ? Missed::Skip : Missed::Once;
        policy.slip = chance(2) ? Duration(0) : Duration(700ms);
        policy.max_running = 1 + random_() % 5;
        const std::string name = "service-" + std::to_string(offers_.size());
        offers_.push_back(scheduler_.offer({ping_capability(name, name), runs_.service(),
                                            /*immediate=*/false, policy}));
      }
    }
  }

  void act() {
    switch (random_() % 8) {
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
        chance(10) ? clock_.step(Duration(random_() % 7'200'000'000) - 1h) : finish();
        break;
      case 5:
        chance(10) ? clock_.suspend(Duration(random_() % 60'000'000)) : finish();
        break;
      default:
        finish();
        break;
    }
  }

  /// The first sign of books that do not add up, or nothing.
  std::string complaint() {
    clock_.settle();  // what was let in is launched by another thread
    const Books total = scheduler_.books();
    if (!total.balance()) return "the total does not balance";
    if (runs_.starts() != total.started) return "a start was not counted";
    if (scheduler_.lateness().count() != total.started) return "a lateness was not recorded";
    if (shrunk(before_, total)) return "what only grows has shrunk";
    before_ = total;
    Books sum;
    for (const auto& [token, owner] : accepted_) {
      const Books books = scheduler_.books(owner, token);
      if (!books.balance()) return token + " does not balance";
      sum.planned += books.planned;
      sum.started += books.started;
      sum.running += books.running;
      sum.waiting += books.waiting;
    }
    const bool adds_up = sum.started == total.started && sum.running == total.running &&
                         sum.waiting == total.waiting &&
                         sum.planned + refused_at_once_ == total.planned;
    return adds_up ? "" : "the parts are not the total";
  }

  void end() {
    for (const auto& [token, owner] : accepted_) scheduler_.interrupt(owner, token);
    while (taken_ < runs_.starts()) finish();
    clock_.settle();
    while (taken_ < runs_.starts()) finish();
  }
  Books books() const { return scheduler_.books(); }

 private:
  static SchedulerOptions options() {
    SchedulerOptions options;
    options.limits.runs = 12;
    options.limits.runs_per_owner = 6;
    options.limits.waiting = 10;
    options.results.unfetched = Duration(24h * 365);
    options.results.fetched = Duration(24h * 365);
    return options;
  }

  bool chance(std::uint32_t one_in) { return random_() % one_in == 0; }

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
    const std::string token = std::to_string(accepted_.size() + refused_);
    const std::string owner = chance(2) ? "alice" : "bob";
    // Drawn one after the other, so that a seed is the same storm whatever the compiler.
    const std::string& scope = kScopes[random_() % kScopes.size()];
    const Capability& offer = offers_[random_() % offers_.size()];
    try {
      scheduler_.submit(owner, ask(offer, scope, token));
      accepted_.emplace(token, owner);
    } catch (const Error& error) {
      ++refused_;
      if (error.where() == "limits/waiting") ++refused_at_once_;
    }
  }

  void interrupt() {
    if (accepted_.empty()) return;
    auto job = accepted_.begin();
    std::advance(job, static_cast<std::ptrdiff_t>(random_() % accepted_.size()));
    scheduler_.interrupt(job->second, job->first);
  }

  void finish() {
    clock_.settle();
    if (taken_ == runs_.starts()) return;
    ++taken_;
    ByHand::Started run = runs_.take();
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

  static bool shrunk(const Books& before, const Books& after) {
    for (std::size_t i = 0; i < kReasons; ++i) {
      if (after.reasons[i] < before.reasons[i]) return true;
    }
    return after.planned < before.planned || after.started < before.started;
  }

  std::mt19937 random_;
  FakeClock clock_;
  ByHand runs_;
  Scheduler scheduler_;
  std::vector<Capability> offers_;
  std::map<std::string, std::string> accepted_;  // token to owner
  std::size_t refused_ = 0;
  std::size_t refused_at_once_ = 0;
  std::size_t taken_ = 0;
  Books before_;
};

}  // namespace

TEST_CASE("whatever happens, the books add up", "[books][random]") {
  Books all;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Storm storm(seed);
    for (int step = 0; step < 400; ++step) {
      storm.act();
      const std::string complaint = storm.complaint();
      CAPTURE(step);
      REQUIRE(complaint == "");
    }
    storm.end();
    const Books books = storm.books();
    CHECK(books.balance());
    CHECK(books.running == 0);
    CHECK(books.waiting == 0);
    for (std::size_t i = 0; i < kReasons; ++i) all.reasons[i] += books.reasons[i];
  }
  // The storm was rough enough to reach every kind of ending that needs no end of the process.
  for (const Reason reason :
       {Reason::Completed, Reason::ScopeEnded, Reason::ServiceFailed, Reason::Abandoned,
        Reason::Interrupted, Reason::Overlap, Reason::InterruptedBeforeStart, Reason::Late,
        Reason::ClockStep, Reason::ScopePassed, Reason::OwnerLimit, Reason::ServiceLimit,
        Reason::RunLimit}) {
    CAPTURE(traits(reason).name);
    CHECK(all.count(reason) > 0);
  }
}
