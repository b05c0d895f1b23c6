#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

// What the kernel says of itself in /proc, as pure functions: text in, meaning out.

namespace mplane {

/// Time of all processors together since the host started, in ticks (proc(5), /proc/stat).
struct CpuTimes {
  std::uint64_t user = 0;    ///< of programs, niced ones included
  std::uint64_t system = 0;  ///< of the kernel, interrupts included
  std::uint64_t idle = 0;
  std::uint64_t waiting = 0;  ///< idle, for a disk
  std::uint64_t stolen = 0;   ///< by the hypervisor
};
/// Nothing if the text has no line "cpu".
std::optional<CpuTimes> read_cpu_times(std::string_view stat);

/// For whom processors worked between two readings, as parts of their time. A value.
struct CpuLoad {
  double busy = 0;  ///< neither idle nor waiting: the sum of user, system and stolen
  double user = 0;
  double system = 0;
  double waiting = 0;
  double stolen = 0;
};
/// Of what has grown: some kernels let a counter shrink, `waiting` above all (proc(5)). Nothing if
/// none has grown.
std::optional<CpuLoad> cpu_load(const CpuTimes& before, const CpuTimes& after) noexcept;

/// By how much a counter has grown; 0 of one that began anew.
constexpr std::uint64_t growth(const std::uint64_t before, const std::uint64_t after) noexcept {
  return after > before ? after - before : 0;
}

/// In bytes (proc(5), /proc/meminfo).
struct Memory {
  std::uint64_t total = 0;
  std::uint64_t available = 0;
  std::uint64_t swap_used = 0;
};
/// Nothing if the text lacks one of them.
std::optional<Memory> read_memory(std::string_view meminfo);

/// Counters of an interface since it is there (proc(5), /proc/net/dev).
struct InterfaceCounts {
  std::uint64_t received_bytes = 0;
  std::uint64_t received_packets = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t sent_packets = 0;
  std::uint64_t errors = 0;   ///< both ways
  std::uint64_t dropped = 0;  ///< both ways
};
/// By name; lines that cannot be read are left out.
std::map<std::string, InterfaceCounts, std::less<>> read_interfaces(std::string_view dev);

}  // namespace mplane
