#include "load_run.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/common/one_row.hpp"
#include "receive_run.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace mplane::detail {
namespace {

/// What both sides say of what has arrived.
Value of_report(const LoadReport& report, std::string_view column) {
  if (column == "throughput.bps") return goodput(report);
  if (column == "octets.layer7") return report.octets;
  if (column == "throughput.time.us") return whole_us(report.time);
  if (column == "packets.outoforder") return report.out_of_order;
  if (column == "packets.duplicate") return report.duplicates;
  throw Error(ErrorKind::Internal, "results", "throughput has no column " + std::string(column));
}

/// A receiver counts what its port dropped, whoever sent it: no more than was lost is of this load.
Value of_lost(const LoadOutcome& outcome, std::string_view column) {
  const std::uint64_t sent = outcome.sent.datagrams;
  const std::uint64_t lost = sent - std::min(sent, outcome.report->datagrams);
  return column == "packets.lost" ? lost : std::min(lost, outcome.report->dropped);
}

Value of_sender(const LoadOutcome& outcome, std::string_view column) {
  if (column == "time") return outcome.start;
  if (column == "throughput.outcome") return outcome.outcome;
  if (column == "delay.connect.tcp.us") {
    return outcome.connecting ? Value(whole_us(*outcome.connecting)) : Value();
  }
  if (!outcome.report) return {};
  const LoadSent& sent = outcome.sent;
  if (column == "retransmissions.tcp") return sent.retransmissions;
  if (column == "octets.segment.tcp") return sent.segment;
  if (column == "rtt.us.min") return sent.least_rtt_us;
  if (column == "rtt.us.mean") return sent.mean_rtt_us;
  if (column == "rtt.us.max") return sent.most_rtt_us;
  if (column == "packets.sent") return sent.datagrams;
  if (column == "packets.lost" || column == "packets.unobserved") return of_lost(outcome, column);
  return of_report(*outcome.report, column);
}

Value of_receiver(const ReceivedLoad& load, std::string_view column) {
  if (column == "time") return load.start;
  if (column.starts_with("source.")) return load.sender;
  if (column == "throughput.transport") return load.kind == LoadKind::Tcp ? "tcp" : "udp";
  if (column == "throughput.outcome") return load.outcome;
  if (column == "packets.unobserved") {
    return load.kind == LoadKind::Udp ? Value(load.report.dropped) : Value();
  }
  return of_report(load.report, column);
}

}  // namespace

Result make_load_result(const Specification& specification, const LoadOutcome& outcome) {
  Result result = one_row(specification, outcome.start,
                          [&](std::string_view column) { return of_sender(outcome, column); });
  annotate(result, "timestamps.source", "user");
  const bool unsent = outcome.outcome == to_string(ConnectOutcome::Unsent);
  if (const int error = unsent ? outcome.error : outcome.sent.error; unsent || error != 0) {
    annotate(result, "sending.problem", std::string(std::strerror(error)));
  }
  return result;
}

Result make_receive_result(const Specification& specification, const Instant start,
                           const std::vector<ReceivedLoad>& loads) {
  Result result(specification);
  result.measured(start, std::chrono::floor<Duration>(std::chrono::system_clock::now()));
  annotate(result, "timestamps.source", "user");
  for (const ReceivedLoad& load : loads) {
    std::vector<Value> row;
    for (const Element* const column : result.schema().columns()) {
      row.push_back(of_receiver(load, column->name()));
    }
    result.row(row);
  }
  return result;
}

}  // namespace mplane::detail
