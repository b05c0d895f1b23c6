#include "mplane/probes/ping/result.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probes/ping/statistics.hpp"

#include <string_view>
#include <vector>

namespace mplane {
namespace {

Value statistic(const PingStatistics& statistics, std::string_view column) {
  if (column == "delay.twoway.icmp.us.min") return statistics.min;
  if (column == "delay.twoway.icmp.us.mean") return statistics.mean;
  if (column == "delay.twoway.icmp.us.50pct") return statistics.median;
  if (column == "delay.twoway.icmp.us.max") return statistics.max;
  if (column == "delay.twoway.icmp.count") return statistics.count;
  if (column == "packets.lost") return statistics.lost;
  throw Error(ErrorKind::Internal, "results", "ping has no column " + std::string(column));
}

void add_statistics(Result& result, const PingReport& report) {
  const PingStatistics statistics = summarize(report.samples);
  std::vector<Value> row;
  for (const Element* column : result.schema().columns()) {
    row.push_back(statistic(statistics, column->name()));
  }
  result.row(row);
}

void add_packets(Result& result, const PingReport& report) {
  for (const PingSample& sample : report.samples) {
    Value delay;
    if (sample.delay) delay = sample.delay->count();
    result.row({{"time", sample.sent}, {"delay.twoway.icmp.us", delay}});
  }
}

}  // namespace

Result make_ping_result(const Specification& specification, const PingReport& report) {
  Result result(specification);
  result.measured(report.first, report.last);
  if (result.schema().find_column("time")) {
    add_packets(result, report);
  } else {
    add_statistics(result, report);
  }
  return result;
}

}  // namespace mplane
