#include "reflector_run.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/round_trip.hpp"
#include "mplane/probes/common/conditions.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace mplane::detail {
namespace {

Instant now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

Value cell(const ReflectorReport::Session& counted, std::string_view column) {
  const StampSession& session = counted.of;
  if (column.starts_with("source.ip")) return session.host;
  if (column == "source.port") return session.port;
  if (column.starts_with("destination.ip")) return session.here;
  if (column == "stamp.session") return session.identifier;
  if (column == "time") return counted.first;
  if (column == "packets.received") return counted.requests.received();
  if (column == "packets.reflected") return counted.replies;
  if (column == "packets.lost") return counted.requests.missing();
  if (column == "packets.duplicate") return counted.requests.duplicates();
  if (column == "packets.outoforder") return counted.requests.reordered();
  throw Error(ErrorKind::Internal, "results", "stamp has no column " + std::string(column));
}

}  // namespace

void SequenceCount::add(std::uint32_t sequence) noexcept {
  constexpr std::uint32_t kWindow = 64;
  if (received_++ == 0) {
    least_ = greatest_ = sequence;
    seen_ = 1;
    return;
  }
  if (sequence > greatest_) {
    const std::uint32_t ahead = sequence - greatest_;
    seen_ = ahead < kWindow ? (seen_ << ahead) | 1U : 1U;
    greatest_ = sequence;
    return;
  }
  const std::uint32_t behind = greatest_ - sequence;
  const std::uint64_t bit = behind < kWindow ? std::uint64_t{1} << behind : 0;
  if ((seen_ & bit) != 0) {
    ++duplicates_;
    return;
  }
  seen_ |= bit;
  ++reordered_;
  least_ = std::min(least_, sequence);
}

std::uint64_t SequenceCount::missing() const noexcept {
  if (received_ == 0) return 0;
  const std::uint64_t numbers = std::uint64_t{greatest_} - least_ + 1;
  const std::uint64_t different = received_ - duplicates_;
  return numbers > different ? numbers - different : 0;
}

ReflectorRun::ReflectorRun(Engine& engine, std::shared_ptr<Reflectors> reflectors, IpFamily family,
                           std::optional<Duration> time, std::size_t most_sessions)
    : engine_(engine),
      reflectors_(std::move(reflectors)),
      family_(family),
      time_(time),
      most_sessions_(most_sessions) {
  report_.start = report_.end = now();
}

ReflectorRun::~ReflectorRun() {
  if (reflector_ != nullptr) reflector_->leave(*this);
}

void ReflectorRun::begin(Finished finished) {
  finished_ = std::move(finished);
  reflector_ = reflectors_->of(family_);
  reflector_->join(*this);
  if (time_) end_ = engine_.after(*time_, [this] { std::exchange(finished_, {})(); });
}

void ReflectorRun::on_request(const Request& request) {
  const auto stamps = request.kernel_stamp ? DelayStamps::KernelReceive : DelayStamps::User;
  ++report_.stamps.at(static_cast<std::size_t>(stamps));
  if (report_.send_error == 0) report_.send_error = request.error;
  if (request.begins_session) latest_.erase(request.session);
  auto known = latest_.find(request.session);
  if (known == latest_.end()) {
    if (report_.sessions.size() >= most_sessions_) {
      ++report_.omitted;
      return;
    }
    known = latest_.emplace(request.session, report_.sessions.size()).first;
    report_.sessions.push_back(
        {.of = request.session, .first = std::chrono::floor<Duration>(request.received)});
  }
  ReflectorReport::Session& counted = report_.sessions[known->second];
  counted.requests.add(request.sequence);
  if (request.error == 0) ++counted.replies;
}

Result ReflectorRun::take_result(const Specification& specification) {
  report_.end = now();
  return make_reflector_result(specification, report_);
}

Result make_reflector_result(const Specification& specification, const ReflectorReport& report) {
  Result result(specification);
  result.measured(report.start, std::max(report.start, report.end));
  if (const auto stamps = stamps_text(report.stamps); !stamps.empty()) {
    annotate(result, "timestamps.source", std::string(stamps));
  }
  annotate(result, "packets.stray", report.stray);
  annotate(result, "packets.refused", report.refused);
  annotate(result, "packets.omitted", report.omitted);
  if (report.send_error != 0) {
    annotate(result, "sending.problem", std::string(std::strerror(report.send_error)));
  }
  std::vector<Value> row;
  for (const ReflectorReport::Session& counted : report.sessions) {
    row.clear();
    for (const Element* column : result.schema().columns()) {
      row.push_back(cell(counted, column->name()));
    }
    result.row(row);
  }
  return result;
}

}  // namespace mplane::detail
