#include "mplane/probes/common/conditions.hpp"

#include "mplane/probe/kernel_clock.hpp"

#include <cstdlib>
#include <string>
#include <unistd.h>

namespace mplane {
namespace {

std::optional<double> load_of_each_processor() noexcept {
  double minute = 0;
  const long processors = ::sysconf(_SC_NPROCESSORS_ONLN);
  if (::getloadavg(&minute, 1) != 1 || processors < 1) return std::nullopt;
  return minute / static_cast<double>(processors);
}

}  // namespace

Conditions Conditions::now(std::size_t runs_beside) {
  Conditions conditions{.runs_beside = runs_beside};
  if (const auto clock = kernel_clock()) {
    conditions.clock_synchronized = clock->synchronised;
    conditions.clock_error_us = static_cast<std::uint64_t>(clock->bound.count());
    conditions.clock_error_estimated_us = static_cast<std::uint64_t>(clock->estimate.count());
  }
  conditions.load = load_of_each_processor();
  return conditions;
}

void annotate(Result& result, const Conditions& conditions) {
  annotate(result, "clock.synchronized", conditions.clock_synchronized);
  annotate(result, "clock.error.us", conditions.clock_error_us);
  annotate(result, "clock.error.estimated.us", conditions.clock_error_estimated_us);
  annotate(result, "runs.beside", conditions.runs_beside);
  // The core registry has the element, and programs that know no other do not expect it here.
  if (result.registry().find("runs.beside") != nullptr) {
    annotate(result, "cpuload", conditions.load);
  }
}

void annotate(Result& result, std::string_view element, const Value& value) {
  if (!value.has_value() || result.registry().find(element) == nullptr) return;
  result.with_metadata(std::string(element), value);
}

std::string_view stamps_text(const std::array<std::uint32_t, 3>& stamps) noexcept {
  constexpr std::array<std::string_view, 3> kNames{"kernel", "kernel-receive", "user"};
  std::string_view text;
  for (std::size_t n = 0; n < stamps.size(); ++n) {
    if (stamps[n] == 0) continue;
    if (!text.empty()) return "mixed";
    text = kNames[n];
  }
  return text;
}

}  // namespace mplane
