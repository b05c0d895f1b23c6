#pragma once

#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/common/host_target.hpp"
#include "mplane/probes/common/run_host.hpp"
#include "mplane/probes/common/tcp_connect.hpp"

#include <chrono>
#include <optional>

namespace mplane::detail {

/// What the operator sets for tcp.
struct TcpSettings {
  Duration wait = std::chrono::seconds(5);
  NameLookupOptions names = {};
};

/// What one attempt came to. A value but for the connection's socket.
struct TcpReport {
  Instant start;
  ResolvedTarget target;
  std::optional<TcpConnection> connection;
};

/// One attempt to connect: name, policy, handshake. The connection is reset as soon as it stands.
class TcpRun final : public ProbeRun {
 public:
  TcpRun(Engine& engine, HostTarget target, const TcpSettings& settings, TargetCheck check);

  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  void on_name(const NameAnswer& answer);
  void on_connection(TcpConnection connection);

  const HostTarget target_;
  const TcpSettings settings_;
  const TargetCheck check_;
  NameLookup lookup_;
  TcpConnect connect_;
  Finished finished_;
  std::optional<Error> failure_;
  TcpReport report_;
};

/// Puts a report into the columns that a specification asks for. Pure.
Result make_tcp_result(const Specification& specification, const TcpReport& report);

}  // namespace mplane::detail
