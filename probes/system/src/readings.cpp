#include "mplane/probes/system/readings.hpp"

#include <array>
#include <charconv>
#include <vector>

namespace mplane {
namespace {

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// The numbers that a line holds behind its name, up to the first word that is none.
std::vector<std::uint64_t> numbers_in(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  for (;;) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return numbers;
    text.remove_prefix(first);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return numbers;
    numbers.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
}

}  // namespace

std::optional<CpuTimes> read_cpu_times(std::string_view stat) {
  while (!stat.empty()) {
    const std::string_view line = take_line(stat);
    if (!line.starts_with("cpu ")) continue;
    // user nice system idle iowait irq softirq steal (guests are in user)
    auto ticks = numbers_in(line.substr(4));
    if (ticks.size() < 4) return std::nullopt;
    ticks.resize(8);
    return CpuTimes{.user = ticks[0] + ticks[1],
                    .system = ticks[2] + ticks[5] + ticks[6],
                    .idle = ticks[3],
                    .waiting = ticks[4],
                    .stolen = ticks[7]};
  }
  return std::nullopt;
}

std::optional<CpuLoad> cpu_load(const CpuTimes& before, const CpuTimes& after) noexcept {
  const auto grown = [&](std::uint64_t CpuTimes::*part) {
    return static_cast<double>(growth(before.*part, after.*part));
  };
  const double user = grown(&CpuTimes::user);
  const double system = grown(&CpuTimes::system);
  const double waiting = grown(&CpuTimes::waiting);
  const double stolen = grown(&CpuTimes::stolen);
  const double all = user + system + grown(&CpuTimes::idle) + waiting + stolen;
  if (all <= 0) return std::nullopt;
  return CpuLoad{.busy = (user + system + stolen) / all,
                 .user = user / all,
                 .system = system / all,
                 .waiting = waiting / all,
                 .stolen = stolen / all};
}

std::optional<Memory> read_memory(std::string_view meminfo) {
  constexpr std::uint64_t kKibi = 1'024;
  constexpr std::array<std::string_view, 4> kNames{
      "MemTotal:", "MemAvailable:", "SwapTotal:", "SwapFree:"};
  std::array<std::optional<std::uint64_t>, 4> found{};
  while (!meminfo.empty()) {
    const std::string_view line = take_line(meminfo);
    for (std::size_t n = 0; n < kNames.size(); ++n) {
      if (!line.starts_with(kNames[n])) continue;
      const auto numbers = numbers_in(line.substr(kNames[n].size()));
      if (!numbers.empty()) found[n] = numbers.front() * kKibi;
    }
  }
  if (!found[0] || !found[1] || !found[2] || !found[3] || *found[3] > *found[2]) {
    return std::nullopt;
  }
  return Memory{.total = *found[0], .available = *found[1], .swap_used = *found[2] - *found[3]};
}

std::map<std::string, InterfaceCounts, std::less<>> read_interfaces(std::string_view dev) {
  std::map<std::string, InterfaceCounts, std::less<>> interfaces;
  while (!dev.empty()) {
    const std::string_view line = take_line(dev);
    const auto colon = line.find(':');
    const auto first = line.find_first_not_of(' ');
    if (colon == std::string_view::npos || first == colon) continue;
    // Received: bytes packets errs drop fifo frame compressed multicast; sent: the same up to drop.
    const auto counts = numbers_in(line.substr(colon + 1));
    if (counts.size() < 12) continue;
    interfaces.insert_or_assign(std::string(line.substr(first, colon - first)),
                                InterfaceCounts{.received_bytes = counts[0],
                                                .received_packets = counts[1],
                                                .sent_bytes = counts[8],
                                                .sent_packets = counts[9],
                                                .errors = counts[2] + counts[10],
                                                .dropped = counts[3] + counts[11]});
  }
  return interfaces;
}

}  // namespace mplane
