#include "dns_run.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/common/one_row.hpp"

#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace mplane::detail {
namespace {

constexpr std::size_t kLongestText = 4'096;  // of all records together

std::string joined(const std::vector<std::string>& records) {
  std::string text;
  for (const std::string& record : records) {
    if (!text.empty()) text += "; ";
    text += record;
    if (text.size() <= kLongestText) continue;
    text.resize(kLongestText);
    return text + "...";
  }
  return text;
}

Value cell(const DnsReport& report, std::string_view column) {
  if (column == "time") return report.start;
  if (column == "dns.outcome") return std::string(report.outcome);
  if (column.starts_with("destination.")) return report.server;
  if (column == "delay.twoway.dns.us") {
    return report.trip ? Value(whole_us(report.trip->delay)) : Value();
  }
  if (column == "delay.connect.tcp.us") {
    return report.connecting ? Value(whole_us(*report.connecting)) : Value();
  }
  if (column == "packets.stray") return report.stray_replies;
  if (column.starts_with("intermediate.")) {
    return report.notice ? Value(report.notice->reporter) : Value();
  }
  if (column == "icmp.type") return report.notice ? Value(report.notice->type) : Value();
  if (column == "icmp.code") return report.notice ? Value(report.notice->code) : Value();
  if (!report.answer) return {};
  const DnsAnswer& answer = *report.answer;
  if (column == "dns.rcode") return answer.rcode;
  if (column == "dns.flags") return answer.flags;
  if (column == "dns.answers") return answer.answers;
  if (column == "dns.records") return joined(answer.records);
  if (column == "dns.ttl.s") return answer.least_ttl;
  if (column == "dns.server.name") {
    return answer.server_name ? Value(*answer.server_name) : Value();
  }
  if (column == "octets.dns") return report.bytes;
  throw Error(ErrorKind::Internal, "results", "dns has no column " + std::string(column));
}

std::string_view stamps_of(const RoundTrip& trip) noexcept {
  std::array<std::uint32_t, 3> counts{};
  counts.at(static_cast<std::size_t>(trip.stamps)) = 1;
  return stamps_text(counts);
}

}  // namespace

Result make_dns_result(const Specification& specification, const DnsReport& report) {
  Result result = one_row(specification, report.start,
                          [&](std::string_view column) { return cell(report, column); });
  if (report.trip) annotate(result, "timestamps.source", stamps_of(*report.trip));
  if (report.outcome == to_string(ConnectOutcome::Unsent)) {
    annotate(result, "sending.problem", std::string(std::strerror(report.error)));
  }
  return result;
}

}  // namespace mplane::detail
