#pragma once

#include "mplane/probe/datagram_socket.hpp"
#include "mplane/probe/round_trip.hpp"
#include "mplane/probes/common/run_host.hpp"
#include "mplane/probes/common/tcp_connect.hpp"
#include "mplane/probes/dns/message.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace mplane::detail {

/// One question to be asked. A value.
struct DnsRequest {
  Endpoint server;
  DnsQuestion question;
  bool tcp = false;
  std::chrono::nanoseconds wait = std::chrono::seconds(5);
};

/// What one question came to. A value.
struct DnsReport {
  Instant start;
  Address server;
  /// Or "answered", "broken", or in the words of ConnectOutcome.
  std::string_view outcome = "interrupted";
  int error = 0;                          ///< errno of what could not be sent
  std::optional<IcmpNotice> notice = {};  ///< the ICMP error that ended it
  std::optional<RoundTrip> trip = {};
  std::optional<std::chrono::nanoseconds> connecting = {};  ///< of it, making the connection
  std::optional<DnsAnswer> answer = {};
  std::size_t bytes = 0;            ///< of the answer
  std::uint32_t stray_replies = 0;  ///< that were no answers to the question
};

/// One query: by UDP from a port of its own, or by TCP.
class DnsRun final : public ProbeRun {
 public:
  DnsRun(Engine& engine, DnsRequest request);

  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  void ask_by_udp();
  void on_udp();
  void on_datagram(const DatagramArrival& arrival);
  void on_notice(const IcmpNotice& notice);
  void on_connection(TcpConnection connection);
  void on_tcp(Readiness ready);
  bool write_some();
  bool read_some();
  void take_stream();
  void finish(std::string_view outcome);

  Engine& engine_;
  const DnsRequest request_;
  const std::uint16_t id_;
  std::vector<std::uint8_t> query_;
  Finished finished_;
  DnsReport report_;
  Departure departure_;
  std::unique_ptr<DatagramSocket> socket_;
  TcpConnect connect_;
  FileDescriptor stream_;
  std::size_t written_ = 0;
  std::vector<std::uint8_t> received_;
  Watch watch_;
  Timer deadline_;
};

/// Puts a report into the columns that a specification asks for. Pure.
Result make_dns_result(const Specification& specification, const DnsReport& report);

}  // namespace mplane::detail
