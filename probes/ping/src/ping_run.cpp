#include "ping_run.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/local_address.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>

namespace mplane::detail {
namespace {

Instant instant_of(WallTime time) { return std::chrono::floor<Duration>(time); }

}  // namespace

PingRun::PingRun(Engine& engine, Pinger& pinger, const PingRequest& request, Finished finished)
    : engine_(engine),
      pinger_(pinger),
      request_(request),
      finished_(std::move(finished)),
      stream_(pinger.open(request.destination, *this)) {}

PingRun::~PingRun() { pinger_.close(stream_); }

void PingRun::begin() {
  const ClockReading now = ClockReading::now();
  start_ = now.steady;
  report_.first = report_.last = instant_of(now.wall);
  const SendOutcome outcome = send_next();
  const bool lacks_source = outcome.status == SendStatus::Unreachable && !is_local(request_.source);
  if (outcome.status != SendStatus::Refused && !lacks_source) return;
  const std::string reason =
      lacks_source ? "this host does not have the source" : std::strerror(outcome.error);
  throw Error(ErrorKind::Failed, "",
              "nothing can be sent from " + to_string(request_.source) + " to " +
                  to_string(request_.destination) + ": " + reason);
}

PingReport PingRun::take_report() {
  PingReport report = std::move(report_);
  const std::size_t decided = report.samples.size() - flights_.size();
  std::size_t kept = decided;
  for (std::size_t n = 0; n < flights_.size(); ++n) {
    if (flights_[n].decided) report.samples[kept++] = report.samples[decided + n];
  }
  report.samples.resize(kept);
  if (kept > 0) {
    report.first = report.samples.front().sent;
    report.last = report.samples.back().sent;
  }
  return report;
}

void PingRun::on_stamp(std::uint32_t number, WallTime sent) {
  if (Flight* const flight = find_waiting(number)) flight->departure.stamp = sent;
}

void PingRun::on_reply(std::uint32_t number, const Arrival& arrival) {
  if (number >= sent()) return;
  const Flight* const flight = find_waiting(number);
  if (flight == nullptr) {
    ++(report_.samples[number].delay ? report_.duplicates : report_.late);
    return;
  }
  const RoundTrip trip = round_trip(flight->departure, arrival);
  if (trip.delay > request_.wait) {  // it came before anybody looked whether it was late
    ++report_.late;
    return decide(number, std::nullopt);
  }
  ++report_.stamps.at(static_cast<std::size_t>(trip.stamps));
  decide(number, std::chrono::round<Duration>(trip.delay));
}

void PingRun::on_failure(std::uint32_t number) {
  if (find_waiting(number) == nullptr) return;
  ++report_.failures;
  decide(number, std::nullopt);
}

SendOutcome PingRun::send_next() {
  constexpr auto kSoon = std::chrono::milliseconds(1);
  const std::uint32_t number = sent();
  const ClockReading now = ClockReading::now();
  const SteadyTime planned = start_ + number * request_.interval;
  const SendOutcome outcome = pinger_.send(stream_, number);
  if (outcome.status == SendStatus::Full && now.steady < planned + request_.wait) {
    next_send_ = engine_.at(now.steady + kSoon, [this] { send_next(); });
    return outcome;
  }
  depart(now);
  if (outcome.status != SendStatus::Sent) on_failure(number);
  if (sent() < request_.count) {
    next_send_ = engine_.at(planned + request_.interval, [this] { send_next(); });
  }
  finish_when_done();
  return outcome;
}

void PingRun::depart(const ClockReading& now) {
  report_.samples.push_back({.sent = instant_of(now.wall), .delay = std::nullopt});
  flights_.push_back({.departure = {.handed_over = now}});
  if (flights_.size() == 1) wait_for_oldest();
}

// Losses are looked at one deadline at a time, that of the oldest packet waited for.
void PingRun::wait_for_oldest() {
  next_loss_ = engine_.at(deadline_of(flights_.front()), [this] { give_up_late_ones(); });
}

void PingRun::give_up_late_ones() {
  // What has arrived in time is in time, however late we are to read it.
  pinger_.catch_up();
  const SteadyTime now = std::chrono::steady_clock::now();
  while (!flights_.empty() && deadline_of(flights_.front()) <= now) {
    decide(sent() - static_cast<std::uint32_t>(flights_.size()), std::nullopt);
  }
}

void PingRun::decide(std::uint32_t number, std::optional<Duration> delay) {
  report_.samples[number].delay = delay;
  find_waiting(number)->decided = true;
  if (flights_.front().decided) {
    while (!flights_.empty() && flights_.front().decided) flights_.pop_front();
    flights_.empty() ? next_loss_.cancel() : wait_for_oldest();
  }
  finish_when_done();
}

void PingRun::finish_when_done() {
  if (!flights_.empty() || sent() < request_.count || !finished_) return;
  end_ = engine_.after(std::chrono::nanoseconds(0),
                       [finished = std::exchange(finished_, {})]() mutable { finished(); });
}

PingRun::Flight* PingRun::find_waiting(std::uint32_t number) noexcept {
  const std::size_t oldest = sent() - flights_.size();
  if (number < oldest || number >= sent()) return nullptr;
  Flight& flight = flights_[number - oldest];
  return flight.decided ? nullptr : &flight;
}

}  // namespace mplane::detail
