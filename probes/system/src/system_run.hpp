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

  /// Where a period begins. @return the rows of one, as things are.
  /// @throws Error{Failed} when there is nothing to be read.
  virtual std::size_t begin() = 0;
  /// What the period that ends now came to; the next one begins. No row for what is not there.
  /// @throws Error{Failed} when nothing can be read any more.
  virtual std::vector<SystemRow> sample() = 0;
};

std::unique_ptr<Sampler> make_cpu_sampler();
std::unique_ptr<Sampler> make_memory_sampler();
/// Of the interface of that name, or of all.
std::unique_ptr<Sampler> make_interface_sampler(std::string name);
std::unique_ptr<Sampler> make_clock_sampler();

/// What a specification asks for. A value.
struct SystemTask {
  Duration period{};
  std::optional<std::uint64_t> periods = {};  ///< nothing: until it is stopped
  std::size_t most_rows = 100'000;            ///< of the result, which has to fit into memory
};

/// Periods, one behind the other, until they are over, nothing can be read any more, or the result
/// is full: then it says why it ended before its time.
class SystemRun final : public ProbeRun {
 public:
  SystemRun(Engine& engine, std::unique_ptr<Sampler> sampler, const SystemTask& task);

  /// @throws Error{Invalid} also for a scope that needs more rows than a result may have.
  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  struct Sample {
    Instant time;
    SystemRow row;
  };

  static Value cell_of(const Sample& sample, std::string_view column);

  void await_end();
  void end_period();
  void take_sample();
  std::string problem() const;

  Engine& engine_;
  const std::unique_ptr<Sampler> sampler_;
  const SystemTask task_;
  Finished finished_;
  std::uint64_t ended_ = 0;
  std::uint64_t empty_ = 0;  ///< of those that have ended
  SteadyTime next_;          ///< where a period ends
  Instant first_;
  Instant last_;
  std::vector<Sample> samples_;
  bool full_ = false;
  std::optional<Error> failure_;
  Timer timer_;
};

}  // namespace mplane::detail
