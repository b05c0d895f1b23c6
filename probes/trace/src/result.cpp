#include "mplane/model/error.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/common/one_row.hpp"
#include "mtu_run.hpp"
#include "trace_report.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

namespace mplane::detail {
namespace {

Instant instant_of(const ClockReading& reading) {
  return std::chrono::floor<Duration>(reading.wall);
}

Value answer_to_syn(const HopReply& reply) {
  if (reply.error) return {};
  return std::string(reply.reset ? "reset" : "syn-ack");
}

Value cell(const HopReply& reply, std::string_view column) {
  if (column.starts_with("intermediate.")) return reply.from;
  if (column == "icmp.type") return reply.error ? Value(reply.error->type) : Value();
  if (column == "icmp.code") return reply.error ? Value(reply.error->code) : Value();
  if (column == "hoplimit.reply.ip") return reply.hop_limit ? Value(*reply.hop_limit) : Value();
  if (column == "mpls.labels") {
    return reply.labels.empty() ? Value() : Value(to_string(reply.labels));
  }
  if (column == "answer.tcp") return answer_to_syn(reply);
  throw Error(ErrorKind::Internal, "results", "trace has no column " + std::string(column));
}

Value cell(const TraceReport& report, const HopProbe& probe, std::string_view column) {
  if (column == "time") return instant_of(probe.departure.handed_over);
  if (const auto said = target_cell(report.target, column)) return *said;
  if (column == "hop.number") return probe.hop;
  if (column == "packet.number") return probe.attempt;
  if (column == "flow.number") return probe.flow;
  if (column == "hop.outcome") {
    return std::string(to_string(outcome_of(probe, *report.target.address, report.method)));
  }
  if (column == "source.port") return probe.source_port > 0 ? Value(probe.source_port) : Value();
  if (!probe.reply) return {};
  if (column == "delay.hop.us") {
    if (probe.reply->repeated) return {};
    return whole_us(round_trip(probe.departure, probe.reply->arrival).delay);
  }
  return cell(*probe.reply, column);
}

/// Of a trace without a packet.
Value cell(const TraceReport& report, std::string_view column) {
  if (column == "time") return report.start;
  if (const auto said = target_cell(report.target, column)) return *said;
  if (column == "hop.outcome") return std::string(to_string(report.end));
  return {};
}

std::string_view stamps_of(const TraceReport& report) {
  std::array<std::uint32_t, 3> counts{};
  for (const HopProbe& probe : report.probes) {
    if (!probe.reply || probe.reply->repeated) continue;
    const auto stamps = round_trip(probe.departure, probe.reply->arrival).stamps;
    ++counts.at(static_cast<std::size_t>(stamps));
  }
  return stamps_text(counts);
}

void annotate_flows(Result& result, const TraceReport& report) {
  annotate(result, "trace.flow", report.keeps_flows ? "constant" : "per-probe");
  const auto& probes = report.probes;
  if (result.schema().find_column("flow.number") && !probes.empty()) {
    const Paths paths = paths_of(report);
    annotate(result, "paths.ip", paths.complete);
    annotate(result, "paths.missed.chance", paths.missed);
  }
  if (result.schema().find_parameter("source.port") && !probes.empty()) {
    result.parameter("source.port", probes.front().source_port);
  }
}

void annotate_problems(Result& result, const TraceReport& report) {
  annotate(result, report.target);
  if (report.strays > 0) annotate(result, "packets.stray", report.strays);
  const auto unsent = std::find_if(report.probes.begin(), report.probes.end(),
                                   [](const HopProbe& probe) { return probe.error != 0; });
  if (unsent == report.probes.end()) return;
  annotate(result, "sending.problem", std::string(std::strerror(unsent->error)));
}

Value cell(const MtuReport& report, std::string_view column) {
  if (column == "time") return report.start;
  if (const auto said = target_cell(report.target, column)) return *said;
  if (column == "mtu.outcome") return std::string(report.outcome);
  if (column == "mtu.ip") return report.mtu ? Value(*report.mtu) : Value();
  if (column == "mtu.silent") return report.mtu ? Value(report.silent) : Value();
  if (column.starts_with("intermediate.")) {
    if (report.reporter) return report.reporter;
    return report.notice ? Value(report.notice->reporter) : Value();
  }
  if (column == "packets.sent") return report.sent;
  throw Error(ErrorKind::Internal, "results", "path-mtu has no column " + std::string(column));
}

template <typename CellOf>
void add_row(Result& result, const CellOf& cell_of) {
  std::vector<Value> row;
  for (const Element* column : result.schema().columns()) row.push_back(cell_of(column->name()));
  result.row(row);
}

}  // namespace

Result make_trace_result(const Specification& specification, const TraceReport& report) {
  Result result(specification);
  Instant last = report.start;
  for (const HopProbe& probe : report.probes) {
    last = std::max(last, instant_of(probe.departure.handed_over));
  }
  result.measured(report.start, last);
  annotate(result, "trace.end", std::string(to_string(report.end)));
  if (report.hops) annotate(result, "hops.ip", *report.hops);
  if (const auto stamps = stamps_of(report); !stamps.empty()) {
    annotate(result, "timestamps.source", std::string(stamps));
  }
  annotate_flows(result, report);
  annotate_problems(result, report);
  for (const HopProbe& probe : report.probes) {
    add_row(result, [&](std::string_view column) { return cell(report, probe, column); });
  }
  if (report.probes.empty()) {
    add_row(result, [&](std::string_view column) { return cell(report, column); });
  }
  return result;
}

Result make_mtu_result(const Specification& specification, const MtuReport& report) {
  Result result = one_row(specification, report.start,
                          [&](std::string_view column) { return cell(report, column); });
  annotate(result, report.target);
  if (report.error != 0) {
    annotate(result, "sending.problem", std::string(std::strerror(report.error)));
  }
  if (report.notice && !report.reporter) {
    annotate(result, "icmp.type", report.notice->type);
    annotate(result, "icmp.code", report.notice->code);
  }
  return result;
}

}  // namespace mplane::detail
