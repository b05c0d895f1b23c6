#include "mplane/model/error.hpp"
#include "mplane/probe/kernel_clock.hpp"
#include "mplane/probes/system/readings.hpp"
#include "system_run.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace mplane::detail {
namespace {

constexpr std::string_view kAll = "all";  // no interface has that name for long

std::string text_of(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

template <typename T>
T or_fail(const std::optional<T>& reading, const char* source) {
  if (reading) return *reading;
  throw Error(ErrorKind::Failed, "", std::string(source) + " does not say what is asked for");
}

class CpuSampler final : public Sampler {
 public:
  std::size_t begin() override {
    before_ = read();
    return 1;
  }

  std::vector<SystemRow> sample() override {
    const CpuTimes now = read();
    SystemRow row;
    if (const auto load = cpu_load(before_, now)) {
      row = {{"cpuload", load->busy},
             {"cpuload.user", load->user},
             {"cpuload.system", load->system},
             {"cpuload.waiting", load->waiting},
             {"cpuload.stolen", load->stolen}};
    }
    double minute = 0;
    if (::getloadavg(&minute, 1) == 1) row.emplace_back("cpuload.running", minute);
    before_ = now;
    return {std::move(row)};
  }

 private:
  static CpuTimes read() { return or_fail(read_cpu_times(text_of("/proc/stat")), "/proc/stat"); }
  CpuTimes before_;
};

class MemorySampler final : public Sampler {
 public:
  std::size_t begin() override {
    read();
    return 1;
  }

  std::vector<SystemRow> sample() override {
    const Memory memory = read();
    const double used = 1 - static_cast<double>(memory.available) /
                                static_cast<double>(std::max<std::uint64_t>(memory.total, 1));
    return {{{"memload", used},
             {"octets.memory", memory.total},
             {"octets.memory.available", memory.available},
             {"octets.swap.used", memory.swap_used}}};
  }

 private:
  static Memory read() { return or_fail(read_memory(text_of("/proc/meminfo")), "/proc/meminfo"); }
};

class InterfaceSampler final : public Sampler {
 public:
  explicit InterfaceSampler(std::string name) : name_(std::move(name)) {}

  std::size_t begin() override {
    before_ = read();
    time_ = std::chrono::steady_clock::now();
    if (name_ == kAll) return before_.size();
    if (before_.contains(name_)) return 1;
    throw Error(ErrorKind::Failed, "", "this host has no interface " + name_);
  }

  std::vector<SystemRow> sample() override {
    auto now = read();
    const auto time = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(time - time_).count();
    std::vector<SystemRow> rows;
    for (const auto& [name, counts] : now) {
      const auto before = before_.find(name);
      if ((name_ != kAll && name != name_) || before == before_.end()) continue;
      rows.push_back(row_of(name, before->second, counts, seconds));
    }
    before_ = std::move(now);
    time_ = time;
    return rows;
  }

 private:
  using Counts = std::map<std::string, InterfaceCounts, std::less<>>;

  // Of the network that the thread is in.
  static Counts read() { return read_interfaces(text_of("/proc/thread-self/net/dev")); }

  static SystemRow row_of(const std::string& name, const InterfaceCounts& before,
                          const InterfaceCounts& now, double seconds) {
    const auto rate = [&](std::uint64_t bytes) {
      return static_cast<std::uint64_t>(static_cast<double>(bytes) * 8 / seconds);
    };
    return {{"observer.interface", name},
            {"interface.received.bps", rate(growth(before.received_bytes, now.received_bytes))},
            {"interface.sent.bps", rate(growth(before.sent_bytes, now.sent_bytes))},
            {"interface.received.packets", growth(before.received_packets, now.received_packets)},
            {"interface.sent.packets", growth(before.sent_packets, now.sent_packets)},
            {"interface.errors", growth(before.errors, now.errors)},
            {"interface.dropped", growth(before.dropped, now.dropped)}};
  }

  const std::string name_;
  Counts before_;
  SteadyTime time_;
};

class ClockSampler final : public Sampler {
 public:
  std::size_t begin() override {
    read();
    return 1;
  }

  std::vector<SystemRow> sample() override {
    const KernelClock clock = read();
    return {{{"clock.synchronized", clock.synchronised},
             {"clock.offset.us", static_cast<double>(clock.offset.count())},
             {"clock.error.us", static_cast<std::uint64_t>(clock.bound.count())},
             {"clock.error.estimated.us", static_cast<std::uint64_t>(clock.estimate.count())}}};
  }

 private:
  static KernelClock read() { return or_fail(kernel_clock(), "adjtimex"); }
};

}  // namespace

std::unique_ptr<Sampler> make_cpu_sampler() { return std::make_unique<CpuSampler>(); }
std::unique_ptr<Sampler> make_memory_sampler() { return std::make_unique<MemorySampler>(); }
std::unique_ptr<Sampler> make_interface_sampler(std::string name) {
  return std::make_unique<InterfaceSampler>(std::move(name));
}
std::unique_ptr<Sampler> make_clock_sampler() { return std::make_unique<ClockSampler>(); }

}  // namespace mplane::detail
