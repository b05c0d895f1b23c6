#pragma once

#include "load_source.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probe/socket_address.hpp"
#include "mplane/probes/common/run_host.hpp"
#include "mplane/probes/common/tcp_connect.hpp"
#include "mplane/probes/throughput/wire.hpp"
#include "settings.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mplane::detail {

/// What a specification asks for. A value.
struct LoadTask {
  Endpoint receiver;
  LoadKind kind = LoadKind::Tcp;
  std::uint64_t rate = 0;  ///< bits per second, at most
  Duration time{};         ///< from the start of the run
};

/// What sending came to. A value.
struct LoadOutcome {
  Instant start;
  std::string outcome = "interrupted";
  int error = 0;  ///< errno of what could not even be tried
  std::optional<std::chrono::nanoseconds> connecting = {};
  LoadSent sent = {};
  std::optional<LoadReport> report = {};
};

/// Sends load to a receiver: connects, asks, sends while its time lasts, hears what has arrived.
class LoadRun final : public ProbeRun {
 public:
  LoadRun(Engine& engine, const LoadTask& task, const LoadSettings& settings);

  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  void on_connection(TcpConnection connection);
  void listen(std::size_t bytes, void (LoadRun::*then)(Bytes));
  void hear();
  void on_grant(Bytes bytes);
  void end_load();
  Duration quiet() const;
  void await_report(SteadyTime at_most);
  void on_report(Bytes bytes);
  void finish(std::string outcome);

  Engine& engine_;
  const LoadTask task_;
  const LoadSettings settings_;
  Finished finished_;
  SteadyTime begin_;
  LoadOutcome outcome_;
  std::optional<Error> failure_;
  TcpConnect connect_;
  FileDescriptor control_;
  Watch watch_;
  Timer deadline_;
  std::array<std::uint8_t, LoadReport::kSize> heard_{};
  std::size_t heard_bytes_ = 0;
  std::size_t wanted_bytes_ = 0;
  void (LoadRun::*then_)(Bytes) = nullptr;
  std::unique_ptr<LoadSource> source_;
};

/// Puts an outcome into the columns that a specification asks for. Pure.
Result make_load_result(const Specification& specification, const LoadOutcome& outcome);

}  // namespace mplane::detail
