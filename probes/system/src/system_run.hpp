#pragma once

#include "mplane/model/error.hpp"
#include "mplane/probes/common/run_host.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane::detail {

/// The cells of one row, by column.
using SystemRow = std::vector<std::pair<std::string_view, Value>>;

/// Reads something of the host, once at the start and at the end of each period; tells what changed
/// in between. Lives on the engine's loop: a reading takes microseconds.
class Sampler {
 public:
  Sampler() = default;
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;
  virtual ~Sampler() = default;

  /// Where a period begins. @throws Error{Failed} when there is nothing to be read.
  virtual void begin() = 0;
  /// What the period that ends now came to; the next one begins.
  virtual std::vector<SystemRow> sample() = 0;
};

std::unique_ptr<Sampler> make_cpu_sampler();
std::unique_ptr<Sampler> make_memory_sampler();
/// Of the interface of that name, or of all.
std::unique_ptr<Sampler> make_interface_sampler(std::string name);
std::unique_ptr<Sampler> make_clock_sampler();

/// So many periods, one behind the other. What can no longer be read ends it.
class SystemRun final : public ProbeRun {
 public:
  SystemRun(Engine& engine, std::unique_ptr<Sampler> sampler, Duration period,
            std::uint32_t periods);

  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  struct Sample {
    Instant time;
    SystemRow row;
  };

  void wait_for_end();
  void end_period();
  void take_sample();

  Engine& engine_;
  const std::unique_ptr<Sampler> sampler_;
  const Duration period_;
  const std::uint32_t periods_;
  Finished finished_;
  std::uint32_t ended_ = 0;
  SteadyTime start_;
  Instant first_;
  Instant last_;
  std::vector<Sample> samples_;
  std::optional<Error> failure_;
  Timer timer_;
};

}  // namespace mplane::detail
