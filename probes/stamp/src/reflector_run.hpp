#pragma once

#include "mplane/probes/common/run_host.hpp"
#include "reflector.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace mplane::detail {

/// The requests of a session, by their sequence numbers. Within the last 64 numbers doubled ones
/// are told from late ones; older ones count as late. A value.
class SequenceCount {
 public:
  void add(std::uint32_t sequence) noexcept;

  std::uint64_t received() const noexcept { return received_; }
  std::uint64_t duplicates() const noexcept { return duplicates_; }
  std::uint64_t reordered() const noexcept { return reordered_; }
  /// Numbers between the first heard and the greatest that never came.
  std::uint64_t missing() const noexcept;

 private:
  std::uint64_t received_ = 0;  // duplicates included
  std::uint64_t duplicates_ = 0;
  std::uint64_t reordered_ = 0;
  std::uint32_t least_ = 0;
  std::uint32_t greatest_ = 0;
  std::uint64_t seen_ = 0;  // bit n: greatest_ - n came
};

/// What a run of the reflector saw.
struct ReflectorReport {
  struct Session {
    StampSession of;
    Instant first;
    SequenceCount requests = {};
    std::uint64_t replies = 0;
  };

  Instant start;
  Instant end;
  std::vector<Session> sessions = {};        ///< as they began
  std::array<std::uint32_t, 3> stamps = {};  ///< of requests, by DelayStamps
  std::uint64_t stray = 0;                   ///< packets that were no requests, or not authentic
  std::uint64_t refused = 0;                 ///< requests that were not replied to
  std::uint64_t omitted = 0;                 ///< requests of sessions that there was no row for
  int send_error = 0;                        ///< errno of the first reply that did not leave
};

/// Listens for the scope of a specification, beside others at the same port.
class ReflectorRun final : public ProbeRun, private ReflectorEvents {
 public:
  /// @param time how long; without one, until it is stopped.
  ReflectorRun(Engine& engine, std::shared_ptr<Reflectors> reflectors, IpFamily family,
               std::optional<Duration> time, std::size_t most_sessions);
  ~ReflectorRun() override;
  ReflectorRun(const ReflectorRun&) = delete;
  ReflectorRun& operator=(const ReflectorRun&) = delete;

  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  void on_request(const Request& request) override;
  void on_stray() override { ++report_.stray; }
  void on_refused() override { ++report_.refused; }

  Engine& engine_;
  const std::shared_ptr<Reflectors> reflectors_;
  const IpFamily family_;
  const std::optional<Duration> time_;
  const std::size_t most_sessions_;
  std::shared_ptr<Reflector> reflector_;
  ReflectorReport report_;
  std::map<StampSession, std::size_t> latest_;  // where among the report's each is
  Finished finished_;
  Timer end_;
};

/// A row for each session, in the columns that a specification asks for. Pure.
Result make_reflector_result(const Specification& specification, const ReflectorReport& report);

}  // namespace mplane::detail
