#include "mplane/probes/ping/result.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/ping/statistics.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {
namespace {

struct Measured {
  const PingReport& report;
  PingStatistics statistics;
};

/// A column of the one row of statistics.
struct Statistic {
  std::string_view column;
  Value (*value)(const Measured& measured);
};

constexpr std::array kStatistics{
    Statistic{"packets.sent", [](const Measured& m) { return Value(m.report.samples.size()); }},
    Statistic{"packets.lost", [](const Measured& m) { return Value(m.statistics.lost); }},
    Statistic{"packets.late", [](const Measured& m) { return Value(m.report.late); }},
    Statistic{"packets.failed", [](const Measured& m) { return Value(m.report.failures); }},
    Statistic{"packets.duplicate", [](const Measured& m) { return Value(m.report.duplicates); }},
    Statistic{"packets.outoforder", [](const Measured& m) { return Value(m.report.reordered); }},
    Statistic{"delay.twoway.icmp.count",
              [](const Measured& m) { return Value(m.statistics.count); }},
    Statistic{"delay.twoway.icmp.us.min",
              [](const Measured& m) { return Value(m.statistics.min); }},
    Statistic{"delay.twoway.icmp.us.mean",
              [](const Measured& m) { return Value(m.statistics.mean); }},
    Statistic{"delay.twoway.icmp.us.50pct",
              [](const Measured& m) { return Value(m.statistics.median); }},
    Statistic{"delay.twoway.icmp.us.95pct",
              [](const Measured& m) { return Value(m.statistics.p95); }},
    Statistic{"delay.twoway.icmp.us.99pct",
              [](const Measured& m) { return Value(m.statistics.p99); }},
    Statistic{"delay.twoway.icmp.us.max",
              [](const Measured& m) { return Value(m.statistics.max); }},
    Statistic{"delay.twoway.icmp.us.stddev",
              [](const Measured& m) { return Value(m.statistics.deviation); }},
    Statistic{"ipdv.twoway.icmp.us.mean",
              [](const Measured& m) { return Value(m.statistics.variation.inter_packet_mean); }},
    Statistic{"ipdv.twoway.icmp.us.max",
              [](const Measured& m) { return Value(m.statistics.variation.inter_packet_max); }},
    Statistic{"pdv.twoway.icmp.us.95pct",
              [](const Measured& m) { return Value(m.statistics.variation.packet_p95); }},
    Statistic{"pdv.twoway.icmp.us.99pct",
              [](const Measured& m) { return Value(m.statistics.variation.packet_p99); }},
};

Value statistic(const Measured& measured, std::string_view column) {
  for (const Statistic& known : kStatistics) {
    if (known.column == column) return known.value(measured);
  }
  throw Error(ErrorKind::Internal, "results", "ping has no column " + std::string(column));
}

void add_statistics(Result& result, const PingReport& report) {
  const Measured measured{report, summarize(report.samples)};
  std::vector<Value> row;
  for (const Element* column : result.schema().columns()) {
    row.push_back(statistic(measured, column->name()));
  }
  result.row(row);
}

Value of_packet(const PingReport& report, std::size_t number, std::string_view column) {
  const PingSample& sample = report.samples[number];
  if (column == "packet.number") return number;
  if (column == "time") return sample.sent;
  if (column == "delay.twoway.icmp.us")
    return sample.delay ? Value(sample.delay->count()) : Value();
  if (column == "packet.fate") return to_string(sample.fate);
  if (column == "hoplimit.reply.ip")
    return sample.hop_limit > 0 ? Value(sample.hop_limit) : Value();
  if (column == "packets.duplicate") return sample.duplicates;
  throw Error(ErrorKind::Internal, "results", "ping has no column " + std::string(column));
}

void add_packets(Result& result, const PingReport& report) {
  std::vector<Value> row;
  for (std::size_t number = 0; number < report.samples.size(); ++number) {
    row.clear();
    for (const Element* column : result.schema().columns()) {
      row.push_back(of_packet(report, number, column->name()));
    }
    result.row(row);
  }
}

}  // namespace

Result make_ping_result(const Specification& specification, const PingReport& report) {
  Result result(specification);
  result.measured(report.first, report.last);
  if (const auto stamps = stamps_text(report.stamps); !stamps.empty()) {
    annotate(result, "timestamps.source", stamps);
  }
  if (report.send_error != 0) {
    annotate(result, "sending.problem", std::string(std::strerror(report.send_error)));
  }
  if (result.schema().find_column("time")) {
    add_packets(result, report);
  } else {
    add_statistics(result, report);
  }
  return result;
}

}  // namespace mplane
