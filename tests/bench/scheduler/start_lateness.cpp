// How late measurements start when a thousand a second do, against a thread that sleeps to instants
// of the same rate: true start minus planned start, as the service sees it. Both sides take a
// second, one after the other, each from the next full millisecond on.

#include "bench.hpp"
#include "clock_sleep.hpp"
#include "jobs.hpp"
#include "mplane/scheduler.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <future>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::nanoseconds;
using std::chrono::system_clock;

constexpr std::size_t kStarts = 1000;
constexpr auto kApart = 1ms;

/// A thousand instants that begin soon.
std::vector<mplane::Instant> instants() {
  const auto soon = std::chrono::ceil<std::chrono::milliseconds>(system_clock::now() + 100ms);
  std::vector<mplane::Instant> made;
  for (std::size_t i = 0; i < kStarts; ++i) made.emplace_back(soon + i * kApart);
  return made;
}

std::vector<double> figures(const std::vector<nanoseconds>& late) {
  std::vector<double> micros;
  for (const nanoseconds one : late) {
    micros.push_back(std::chrono::duration<double, std::micro>(one).count());
  }
  return {bench::percentile(micros, 50), bench::percentile(micros, 99)};
}

/// A service that notes when it was called, and tells when it was called for the last time. Its
/// runs begin on the one thread that waits for their time.
class Notes {
 public:
  Notes() { late_.reserve(kStarts); }

  mplane::AsyncRun service() {
    return [this](const mplane::Specification& asked, auto, mplane::Completion done) {
      late_.push_back(system_clock::now() - asked.when().start().instant());
      done(mplane::Result(asked).row({{"delay.twoway.icmp.count", 1}}));
      if (late_.size() == kStarts) all_.set_value();
    };
  }
  const std::vector<nanoseconds>& wait() {
    if (all_.get_future().wait_for(10s) != std::future_status::ready) {
      throw std::runtime_error("not all were started");
    }
    return late_;
  }

 private:
  std::vector<nanoseconds> late_;
  std::promise<void> all_;
};

std::vector<double> lateness_of_starts(const mplane::Capability& capability, std::size_t& first) {
  Notes notes;
  const mplane::SystemClock clock;
  mplane::Scheduler scheduler(clock, {}, {});
  scheduler.offer({capability, notes.service()});
  auto asked = bench::specifications(capability, mplane::When::parse("now"),
                                     std::exchange(first, first + kStarts), kStarts);
  const auto starts = instants();
  for (std::size_t i = 0; i < kStarts; ++i) {
    scheduler.submit("org.example.client", asked[i].with_when(mplane::When::at(starts[i])));
  }
  return figures(notes.wait());
}

std::vector<double> lateness_of_sleep() {
  const auto starts = instants();
  return figures(yardstick::sleep_lateness({starts.begin(), starts.end()}));
}

}  // namespace

int main(int argc, char** argv) {
  using bench::Better;
  bench::Suite suite(argc, argv);
  const auto capability = bench::counting_capability();
  std::size_t first = 0;
  suite.compare(
      "start-lateness", {{"-median", "us", Better::Lower}, {"-p99", "us", Better::Lower}},
      [&] { return lateness_of_starts(capability, first); }, lateness_of_sleep);
  return suite.finish();
}
