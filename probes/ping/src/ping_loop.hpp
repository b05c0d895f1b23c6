#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probes/ping/run.hpp"
#include "ping_run.hpp"
#include "pinger.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <unordered_map>

namespace mplane::detail {

/// The part of a PingRunner that lives on the engine's loop: its sockets, and what runs. Shared, so
/// that a late request to stop finds out that it is gone.
class PingLoop : public std::enable_shared_from_this<PingLoop> {
 public:
  using Outcome = PingRunner::Outcome;
  using Done = PingRunner::Done;

  explicit PingLoop(Engine& engine) : engine_(engine) {}
  PingLoop(const PingLoop&) = delete;
  PingLoop& operator=(const PingLoop&) = delete;

  void start(const PingRequest& request, std::stop_token stop, Done done);

 private:
  using RunId = std::uint64_t;
  using OnStop = std::stop_callback<std::function<void()>>;

  struct Entry {
    std::unique_ptr<PingRun> run;
    Done done;
    std::unique_ptr<OnStop> on_stop;
  };

  Pinger& pinger_from(const Address& source);
  void stop_when_asked(Entry& entry, RunId id, std::stop_token stop);
  void finish(RunId id);

  Engine& engine_;
  std::map<Address, Pinger> pingers_;  // by source; they outlive the runs
  std::unordered_map<RunId, Entry> runs_;
  RunId next_id_ = 0;
};

}  // namespace mplane::detail
