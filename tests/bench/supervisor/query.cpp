// What a supervisor keeps, asked for: one-minute results of a hundred components, of which a query
// wants those of one component and day, against the same SQL stepping the same rows. Two million
// rows are two weeks; with --large there are 52 million, a year, and 25 GB of them. Each query is
// for another component and day. The file lies in the folder for temporary files.

#include "bench.hpp"
#include "kept_query.hpp"
#include "mplane/model/json.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/store/result_store.hpp"
#include "sqlite_scan.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <cstddef>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace {

using mplane::Duration;
using mplane::Instant;
using mplane::Time;

constexpr std::size_t kComponents = 100;
constexpr std::size_t kMinutes = 24 * 60;  // of a day
constexpr mplane::detail::KeptQuery::Limits kLimits{10'000, std::chrono::minutes(10)};

const mplane::Capability& ping() {
  static const auto* const capability =
      new mplane::Capability(mplane::Capability::measure("ping-average-ip4")
                                 .when("now ... future / 1s")
                                 .parameter("source.ip4")
                                 .parameter("destination.ip4")
                                 .result("delay.twoway.icmp.us.min")
                                 .result("delay.twoway.icmp.us.mean")
                                 .result("delay.twoway.icmp.us.max")
                                 .result("delay.twoway.icmp.count")
                                 .build(mplane::Registry::core()));
  return *capability;
}

Instant day(const std::size_t number) {
  return Time::parse("2025-01-01").instant() + std::chrono::hours(24 * number);
}

std::string component(const std::size_t number) {
  return "org.example.component.probe-" + std::to_string(number);
}

mplane::Result result(const std::size_t component, const Instant begin, const unsigned delay) {
  return mplane::Result(ping()
                            .specify("now + 5s / 1s")
                            .set("source.ip4", "192.0.2." + std::to_string(component))
                            .set("destination.ip4", "198.51.100.1")
                            .build())
      .measured(begin, begin + std::chrono::seconds(5))
      .row({{"delay.twoway.icmp.us.min", delay},
            {"delay.twoway.icmp.us.mean", delay + 100},
            {"delay.twoway.icmp.us.max", delay + 500},
            {"delay.twoway.icmp.count", 5}});
}

/// The store, filled once.
class Kept {
 public:
  explicit Kept(const std::size_t days) : days_(days) {
    const mplane::SystemClock clock;
    mplane::ResultStore store(
        {.folder = folder_.path(), .sync = mplane::Sync::Normal, .max_bytes = ~std::uint64_t{0}},
        clock);
    const std::string schema = ping().schema().hash();
    for (std::size_t minute = 0; minute < days * kMinutes; ++minute) {
      const Instant begin = day(0) + std::chrono::minutes(minute);
      for (std::size_t i = 0; i < kComponents; ++i) {
        const auto measured = result(i, begin, static_cast<unsigned>(minute % 5'000));
        store.keep({component(i), "ping-average-ip4", "token-" + std::to_string(minute), begin,
                    begin + std::chrono::seconds(5), mplane::encode(measured), schema},
                   [](const auto&) {});
      }
      if (minute % 200 == 199) wait(store);
    }
    wait(store);
  }

  const std::filesystem::path& folder() const { return folder_.path(); }
  std::string file() const { return folder_.path() / "results.db"; }
  /// Of the component and day of a query.
  std::size_t component_of(const std::size_t number) const { return number * 37 % kComponents; }
  Instant day_of(const std::size_t number) const { return day(number * 5 % (days_ - 1)); }

 private:
  /// Until what was handed over is in the file.
  static void wait(mplane::ResultStore& store) {
    std::promise<bool> kept;
    store.keep({component(0), "ping-average-ip4", "token-0", day(0), day(0), "{}", ""},
               [&](const auto& why) { kept.set_value(!why); });
    if (!kept.get_future().get()) throw std::runtime_error("the store cannot be written");
  }

  const std::size_t days_;
  mplane::test::ScratchFolder folder_;
};

/// As a supervisor answers: a reader for each query, and the message that goes out.
class Queries {
 public:
  explicit Queries(const Kept& kept)
      : kept_(kept), query_("ping-average-ip4", result(0, day(0), 0), {.component = true}) {}

  void ask(const std::size_t number) const {
    const Instant begin = kept_.day_of(number);
    const auto asked =
        query_.capability()
            .specify(mplane::When::between(begin, begin + std::chrono::hours(24) - Duration(1)))
            .set("observer.device", component(kept_.component_of(number)))
            .build();
    mplane::ResultReader reader(kept_.folder());
    const mplane::Result answer = query_.answer(reader, asked, kLimits, {});
    if (answer.row_count() != kMinutes) {
      throw std::runtime_error(std::to_string(answer.row_count()) + " rows");
    }
    bench::keep(mplane::encode(answer));
  }

 private:
  const Kept& kept_;
  const mplane::detail::KeptQuery query_;
};

/// The most memory that was resident since it was reset.
double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  throw std::runtime_error("/proc has no VmHWM");
}

double memory_of(const std::function<void()>& work) {
  bench::release_memory();
  std::ofstream("/proc/self/clear_refs") << "5";
  const double before = peak_memory();
  work();
  return peak_memory() - before;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  const std::size_t days = suite.large() ? 365 : 14;
  std::unique_ptr<Kept> kept;  // made for who wants it
  std::unique_ptr<Queries> queries;
  std::unique_ptr<yardstick::SqliteScan> scan;
  const auto fill = [&] {
    if (kept) return;
    kept = std::make_unique<Kept>(days);
    queries = std::make_unique<Queries>(*kept);
    scan = std::make_unique<yardstick::SqliteScan>(kept->file());
  };
  suite.rate(
      "supervisor-query",
      [&](const std::size_t number) {
        fill();
        queries->ask(number);
      },
      [&](const std::size_t number) {
        fill();
        const std::int64_t begin = kept->day_of(number).time_since_epoch().count();
        bench::keep(scan->scan(component(kept->component_of(number)), begin,
                               begin + Duration(std::chrono::hours(24)).count() - 1));
      });
  std::size_t number = 0;
  suite.limit("supervisor-query-memory", {{"", "B", bench::Better::Lower}}, {10e6}, [&] {
    fill();
    return std::vector<double>{memory_of([&] { queries->ask(++number); })};
  });
  return suite.finish();
}
