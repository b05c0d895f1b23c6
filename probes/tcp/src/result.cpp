#include "mplane/model/error.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/common/one_row.hpp"
#include "tcp_run.hpp"

#include <cstring>
#include <string>

namespace mplane::detail {
namespace {

/// Until something is known, a run that was stopped has nothing to say.
std::string outcome_of(const TcpReport& report) {
  if (report.connection) return std::string(to_string(report.connection->outcome));
  return report.target.reason.empty() ? "interrupted" : "unresolved";
}

// Only an answer has a delay: a connection, a refusal, an ICMP error.
bool is_answered(const TcpConnection& connection) {
  return connection.outcome == ConnectOutcome::Connected ||
         connection.outcome == ConnectOutcome::Refused || connection.notice;
}

Value delay_of(const TcpConnection& connection) {
  return is_answered(connection) ? Value(whole_us(connection.took)) : Value();
}

Value port_of(const TcpConnection& connection) {
  return connection.source_port > 0 ? Value(connection.source_port) : Value();
}

Value cell(const TcpReport& report, std::string_view column) {
  if (column == "time") return report.start;
  if (column == "connect.outcome") return outcome_of(report);
  if (const auto said = target_cell(report.target, column)) return *said;
  if (!report.connection) return {};
  const TcpConnection& connection = *report.connection;
  if (column == "delay.connect.tcp.us") return delay_of(connection);
  if (column == "rtt.us") return connection.rtt_us;
  if (column == "retransmissions.tcp") return connection.retransmissions;
  if (column == "octets.segment.tcp") return connection.segment;
  if (column == "source.port") return port_of(connection);
  if (!connection.notice) return {};
  if (column.starts_with("intermediate.")) return connection.notice->reporter;
  if (column == "icmp.type") return connection.notice->type;
  if (column == "icmp.code") return connection.notice->code;
  throw Error(ErrorKind::Internal, "results", "tcp has no column " + std::string(column));
}

}  // namespace

Result make_tcp_result(const Specification& specification, const TcpReport& report) {
  Result result = one_row(specification, report.start,
                          [&](std::string_view column) { return cell(report, column); });
  annotate(result, "timestamps.source", "user");
  annotate(result, report.target);
  if (report.connection && report.connection->outcome == ConnectOutcome::Unsent) {
    annotate(result, "sending.problem", std::string(std::strerror(report.connection->error)));
  }
  return result;
}

}  // namespace mplane::detail
