#include "ping_run.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/local_address.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/ping/result.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>

namespace mplane::detail {
namespace {

Instant instant_of(WallTime time) { return std::chrono::floor<Duration>(time); }

}  // namespace

PingRun::PingRun(Engine& engine, std::shared_ptr<Pingers> pingers, const PingRequest& request,
                 PingRuns::Told told)
    : engine_(engine),
      pingers_(std::move(pingers)),
      request_(request),
      told_(std::move(told)),
      pinger_(pingers_->from(request_.source)),
      stream_(pinger_->open(request_, *this)) {
  report_.first = report_.last = instant_of(ClockReading::now().wall);
}

PingRun::~PingRun() { pinger_->close(stream_); }

void PingRun::begin(Finished finished) {
  finished_ = std::move(finished);
  try {
    send_first();
  } catch (const Error&) {
    pinger_->close(stream_);
    pingers_->drop_idle(request_.source);
    throw;
  }
}

void PingRun::send_first() {
  pinger_->begin(stream_);
  if (!trouble_) return;
  const bool lacks_source =
      trouble_->status == SendStatus::Unreachable && !is_local(request_.source);
  if (trouble_->status != SendStatus::Refused && !lacks_source) return;
  const std::string reason =
      lacks_source ? "this host does not have the source" : std::strerror(trouble_->error);
  throw Error(ErrorKind::Failed, "",
              "nothing can be sent from " + to_string(request_.source) + " to " +
                  to_string(request_.destination) + ": " + reason);
}

Result PingRun::take_result(const Specification& specification) {
  const PingReport report = take_report();
  if (told_) told_(report);
  Result result = make_ping_result(specification, report);
  annotate(result, "packets.wait.us", request_.wait.count());
  return result;
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

void PingRun::on_reply(std::uint32_t number, const Arrival& arrival, std::uint8_t hop_limit) {
  if (number >= sent()) return;
  const Flight* const flight = find_waiting(number);
  if (flight == nullptr) return note_further_reply(number);
  const RoundTrip trip = round_trip(flight->departure, arrival);
  if (trip.delay > request_.wait) {  // it came before anybody looked whether it was late
    ++report_.late;
    return decide(number, PacketFate::Late);
  }
  ++report_.stamps.at(static_cast<std::size_t>(trip.stamps));
  if (number < next_in_order_) ++report_.reordered;
  next_in_order_ = std::max(next_in_order_, number + 1);
  report_.samples[number].delay = std::chrono::round<Duration>(trip.delay);
  report_.samples[number].hop_limit = hop_limit;
  decide(number, PacketFate::Replied);
}

// A packet's second reply is a duplicate; its first may come when it has been given up.
void PingRun::note_further_reply(std::uint32_t number) {
  constexpr std::uint16_t kMost = 0xffff;
  PingSample& sample = report_.samples[number];
  if (sample.fate == PacketFate::Replied) {
    ++report_.duplicates;
    if (sample.duplicates < kMost) ++sample.duplicates;
  } else {
    ++report_.late;
    if (sample.fate == PacketFate::Lost) sample.fate = PacketFate::Late;
  }
}

void PingRun::on_failure(std::uint32_t number, IcmpTrouble trouble) {
  if (find_waiting(number) != nullptr) fail(number, fate_after(trouble));
}

void PingRun::fail(std::uint32_t number, PacketFate fate) {
  ++report_.failures;
  decide(number, fate);
}

void PingRun::on_departure(std::uint32_t number, const ClockReading& handed_over,
                           const SendOutcome& outcome) {
  report_.samples.push_back({.sent = instant_of(handed_over.wall)});
  flights_.push_back({.departure = {.handed_over = handed_over}});
  wait_for_oldest();
  if (outcome.status != SendStatus::Sent) {
    if (number == 0) trouble_ = outcome;
    if (report_.send_error == 0) report_.send_error = outcome.error;
    fail(number, PacketFate::Unsent);
  }
  finish_when_done();
}

// Losses are looked at one deadline at a time. The timer is left alone when the packet it was set
// for is answered: most are, and setting it anew for each would cost more than waking up once.
void PingRun::wait_for_oldest() {
  if (waits_ || flights_.empty()) return;
  waits_ = true;
  next_loss_ = engine_.at(deadline_of(flights_.front()), [this] {
    waits_ = false;
    give_up_late_ones();
  });
}

void PingRun::give_up_late_ones() {
  const auto is_due = [this] {
    return !flights_.empty() && deadline_of(flights_.front()) <= std::chrono::steady_clock::now();
  };
  // What has arrived in time is in time, however late we are to read it.
  if (is_due()) pinger_->catch_up();
  while (is_due()) {
    decide(sent() - static_cast<std::uint32_t>(flights_.size()), PacketFate::Lost);
  }
  wait_for_oldest();
}

void PingRun::decide(std::uint32_t number, PacketFate fate) {
  report_.samples[number].fate = fate;
  find_waiting(number)->decided = true;
  while (!flights_.empty() && flights_.front().decided) flights_.pop_front();
  finish_when_done();
}

void PingRun::finish_when_done() {
  if (!flights_.empty() || sent() < request_.count || !finished_) return;
  std::exchange(finished_, {})();
}

PingRun::Flight* PingRun::find_waiting(std::uint32_t number) noexcept {
  const std::size_t oldest = sent() - flights_.size();
  if (number < oldest || number >= sent()) return nullptr;
  Flight& flight = flights_[number - oldest];
  return flight.decided ? nullptr : &flight;
}

}  // namespace mplane::detail
