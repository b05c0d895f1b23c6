// Runs over a sampler that the test makes, in periods of a millisecond.
#include "system_run.hpp"

#include "mplane/probes/common/offer.hpp"
#include "mplane/probes/system.hpp"
#include "probes/service_rig.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using detail::Sampler;
using detail::SystemRow;
using detail::SystemTask;
using namespace std::chrono_literals;

namespace {

/// Has so many rows in the n-th period, counted from 1, as a function says.
class Scripted final : public Sampler {
 public:
  using Rows = std::function<std::size_t(std::uint64_t period)>;
  explicit Scripted(Rows rows) : rows_(std::move(rows)) {}

  std::size_t begin() override { return 1; }
  std::vector<SystemRow> sample() override {
    ++period_;
    return std::vector<SystemRow>(rows_(period_), SystemRow{{"octets.memory", period_}});
  }

 private:
  const Rows rows_;
  std::uint64_t period_ = 0;
};

/// The service system-memory over such a sampler.
ServiceRig::Make scripted(const SystemTask& task, const Scripted::Rows& rows) {
  return [=](Engine& engine) {
    auto services = make_system(probes_elements(), {}, {.engine = engine});
    const auto prepare = [=](const Specification&) -> RunHost::Make {
      return [=](Engine& loop) {
        return std::make_unique<detail::SystemRun>(loop, std::make_unique<Scripted>(rows), task);
      };
    };
    for (Service& service : services) {
      if (service.capability.label() != "system-memory") continue;
      service = make_service(service.capability, std::make_shared<RunHost>(engine), prepare, 1s);
    }
    return services;
  };
}

std::string problem(const Result& result) {
  const Value* const found = result.find_metadata("sampling.problem");
  return found == nullptr ? "" : found->get<std::string>();
}

}  // namespace

TEST_CASE("a run that is asked to stop has the periods that have ended", "[system]") {
  Event third;
  ServiceRig rig(scripted({.period = 1ms}, [&](std::uint64_t period) {
    if (period == 3) third.happen();
    return std::size_t{1};
  }));
  std::stop_source stop;
  auto later = rig.start("system-memory", "now ... future / 1s", {}, stop.get_token());
  REQUIRE(third.happened());
  stop.request_stop();
  const auto result = std::get<Result>(later.get());
  CHECK(result.row_count() >= 3);
  CHECK(result.rows()[2].get<std::uint64_t>("octets.memory") == 3);
  CHECK(problem(result).empty());
}

TEST_CASE("what can no longer be read ends a run, which says so", "[system]") {
  const auto failing_in = [](std::uint64_t last) {
    return scripted({.period = 1ms, .periods = 9}, [last](std::uint64_t period) -> std::size_t {
      if (period == last) throw Error(ErrorKind::Failed, "", "/proc is gone");
      return 1;
    });
  };
  ServiceRig third(failing_in(3));
  const Result result = third.result("system-memory", {}, "now + 9s / 1s");
  CHECK(result.row_count() == 2);
  CHECK(problem(result) == "ended early: /proc is gone");
  ServiceRig first(failing_in(1));
  CHECK(first.exception("system-memory", {}, "now + 9s / 1s") == "/proc is gone");
}

TEST_CASE("a result that is full ends a run, which says so", "[system]") {
  // Twice as many rows from the third period on as there were to be.
  ServiceRig rig(scripted({.period = 1ms, .periods = 8, .most_rows = 8},
                          [](std::uint64_t period) { return period < 3 ? 1 : 2; }));
  const Result result = rig.result("system-memory", {}, "now + 8s / 1s");
  CHECK(result.row_count() == 8);
  CHECK(problem(result) == "ended early: the result holds no more rows");
  ServiceRig open(scripted({.period = 1ms, .most_rows = 5}, [](std::uint64_t) { return 1; }));
  CHECK(open.result("system-memory", {}, "now ... future / 1s").row_count() == 5);
}

TEST_CASE("periods without a row are counted", "[system]") {
  ServiceRig rig(scripted({.period = 1ms, .periods = 5},
                          [](std::uint64_t period) { return period == 2 ? 0 : 1; }));
  const Result result = rig.result("system-memory", {}, "now + 5s / 1s");
  CHECK(result.row_count() == 4);
  CHECK(problem(result) == "1 of 5 periods have no row: what was asked for was not there");
}
