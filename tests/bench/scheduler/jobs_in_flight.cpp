// Ten thousand asynchronous jobs in flight, against one sleeping thread for each. A job's memory is
// all that it adds to the process: its specification as it came, what the scheduler has of it, and
// what a service has to keep to end it. A thread's memory is not only its own: the kernel keeps a
// stack and a table of pages for each, which counts here on both sides.

#include "bench.hpp"
#include "jobs.hpp"
#include "mplane/scheduler.hpp"
#include "sleeping_threads.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t kJobs = 10'000;
constexpr double kThreadsBesideCores = 4;

/// A service that has begun what it was asked for, and would end it later.
class Begun {
 public:
  mplane::AsyncRun service() {
    return [this](const mplane::Specification& /*asked*/, std::stop_token stop,
                  mplane::Completion done) {
      const std::lock_guard lock(mutex_);
      runs_.push_back({std::move(stop), std::move(done)});
    };
  }

 private:
  struct BegunRun {
    std::stop_token stop;
    mplane::Completion done;
  };

  std::mutex mutex_;
  std::vector<BegunRun> runs_;
};

/// A scheduler with that many jobs in flight.
class JobsInFlight {
 public:
  explicit JobsInFlight(const mplane::Capability& capability) : scheduler_(clock_, {}, {}) {
    scheduler_.offer({capability, begun_.service()});
    const auto when = mplane::When::parse("now + 1h");
    for (std::size_t i = 0; i < kJobs; ++i) {
      scheduler_.submit("org.example.client", bench::specifications(capability, when, i, 1)[0]);
    }
    if (scheduler_.books().running != kJobs) throw std::runtime_error("not all jobs run");
  }

 private:
  mplane::SystemClock clock_;
  Begun begun_;
  mplane::Scheduler scheduler_;
};

/// A field of a file in /proc, in bytes.
double field(const char* file, const std::string& name) {
  std::ifstream in(file);
  double kibibytes = 0;
  for (std::string word; in >> word;) {
    if (word == name && in >> kibibytes) return kibibytes * 1024;
  }
  throw std::runtime_error(std::string(file) + " has no " + name);
}

/// The pages of this process, their tables, and the kernel's stacks (of the whole machine; but only
/// threads that come or go change them).
double memory() {
  return bench::resident_memory({}, true) + field("/proc/self/status", "VmPTE:") +
         field("/proc/meminfo", "KernelStack:");
}

/// What making it adds to the memory of this process, a job.
template <typename Make>
double bytes_of(const Make& make) {
  bench::release_memory();  // what rounds before have left behind would be used again unseen
  const double before = memory();
  const auto made = make();
  return (memory() - before) / kJobs;
}

double threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<double>(std::distance(begin(tasks), end(tasks)));
}

}  // namespace

int main(int argc, char** argv) {
  using bench::Better;
  bench::Suite suite(argc, argv);
  const auto capability = bench::counting_capability();
  const auto in_flight = [&] { return std::make_unique<JobsInFlight>(capability); };
  const auto asleep = [] { return std::make_unique<yardstick::SleepingThreads>(kJobs); };
  suite.compare(
      "jobs-in-flight", {{"", "B", Better::Lower}},
      [&]() -> std::vector<double> { return {bytes_of(in_flight)}; },
      [&]() -> std::vector<double> { return {bytes_of(asleep)}; });
  suite.limit("jobs-in-flight-threads", {{"", "threads", Better::Lower}},
              {std::thread::hardware_concurrency() + kThreadsBesideCores},
              [&]() -> std::vector<double> {
                const auto held = in_flight();
                return {threads()};
              });
  return suite.finish();
}
