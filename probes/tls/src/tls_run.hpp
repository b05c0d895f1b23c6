#pragma once

#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/common/host_target.hpp"
#include "mplane/probes/common/run_host.hpp"
#include "mplane/probes/common/tcp_connect.hpp"
#include "tls_session.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace mplane::detail {

/// What the operator sets for tls.
struct TlsSettings {
  Duration wait = std::chrono::seconds(5);
  NameLookupOptions names = {};
  std::string ca_file = {};
};

/// What one handshake came to. A value.
struct TlsReport {
  Instant start;
  ResolvedTarget target;
  std::optional<ConnectOutcome> connection = {};
  int error = 0;  ///< errno of a connection that could not even be tried
  std::chrono::nanoseconds connecting{0};
  std::optional<std::chrono::nanoseconds> handshake = {};  ///< of one that was established
  std::optional<TlsFacts> facts = {};
  std::string outcome = "interrupted";
  std::string problem = {};  ///< why there is no session, in words
};

/// One handshake: name, policy, TCP, TLS.
class TlsRun final : public ProbeRun {
 public:
  /// The client is kept.
  TlsRun(Engine& engine, HostTarget target, const TlsSettings& settings, TargetCheck check,
         std::shared_ptr<const TlsClient> client);

  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  void on_name(const NameAnswer& answer);
  void on_connection(TcpConnection connection);
  void advance();
  void finish(std::string outcome, std::string problem = {});

  Engine& engine_;
  const HostTarget target_;
  const TlsSettings settings_;
  const TargetCheck check_;
  const std::shared_ptr<const TlsClient> client_;
  NameLookup lookup_;
  TcpConnect connect_;
  Finished finished_;
  std::optional<Error> failure_;
  TlsReport report_;
  FileDescriptor socket_;
  std::unique_ptr<TlsSession> session_;
  SteadyTime hello_;
  std::optional<SteadyTime> heard_;  // the server, at last
  Watch watch_;
  Timer deadline_;
};

/// Puts a report into the columns that a specification asks for. Pure.
Result make_tls_result(const Specification& specification, const TlsReport& report);

}  // namespace mplane::detail
