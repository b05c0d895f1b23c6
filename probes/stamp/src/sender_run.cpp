#include "sender_run.hpp"

#include "mplane/model/detail/random_bytes.hpp"
#include "mplane/probe/kernel_clock.hpp"
#include "mplane/probes/common/conditions.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace mplane::detail {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kUnderWay = 64;    // packets whose stamps may be late
constexpr std::uint8_t kFarthest = 255;  // RFC 4656 section 4.1.2: hops can be counted then

std::uint16_t random_session() {
  std::uint16_t session = 0;
  while (session == 0) session = random_number<std::uint16_t>();  // 0 stands for none
  return session;
}

Instant instant_of(WallTime time) { return std::chrono::floor<Duration>(time); }

std::optional<Duration> bound_of(const ErrorEstimate& ours, const ErrorEstimate& theirs) {
  if (!ours.synchronized || !theirs.synchronized) return std::nullopt;
  return ours.bound() + theirs.bound();
}

}  // namespace

SenderRun::SenderRun(Engine& engine, StampTrain train)
    : engine_(engine), train_(std::move(train)), session_(random_session()) {
  report_.first = report_.last = instant_of(std::chrono::system_clock::now());
}

void SenderRun::begin(Finished finished) {
  finished_ = std::move(finished);
  socket_ = std::make_unique<DatagramSocket>(
      train_.reflector,
      DatagramOptions{
          .under_way = kUnderWay, .hop_limit = kFarthest, .traffic_class = train_.traffic_class});
  if (const auto local = local_endpoint(socket_->descriptor())) report_.source = local->host;
  watch_ = engine_.watch(socket_->descriptor(), {.readable = true}, [this](Readiness) {
    if (finished_) receive();
  });
  start_ = std::chrono::steady_clock::now();
  send_due();
}

void SenderRun::send_due() {
  constexpr int kAtOnce = 16;  // then replies have their turn
  const auto due = [this] { return start_ + train_.interval * std::int64_t{sent()}; };
  for (int n = 0; n < kAtOnce && sent() < train_.count; ++n) {
    if (due() > std::chrono::steady_clock::now()) break;
    send_one();
  }
  if (sent() < train_.count) {
    next_ = engine_.at(due(), [this] { send_due(); });
    return;
  }
  if (undecided_ == 0) return finish();
  next_ = engine_.at(flights_.back().departure.handed_over.steady + train_.wait, [this] {
    receive();  // what has arrived in time is in time
    finish();
  });
}

void SenderRun::send_one() {
  const std::uint32_t number = sent();
  Flight flight;
  int error = send_packet(number, flight);
  if (error != 0) {  // perhaps what an earlier packet has met
    receive();
    error = send_packet(number, flight);
  }
  report_.samples.push_back(
      {.number = number, .sent = instant_of(flight.departure.handed_over.wall)});
  flights_.push_back(flight);
  ++undecided_;
  if (error == 0) return;
  if (report_.send_error == 0) report_.send_error = error;
  ++report_.failures;
  decide(number, StampFate::Unsent);
}

int SenderRun::send_packet(std::uint32_t number, Flight& flight) {
  own_error_ = ErrorEstimate::of(kernel_clock());
  StampWire::Packet packet{};
  flight.departure.handed_over = ClockReading::now();
  flight.stamped = StampTime::ntp(flight.departure.handed_over.wall);
  const StampRequest request{
      .sequence = number, .sent = flight.stamped, .error = own_error_, .session = session_};
  train_.wire.encode(request, packet);
  return socket_->send(Bytes(packet).first(train_.wire.size()), number);
}

void SenderRun::receive() {
  socket_->receive(
      {.datagram = [this](const DatagramArrival& arrival) { on_datagram(arrival); },
       .notice = [this](const IcmpNotice& notice, Bytes quoted) { on_notice(notice, quoted); },
       .transmitted =
           [this](std::uint64_t packet, WallTime stamp) {
             if (packet < flights_.size()) flights_[packet].departure.stamp = stamp;
           }});
  if (undecided_ == 0 && sent() == train_.count) finish();
}

void SenderRun::on_datagram(const DatagramArrival& arrival) {
  const auto reply = train_.wire.decode_reply(arrival.bytes);
  const bool ours = reply && reply->request.sequence < sent() &&
                    reply->request.sent == flights_[reply->request.sequence].stamped &&
                    (reply->session == session_ || reply->session == 0);
  if (!ours) {
    ++report_.stray;
    return;
  }
  StampSample& sample = report_.samples[reply->request.sequence];
  if (sample.reflector_sequence) return note_further_reply(sample, *reply);
  sample.reflector_sequence = reply->sequence;
  sample.hop_limit_there = reply->sender_hop_limit;
  sample.hop_limit_back = arrival.hop_limit.value_or(0);
  note_first_reply(sample, *reply, arrival);
}

void SenderRun::note_further_reply(StampSample& sample, const StampReply& reply) {
  constexpr std::uint16_t kMost = 0xffff;
  ++report_.duplicates;
  if (sample.duplicates < kMost) ++sample.duplicates;
  const std::size_t room = 2 * std::size_t{train_.count};  // whoever sends more gains nothing
  if (report_.further.size() < room) report_.further.push_back(reply.sequence);
}

// T1 to T4 are when the packet left us, reached the reflector, left it, and came back.
void SenderRun::note_first_reply(StampSample& sample, const StampReply& reply,
                                 const DatagramArrival& arrival) {
  const Departure& departure = flights_[sample.number].departure;
  Arrival heard{.read = ClockReading::now()};
  if (arrival.kernel_stamp) heard.stamp = arrival.received;
  const RoundTrip trip = round_trip(departure, heard);
  if (trip.delay > train_.wait) {
    ++report_.late;
    return decide(sample.number, StampFate::Late);
  }
  if (sample.number < next_in_order_) ++report_.reordered;
  next_in_order_ = std::max(next_in_order_, sample.number + 1);
  const WallTime t1 = departure.stamp.value_or(departure.handed_over.wall);
  const WallTime t2 = wall_time(reply.received, reply.error.ptp, t1);
  const WallTime t3 = wall_time(reply.sent, reply.error.ptp, t1);
  const WallTime t4 = heard.stamp.value_or(heard.read.wall);
  sample.residence = t3 - t2;
  if (t3 < t2 || t3 - t2 > trip.delay) return decide(sample.number, StampFate::Implausible);
  ++report_.stamps.at(static_cast<std::size_t>(trip.stamps));
  sample.round_trip = trip.delay - (t3 - t2);
  if (!was_set_between(departure.handed_over, heard.read) && !reply.error.ptp) {
    sample.forward = t2 - t1;
    sample.backward = t4 - t3;
    sample.clock_bound = bound_of(own_error_, reply.error);
  }
  decide(sample.number, StampFate::Replied);
}

void SenderRun::on_notice(const IcmpNotice& notice, Bytes quoted) {
  if (!report_.notice) report_.notice = notice;
  const auto number = StampWire::sequence_in(quoted);
  if (!number || *number >= sent() || flights_[*number].decided) return;
  ++report_.failures;
  decide(*number, StampFate::Unreachable);
}

// A packet that was given up for good by an error may yet be replied to: then that is what counts.
void SenderRun::decide(std::uint32_t number, StampFate fate) {
  StampSample& sample = report_.samples[number];
  if (sample.fate == StampFate::Unreachable) --report_.failures;
  sample.fate = fate;
  if (!std::exchange(flights_[number].decided, true)) --undecided_;
}

void SenderRun::finish() {
  if (!finished_) return;
  next_.cancel();
  std::exchange(finished_, {})();
}

Result SenderRun::take_result(const Specification& specification) {
  Result result = make_stamp_result(specification, take_report(), train_.stateful);
  annotate(result, "packets.wait.us", train_.wait.count());
  return result;
}

StampReport SenderRun::take_report() {
  StampReport report = std::move(report_);
  const SteadyTime now = std::chrono::steady_clock::now();
  const auto is_open = [&](const StampSample& sample) {
    const Flight& flight = flights_[sample.number];
    return !flight.decided && flight.departure.handed_over.steady + train_.wait > now;
  };
  auto& samples = report.samples;
  samples.erase(std::remove_if(samples.begin(), samples.end(), is_open), samples.end());
  if (!samples.empty()) {
    report.first = samples.front().sent;
    report.last = samples.back().sent;
  }
  return report;
}

}  // namespace mplane::detail
