#include "dns_run.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/common/one_row.hpp"

#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
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

Value delay_of(const std::optional<RoundTrip>& trip) {
  return trip ? Value(whole_us(trip->delay)) : Value();
}

Value us_of(const std::optional<std::chrono::nanoseconds>& time) {
  return time ? Value(whole_us(*time)) : Value();
}

Value of_notice(const std::optional<IcmpNotice>& notice, std::string_view column) {
  if (!notice) return {};
  if (column == "icmp.type") return notice->type;
  if (column == "icmp.code") return notice->code;
  return notice->reporter;
}

Value of_answer(const DnsAnswer& answer, std::string_view column) {
  if (column == "dns.rcode") return answer.rcode;
  if (column == "dns.flags") return answer.flags;
  if (column == "dns.answers") return answer.answers;
  if (column == "dns.records") return joined(answer.records);
  if (column == "dns.ttl.s") return answer.least_ttl;
  if (column == "dns.server.name") {
    return answer.server_name ? Value(*answer.server_name) : Value();
  }
  throw Error(ErrorKind::Internal, "results", "dns has no column " + std::string(column));
}

Value cell(const DnsReport& report, std::string_view column) {
  if (column == "time") return report.start;
  if (column == "dns.outcome") return std::string(report.outcome);
  if (column.starts_with("destination.")) return report.server;
  if (column == "delay.twoway.dns.us") return delay_of(report.trip);
  if (column == "delay.connect.tcp.us") return us_of(report.connecting);
  if (column == "packets.stray") return report.stray_replies;
  if (column.starts_with("intermediate.") || column.starts_with("icmp.")) {
    return of_notice(report.notice, column);
  }
  if (!report.answer) return {};
  return column == "octets.dns" ? Value(report.bytes) : of_answer(*report.answer, column);
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
