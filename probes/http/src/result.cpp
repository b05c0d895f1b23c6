#include "http_run.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/common/one_row.hpp"

#include <chrono>
#include <string>

namespace mplane::detail {
namespace {

/// From the end of one phase to the end of the next.
Value between(const std::optional<std::chrono::microseconds>& from,
              const std::optional<std::chrono::microseconds>& to) {
  if (!from || !to || *to < *from) return {};
  return whole_us(*to - *from);
}

Value phase(const HttpPhases& phases, std::string_view column) {
  const std::optional none(std::chrono::microseconds(0));
  const auto& ready = phases.secured ? phases.secured : phases.connected;
  if (column == "delay.connect.tcp.us") return between(none, phases.connected);
  if (column == "delay.handshake.tls.us") return between(phases.hello, phases.secured);
  if (column == "delay.firstbyte.us") return between(ready, phases.first_byte);
  if (column == "delay.transfer.us") return between(phases.first_byte, phases.all);
  throw Error(ErrorKind::Internal, "results", "http has no column " + std::string(column));
}

Value text_or_none(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value cell(const HttpReport& report, std::string_view column) {
  if (column == "time") return report.start;
  if (column == "http.outcome") return report.outcome;
  if (column == "http.problem") return text_or_none(report.problem);
  if (column == "http.redirects") return report.redirects;
  if (column == "content.url") return Uri::parse(report.url.text);
  if (column == "delay.total.us") return whole_us(report.took);
  if (const auto said = target_cell(report.target, column)) return *said;
  if (!report.answer) return {};
  const HttpAnswer& answer = *report.answer;
  if (column == "http.status") return answer.status > 0 ? Value(answer.status) : Value();
  if (column == "http.version.used") return text_or_none(answer.version);
  if (column == "octets.layer7") return answer.bytes;
  return phase(answer.phases, column);
}

}  // namespace

Result make_http_result(const Specification& specification, const HttpReport& report) {
  Result result = one_row(specification, report.start,
                          [&](std::string_view column) { return cell(report, column); });
  annotate(result, "timestamps.source", "user");
  annotate(result, report.target);
  return result;
}

}  // namespace mplane::detail
