#include "plan.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <thread>

namespace mplane {
namespace {

constexpr std::size_t kOwnDescriptors = 64;  // of a worker itself
constexpr std::size_t kMostWorkers = 256;
constexpr std::size_t kWorthAWorker = 1'000;  // components

std::size_t up(const std::size_t amount, const std::size_t each) {
  return (amount + each - 1) / each;
}

std::size_t take_descriptors() {
  constexpr rlim_t kWanted = kWorkerConnections + kOwnDescriptors;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlimit all{kWanted, std::max(kWanted, limit.rlim_max)};
  const rlimit allowed{std::min(kWanted, limit.rlim_max), limit.rlim_max};
  if (limit.rlim_cur >= kWanted || ::setrlimit(RLIMIT_NOFILE, &all) == 0 ||
      ::setrlimit(RLIMIT_NOFILE, &allowed) == 0) {
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur;
}

std::size_t count_ports() {
  constexpr std::size_t kUsual = 28'232;
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  std::size_t first = 0;
  std::size_t last = 0;
  return file >> first >> last && first <= last ? last - first + 1 : kUsual;
}

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::Configuration, "--components", why);
}

}  // namespace

MachineLimits take_limits() {
  return {take_descriptors(), count_ports(), std::max(1U, std::thread::hardware_concurrency())};
}

std::vector<WorkerShare> divide(const std::size_t components, const std::size_t sources,
                                const MachineLimits& limits) {
  const std::size_t addresses = std::max<std::size_t>(sources, 1);
  if (addresses * limits.ports < components * kConnectionsEach) {
    refuse(std::to_string(components) + " components take up to " +
           std::to_string(components * kConnectionsEach) + " ports, but " +
           std::to_string(addresses) + " source addresses have " + std::to_string(limits.ports) +
           " each (net.ipv4.ip_local_port_range); a larger --from has more");
  }
  const std::size_t usable = std::min(
      kWorkerConnections, limits.descriptors - std::min(limits.descriptors, kOwnDescriptors));
  const std::size_t each = usable / kConnectionsEach;
  if (each == 0 || up(components, each) > kMostWorkers) {
    refuse(std::to_string(kMostWorkers) + " workers of " + std::to_string(limits.descriptors) +
           " descriptors each (RLIMIT_NOFILE) play " + std::to_string(each * kMostWorkers) +
           " components at most");
  }
  const std::size_t workers =
      std::max(up(components, each), std::min(limits.cores, up(components, kWorthAWorker)));
  std::vector<WorkerShare> shares;
  for (std::size_t first = 0, n = 0; n < workers; ++n) {
    const std::size_t count = (components - first) / (workers - n);
    shares.push_back({first, count});
    first += count;
  }
  return shares;
}

}  // namespace mplane
