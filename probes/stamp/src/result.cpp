#include "mplane/model/error.hpp"
#include "mplane/probe/delay_statistics.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/common/one_row.hpp"
#include "sender_run.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace mplane::detail {
namespace {

using std::chrono::nanoseconds;

Value real_us(const std::optional<nanoseconds>& time) {
  return time ? Value(static_cast<double>(time->count()) / 1e3) : Value();
}

struct Measured {
  const StampReport& report;
  std::optional<StampLosses> losses;  // of a reflector that keeps count
  DelayStatistics round_trip;
  DirectionStatistics forward;
  DirectionStatistics backward;
};

/// A column of the one row of statistics.
struct Statistic {
  std::string_view column;
  Value (*value)(const Measured& measured);
};

constexpr std::array kCounts{
    Statistic{"packets.sent", [](const Measured& m) { return Value(m.report.samples.size()); }},
    Statistic{"packets.lost",
              [](const Measured& m) {
                return Value(m.report.samples.size() - m.round_trip.count -
                             static_cast<std::size_t>(std::count_if(
                                 m.report.samples.begin(), m.report.samples.end(),
                                 [](auto& s) { return s.fate == StampFate::Implausible; })));
              }},
    Statistic{"packets.lost.forward",
              [](const Measured& m) { return m.losses ? Value(m.losses->forward) : Value(); }},
    Statistic{"packets.lost.backward",
              [](const Measured& m) { return m.losses ? Value(m.losses->backward) : Value(); }},
    Statistic{"packets.late", [](const Measured& m) { return Value(m.report.late); }},
    Statistic{"packets.failed", [](const Measured& m) { return Value(m.report.failures); }},
    Statistic{"packets.duplicate", [](const Measured& m) { return Value(m.report.duplicates); }},
    Statistic{"packets.outoforder", [](const Measured& m) { return Value(m.report.reordered); }},
    Statistic{"packets.stray", [](const Measured& m) { return Value(m.report.stray); }},
    Statistic{"delay.twoway.stamp.count",
              [](const Measured& m) { return Value(m.round_trip.count); }},
};

struct Delay {
  std::string_view suffix;
  std::optional<std::uint64_t> DelayStatistics::*round_trip;
  std::optional<double> DirectionStatistics::*one_way;
};

constexpr std::array kDelays{
    Delay{"min", &DelayStatistics::min, &DirectionStatistics::min},
    Delay{"mean", &DelayStatistics::mean, &DirectionStatistics::mean},
    Delay{"50pct", &DelayStatistics::median, &DirectionStatistics::median},
    Delay{"95pct", &DelayStatistics::p95, &DirectionStatistics::p95},
    Delay{"99pct", &DelayStatistics::p99, &DirectionStatistics::p99},
    Delay{"max", &DelayStatistics::max, &DirectionStatistics::max},
};

/// The greatest bound among the packets: it holds for all of them.
Value clock_bound(const StampReport& report) {
  std::optional<Duration> greatest;
  for (const StampSample& sample : report.samples) {
    if (!sample.forward) continue;
    if (!sample.clock_bound) return {};
    greatest = std::max(greatest.value_or(*sample.clock_bound), *sample.clock_bound);
  }
  return greatest ? Value(greatest->count()) : Value();
}

Value variation(const DirectionStatistics& direction, std::string_view suffix) {
  return suffix == "mean" ? direction.variation_mean : direction.variation_max;
}

Value of_train(const Measured& measured, std::string_view column) {
  for (const Statistic& count : kCounts) {
    if (count.column == column) return count.value(measured);
  }
  if (column.starts_with("source.ip")) return measured.report.source;
  if (column == "clock.difference.us") return clock_bound(measured.report);
  const std::string_view suffix = column.substr(column.rfind('.') + 1);
  if (column.starts_with("ipdv.forward.")) return variation(measured.forward, suffix);
  if (column.starts_with("ipdv.backward.")) return variation(measured.backward, suffix);
  for (const Delay& delay : kDelays) {
    if (delay.suffix != suffix) continue;
    if (column.starts_with("delay.forward.")) return measured.forward.*delay.one_way;
    if (column.starts_with("delay.backward.")) return measured.backward.*delay.one_way;
    return measured.round_trip.*delay.round_trip;
  }
  throw Error(ErrorKind::Internal, "results", "stamp has no column " + std::string(column));
}

/// A number that is not 0, which stands for none.
Value some(std::uint64_t number) { return number > 0 ? Value(number) : Value(); }

Value trip_of(const StampSample& sample) {
  return sample.round_trip ? Value(whole_us(*sample.round_trip)) : Value();
}

Value difference_of(const StampSample& sample) {
  return sample.clock_bound ? Value(sample.clock_bound->count()) : Value();
}

Value of_packet(const StampSample& sample, std::string_view column) {
  if (column == "packet.number") return sample.number;
  if (column == "time") return sample.sent;
  if (column == "packet.fate") return to_string(sample.fate);
  if (column == "delay.twoway.stamp.us") return trip_of(sample);
  if (column == "delay.forward.stamp.us") return real_us(sample.forward);
  if (column == "delay.backward.stamp.us") return real_us(sample.backward);
  if (column == "delay.reflector.stamp.us") return real_us(sample.residence);
  if (column == "clock.difference.us") return difference_of(sample);
  if (column == "packet.number.reflector") return sample.reflector_sequence;
  if (column == "hoplimit.forward.ip") return some(sample.hop_limit_there);
  if (column == "hoplimit.reply.ip") return some(sample.hop_limit_back);
  if (column == "packets.duplicate") return sample.duplicates;
  throw Error(ErrorKind::Internal, "results", "stamp has no column " + std::string(column));
}

Measured measure(const StampReport& report, bool stateful) {
  std::vector<std::uint64_t> round_trips;
  std::vector<std::optional<nanoseconds>> forward;
  std::vector<std::optional<nanoseconds>> backward;
  for (const StampSample& sample : report.samples) {
    forward.push_back(sample.forward);
    backward.push_back(sample.backward);
    if (!sample.round_trip) continue;
    round_trips.push_back(whole_us(*sample.round_trip));
  }
  return {.report = report,
          .losses = stateful ? std::optional(losses_of(report)) : std::nullopt,
          .round_trip = summarize_delays(std::move(round_trips)),
          .forward = summarize_direction(forward),
          .backward = summarize_direction(backward)};
}

void say_how(Result& result, const StampReport& report) {
  if (const auto stamps = stamps_text(report.stamps); !stamps.empty()) {
    annotate(result, "timestamps.source", stamps);
  }
  if (report.send_error != 0) {
    annotate(result, "sending.problem", std::string(std::strerror(report.send_error)));
  }
  if (!report.notice) return;
  const bool ip4 = report.notice->reporter.is_ip4();
  annotate(result, ip4 ? "intermediate.ip4" : "intermediate.ip6", report.notice->reporter);
  annotate(result, "icmp.type", report.notice->type);
  annotate(result, "icmp.code", report.notice->code);
}

}  // namespace

Result make_stamp_result(const Specification& specification, const StampReport& report,
                         bool stateful) {
  Result result(specification);
  result.measured(report.first, report.last);
  say_how(result, report);
  const auto columns = result.schema().columns();
  std::vector<Value> row;
  if (result.schema().find_column("packet.number")) {
    for (const StampSample& sample : report.samples) {
      row.clear();
      for (const Element* column : columns) row.push_back(of_packet(sample, column->name()));
      result.row(row);
    }
    return result;
  }
  const Measured measured = measure(report, stateful);
  for (const Element* column : columns) row.push_back(of_train(measured, column->name()));
  return result.row(row);
}

}  // namespace mplane::detail
