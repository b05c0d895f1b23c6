// A million planned jobs. What a heap of (time, pointer) does for a million entries, the planner
// does for jobs: it takes each in, under its owner and token, within the limits and in the books,
// and when its time has come hands out the run that a thread would then begin. A thousand owners
// ask for the same thousand specifications, so that what a job takes is what it takes itself.

#include "bench.hpp"
#include "binary_heap.hpp"
#include "jobs.hpp"
#include "mplane/scheduler.hpp"
#include "offer.hpp"
#include "planner.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using mplane::Instant;
using mplane::Specification;
using mplane::detail::Effects;
using mplane::detail::Offer;
using mplane::detail::Planner;
using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t kOwners = 1000;
constexpr std::size_t kSpecifications = 1000;
constexpr std::size_t kJobs = kOwners * kSpecifications;
constexpr double kMostBytes = 400;  // a job, beyond its specification
constexpr Instant kNow{std::chrono::seconds(1'433'160'000)};

/// A clock that goes when it is told to; nobody waits for it.
class HandClock final : public mplane::Clock {
 public:
  Instant now() const override { return kNow + passed_; }
  std::chrono::nanoseconds steady() const override { return passed_; }
  std::unique_ptr<mplane::Alarm> make_alarm() const override { return nullptr; }
  void advance(mplane::Duration by) { passed_ += by; }

 private:
  mplane::Duration passed_{0};
};

/// The jobs of one owner after the other, their times at random within an hour; the same for both
/// sides.
struct Inputs {
  struct Asked {
    const std::string* owner;
    const Specification* specification;
  };

  Inputs() {
    const auto capability = bench::counting_capability();
    const auto now = mplane::When::parse("now");
    std::mt19937_64 random(7);
    for (std::size_t i = 0; i < kSpecifications; ++i) {
      const Instant start = kNow + 1min + mplane::Duration(random() % (3600U * 1'000'000U));
      specifications.push_back(
          bench::specifications(capability, now, i, 1)[0].with_when(mplane::When::at(start)));
    }
    for (std::size_t i = 0; i < kOwners; ++i) {
      owners.push_back("org.example.client-" + std::to_string(i));
    }
    for (const std::string& owner : owners) {
      for (const Specification& one : specifications) order.push_back({&owner, &one});
    }
    for (const Asked& asked : order) {
      const Instant start = asked.specification->when().start().instant();
      times.push_back(start.time_since_epoch().count());
    }
    mplane::Service service{capability, [](const auto&, auto, auto) {}};
    service.policy.tolerance = 24h;  // all are worked off at once
    offer = std::make_shared<Offer>(std::move(service));
  }

  std::shared_ptr<Offer> offer;
  std::vector<Specification> specifications;
  std::vector<std::string> owners;
  std::vector<Asked> order;
  std::vector<std::int64_t> times;
};

/// A planner that has been told to plan them all.
class Planned {
 public:
  explicit Planned(const Inputs& inputs) : planner_(clock_, options()) {
    for (const Inputs::Asked& asked : inputs.order) {
      Effects effects;
      planner_.submit(*asked.owner, *asked.specification, inputs.offer, effects);
    }
  }

  /// How many runs it hands out once the time of all has come.
  std::size_t expire() {
    clock_.advance(2h);
    std::size_t runs = 0;
    for (;;) {
      Effects effects;
      if (!planner_.turn(effects)) return runs;
      runs += effects.launches.size();
    }
  }

 private:
  static mplane::SchedulerOptions options() {
    mplane::SchedulerOptions options;
    options.limits.runs = kJobs;
    return options;
  }

  HandClock clock_;
  Planner planner_;
};

double seconds_since(const std::chrono::steady_clock::time_point begin) {
  return Seconds(std::chrono::steady_clock::now() - begin).count();
}

std::vector<double> rate_of_jobs(const Inputs& inputs) {
  const auto begin = std::chrono::steady_clock::now();
  const auto planned = std::make_unique<Planned>(inputs);
  const std::size_t runs = planned->expire();
  const double seconds = seconds_since(begin);
  if (runs != kJobs) throw std::runtime_error("not all jobs came to their time");
  return {kJobs / seconds};
}

std::vector<double> rate_of_heap(const Inputs& inputs) {
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t in_order = yardstick::insert_and_expire(inputs.times);
  const double seconds = seconds_since(begin);
  if (in_order != kJobs) throw std::runtime_error("the heap is out of order");
  return {kJobs / seconds};
}

std::vector<double> bytes_of_jobs(const Inputs& inputs) {
  bench::release_memory();  // what rounds before have left behind would be used again unseen
  const double before = bench::resident_memory({}, true);
  const auto planned = std::make_unique<Planned>(inputs);
  return {(bench::resident_memory({}, true) - before) / kJobs};
}

}  // namespace

int main(int argc, char** argv) {
  using bench::Better;
  bench::Suite suite(argc, argv);
  const Inputs inputs;
  suite.compare(
      "planned-jobs", {{"", "1/s", Better::Higher}}, [&] { return rate_of_jobs(inputs); },
      [&] { return rate_of_heap(inputs); });
  suite.limit("planned-jobs-memory", {{"", "B", Better::Lower}}, {kMostBytes},
              [&] { return bytes_of_jobs(inputs); });
  return suite.finish();
}
