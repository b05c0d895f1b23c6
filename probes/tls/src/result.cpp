#include "mplane/model/error.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/common/one_row.hpp"
#include "tls_run.hpp"

#include <cstring>
#include <string>

namespace mplane::detail {
namespace {

Value text_or_none(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value fact(const TlsFacts& facts, std::string_view column) {
  if (column == "tls.version") return facts.version;
  if (column == "tls.cipher") return facts.cipher;
  if (column == "tls.group") return text_or_none(facts.group);
  if (column == "tls.alpn") return text_or_none(facts.protocol);
  if (column == "certificate.subject") return text_or_none(facts.certificate.subject);
  if (column == "certificate.issuer") return text_or_none(facts.certificate.issuer);
  if (column == "certificate.names") return text_or_none(facts.certificate.names);
  if (column == "certificate.start") return facts.certificate.not_before;
  if (column == "certificate.end") return facts.certificate.not_after;
  if (column == "certificate.trusted") return facts.trusted;
  if (column == "certificate.problem") return text_or_none(facts.problem);
  if (column == "certificate.matches") return facts.matches;
  throw Error(ErrorKind::Internal, "results", "tls has no column " + std::string(column));
}

Value cell(const TlsReport& report, std::string_view column) {
  if (column == "time") return report.start;
  if (column == "tls.outcome") return report.outcome;
  if (column == "tls.problem") return text_or_none(report.problem);
  if (const auto said = target_cell(report.target, column)) return *said;
  if (column == "delay.connect.tcp.us") {
    const bool connected = report.connection == ConnectOutcome::Connected;
    return connected ? Value(whole_us(report.connecting)) : Value();
  }
  if (column == "delay.handshake.tls.us") {
    return report.handshake ? Value(whole_us(*report.handshake)) : Value();
  }
  return report.facts ? fact(*report.facts, column) : Value();
}

}  // namespace

Result make_tls_result(const Specification& specification, const TlsReport& report) {
  Result result = one_row(specification, report.start,
                          [&](std::string_view column) { return cell(report, column); });
  annotate(result, "timestamps.source", "user");
  annotate(result, report.target);
  if (report.connection == ConnectOutcome::Unsent) {
    annotate(result, "sending.problem", std::string(std::strerror(report.error)));
  }
  return result;
}

}  // namespace mplane::detail
