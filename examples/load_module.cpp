// A module: makes services from what an operator wrote. It is the same whether a program lists it
// in its table (own_mpcom.cpp) or loads it from a shared object (load_plugin.cpp).

#include "load_module.hpp"

#include <array>
#include <cstdlib>
#include <stop_token>
#include <string_view>
#include <utility>

#include <mplane/model/error.hpp>
#include <mplane/scheduler/clock.hpp>

namespace example {
namespace {

constexpr std::array<std::string_view, 3> kMinutes = {"1", "5", "15"};

/// Which of the kernel's three averages is meant.
std::size_t average_of(const Settings& settings) {
  std::size_t average = 0;
  for (const auto& [name, text] : settings) {
    if (name != "minutes") {
      throw mplane::Error(mplane::ErrorKind::Configuration, name, "load has no such setting");
    }
    while (average < kMinutes.size() && kMinutes[average] != text) ++average;
    if (average == kMinutes.size()) {
      throw mplane::Error(mplane::ErrorKind::Configuration, name, "it can be 1, 5 or 15");
    }
  }
  return average;
}

mplane::Result measure(const mplane::Specification& specification, const std::size_t average) {
  std::array<double, kMinutes.size()> loads{};
  if (::getloadavg(loads.data(), static_cast<int>(loads.size())) != 3) {
    throw mplane::Error(mplane::ErrorKind::Failed, "", "the kernel does not tell its load");
  }
  const auto now = mplane::SystemClock().now();
  return mplane::Result(specification).measured(now, now).row({{"cpuload", loads[average]}});
}

}  // namespace

std::vector<mplane::Service> make_load(const mplane::Registry& registry, const Settings& settings) {
  const std::size_t average = average_of(settings);
  const std::string minutes(kMinutes[average]);
  auto capability = mplane::Capability::measure("load-" + minutes)
                        .when("now")
                        .parameter("duration.s", std::to_string(60 * std::stoi(minutes)))
                        .result("cpuload")
                        .build(registry);
  const auto run = [average](const mplane::Specification& specification, std::stop_token) {
    return measure(specification, average);
  };
  return {{std::move(capability), mplane::Run(run)}};
}

}  // namespace example
