#include "mplane/model/error.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "tcp_run.hpp"

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

namespace mplane::detail {
namespace {

std::uint64_t whole_us(std::chrono::nanoseconds time) {
  return static_cast<std::uint64_t>(std::chrono::round<std::chrono::microseconds>(time).count());
}

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

Value cell(const TcpReport& report, std::string_view column) {
  if (column == "time") return report.start;
  if (column == "connect.outcome") return outcome_of(report);
  if (column.starts_with("destination.")) return report.target.address;
  if (column == "delay.resolution.us") {
    return report.target.address ? Value(whole_us(report.target.took)) : Value();
  }
  if (!report.connection) return {};
  const TcpConnection& connection = *report.connection;
  if (column == "delay.connect.tcp.us") {
    return is_answered(connection) ? Value(whole_us(connection.took)) : Value();
  }
  if (column == "rtt.us") return connection.rtt_us;
  if (column == "retransmissions.tcp") return connection.retransmissions;
  if (column == "octets.segment.tcp") return connection.segment;
  if (column == "source.port") {
    return connection.source_port > 0 ? Value(connection.source_port) : Value();
  }
  if (!connection.notice) return {};
  if (column.starts_with("intermediate.")) return connection.notice->reporter;
  if (column == "icmp.type") return connection.notice->type;
  if (column == "icmp.code") return connection.notice->code;
  throw Error(ErrorKind::Internal, "results", "tcp has no column " + std::string(column));
}

}  // namespace

Result make_tcp_result(const Specification& specification, const TcpReport& report) {
  Result result(specification);
  result.measured(report.start, report.start);
  annotate(result, "timestamps.source", "user");
  if (!report.target.reason.empty()) annotate(result, "resolution.problem", report.target.reason);
  if (report.connection && report.connection->outcome == ConnectOutcome::Unsent) {
    annotate(result, "sending.problem", std::string(std::strerror(report.connection->error)));
  }
  std::vector<Value> row;
  for (const Element* column : result.schema().columns()) {
    row.push_back(cell(report, column->name()));
  }
  return result.row(row);
}

}  // namespace mplane::detail
