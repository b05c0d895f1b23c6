#include "mplane/probes/stamp/report.hpp"

#include "mplane/probe/delay_statistics.hpp"

#include <algorithm>

namespace mplane {
namespace {

using Delays = std::vector<std::optional<std::chrono::nanoseconds>>;

/// How many of the reflector's sequence numbers up to the greatest heard were not heard.
std::uint64_t gaps_in(std::vector<std::uint32_t> heard) {
  std::sort(heard.begin(), heard.end());
  heard.erase(std::unique(heard.begin(), heard.end()), heard.end());
  return std::uint64_t{heard.back()} + 1 - heard.size();
}

}  // namespace

std::string_view to_string(StampFate fate) noexcept {
  switch (fate) {
    case StampFate::Replied:
      return "replied";
    case StampFate::Implausible:
      return "implausible";
    case StampFate::Lost:
      return "lost";
    case StampFate::Late:
      return "late";
    case StampFate::Unreachable:
      return "unreachable";
    case StampFate::Unsent:
      return "unsent";
  }
  return "";
}

StampLosses losses_of(const StampReport& report) {
  std::vector<std::uint32_t> heard = report.further;
  std::uint64_t lost = 0;
  std::uint64_t lost_since = 0;  // the last packet that was answered
  for (const StampSample& sample : report.samples) {
    if (sample.reflector_sequence) {
      heard.push_back(*sample.reflector_sequence);
      lost += lost_since;
      lost_since = 0;
    } else if (sample.fate == StampFate::Lost) {
      ++lost_since;
    }
  }
  if (heard.empty()) return {.unknown = lost_since};
  const std::uint64_t backward = std::min(gaps_in(std::move(heard)), lost);
  return {.forward = lost - backward, .backward = backward, .unknown = lost_since};
}

DirectionStatistics summarize_direction(const Delays& delays) {
  std::chrono::nanoseconds least = std::chrono::nanoseconds::max();
  for (const auto& delay : delays) least = std::min(least, delay.value_or(least));
  std::vector<std::uint64_t> above;  // what is more than the least one is never below 0
  std::vector<std::optional<std::uint64_t>> in_order;
  for (const auto& delay : delays) {
    in_order.emplace_back();
    if (!delay) continue;
    above.push_back(static_cast<std::uint64_t>((*delay - least).count()));
    in_order.back() = above.back();
  }
  const auto summary = summarize_delays(std::move(above));
  const auto variation = summarize_variation(in_order);
  const auto us = [](std::optional<std::uint64_t> nano) {
    return nano ? std::optional(static_cast<double>(*nano) / 1e3) : std::nullopt;
  };
  const auto delay_us = [&](std::optional<std::uint64_t> nano) -> std::optional<double> {
    if (!nano) return std::nullopt;
    return static_cast<double>(least.count() + static_cast<std::int64_t>(*nano)) / 1e3;
  };
  return {.min = delay_us(summary.min),
          .mean = delay_us(summary.mean),
          .median = delay_us(summary.median),
          .p95 = delay_us(summary.p95),
          .p99 = delay_us(summary.p99),
          .max = delay_us(summary.max),
          .variation_mean = us(variation.inter_packet_mean),
          .variation_max = us(variation.inter_packet_max)};
}

}  // namespace mplane
