#include "pinger.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <span>

namespace mplane::detail {
namespace {

constexpr std::size_t kLargestBatch = IcmpSocket::kLargestBatch;

std::uint64_t packet_of(const EchoTag& tag) noexcept {
  return (std::uint64_t{tag.stream} << 32U) | tag.number;
}

}  // namespace

Pinger::Pinger(Engine& engine, const Address& source)
    : engine_(engine),
      socket_(family_of(source), {.source = source, .max_payload = kLargestEchoPayload}),
      payloads_(kLargestBatch * kLargestEchoPayload) {
  batch_.reserve(kLargestBatch);
  requests_.reserve(kLargestBatch);
  for (std::size_t n = 0; n < kLargestBatch; ++n) {  // what the tag leaves, is filling
    const auto payload = std::span(payloads_).subspan(n * kLargestEchoPayload, kLargestEchoPayload);
    std::iota(payload.begin(), payload.end(), std::uint8_t{0});
  }
  watch_ =
      engine.watch(socket_.descriptor(), {.readable = true}, [this](Readiness) { read_some(); });
}

Pinger::StreamId Pinger::open(const PingRequest& request, EchoStream& stream) {
  while (!streams_.try_emplace(next_id_, Entry{request, &stream}).second) ++next_id_;
  return next_id_++;
}

void Pinger::close(StreamId id) noexcept { streams_.erase(id); }

void Pinger::begin(StreamId id) {
  batch_.clear();
  requests_.clear();
  take({std::chrono::steady_clock::now(), id, 0}, streams_.find(id)->second);
  if (send_batch() == 0) put_back(0);
  wake_for_next({});
}

void Pinger::send_due() {
  constexpr int kRounds = 4;  // then replies have their turn
  constexpr auto kSoon = std::chrono::milliseconds(1);
  SteadyTime not_before{};
  for (int round = 0; round < kRounds; ++round) {
    const SteadyTime now = std::chrono::steady_clock::now();
    collect_due(now);
    const std::size_t done = send_batch();
    if (done < batch_.size()) {
      put_back(done);
      not_before = now + kSoon;
    }
    if (done < kLargestBatch) break;
  }
  wake_for_next(not_before);
}

void Pinger::collect_due(SteadyTime now) {
  batch_.clear();
  requests_.clear();
  while (!due_.empty() && due_.top().when <= now && batch_.size() < kLargestBatch) {
    const Due due = due_.top();
    due_.pop();
    const auto entry = streams_.find(due.stream);
    if (entry == streams_.end()) continue;
    take(due, entry->second);
  }
}

// Takes a packet into the batch, and plans the stream's next one.
void Pinger::take(const Due& due, const Entry& entry) {
  const PingRequest& request = entry.request;
  const EchoTag tag{.stream = due.stream, .number = due.number};
  const auto payload =
      std::span(payloads_).subspan(batch_.size() * kLargestEchoPayload, request.payload);
  write_echo_tag(key_, request.destination, tag, payload);
  batch_.push_back(due);
  requests_.push_back({.target = request.destination,
                       .sequence = static_cast<std::uint16_t>(due.number & 0xffffU),
                       .payload = payload,
                       .packet = packet_of(tag),
                       .hop_limit = request.hop_limit,
                       .traffic_class = request.traffic_class});
  if (due.number + 1 < request.count) {
    due_.push({due.when + request.interval, due.stream, due.number + 1});
  }
}

// @return how many packets of the batch are done with, be it that they have left or never will.
std::size_t Pinger::send_batch() {
  std::size_t done = 0;
  while (done < batch_.size()) {
    const ClockReading now = ClockReading::now();
    const BatchOutcome outcome = socket_.send(std::span(requests_).subspan(done));
    for (std::size_t n = done; n < done + outcome.sent; ++n) tell_departure(batch_[n], now, {});
    done += outcome.sent;
    if (done == batch_.size()) break;
    const auto stream = streams_.find(batch_[done].stream);
    const bool in_time =
        stream != streams_.end() && now.steady < batch_[done].when + stream->second.request.wait;
    if (outcome.next.status == SendStatus::Full && in_time) break;
    tell_departure(batch_[done++], now, outcome.next);
  }
  if (done > 0) socket_.receive_stamps(events());
  return done;
}

void Pinger::tell_departure(const Due& due, const ClockReading& now, const SendOutcome& outcome) {
  if (Entry* const entry = find(due.stream)) entry->stream->on_departure(due.number, now, outcome);
}

void Pinger::put_back(std::size_t first) {
  for (std::size_t n = first; n < batch_.size(); ++n) due_.push(batch_[n]);
}

void Pinger::wake_for_next(SteadyTime not_before) {
  if (due_.empty()) return;
  const SteadyTime when = std::max(due_.top().when, not_before);
  if (wakes_at_ && *wakes_at_ <= when) return;
  wakes_at_ = when;
  next_send_ = engine_.at(when, [this] {
    wakes_at_.reset();
    send_due();
  });
}

void Pinger::catch_up() {
  while (read_some()) {
  }
}

bool Pinger::read_some() { return socket_.receive(events()); }

IcmpEvents Pinger::events() {
  return {.reply = [this](const EchoArrival& arrival) { hear_reply(arrival, ClockReading::now()); },
          .failure = [this](const FailureArrival& arrival) { hear_failure(arrival); },
          .transmitted = [this](std::uint64_t packet, WallTime sent) { hear_stamp(packet, sent); }};
}

Pinger::Entry* Pinger::find(StreamId id) noexcept {
  const auto entry = streams_.find(id);
  return entry == streams_.end() ? nullptr : &entry->second;
}

void Pinger::hear_reply(const EchoArrival& arrival, const ClockReading& read) {
  const auto tag = read_echo_tag(key_, arrival.from, arrival.echo.payload);
  Entry* const entry = tag ? find(tag->stream) : nullptr;
  if (entry == nullptr) return;
  Arrival heard{.read = read};
  if (arrival.kernel_stamp) heard.stamp = arrival.received;
  entry->stream->on_reply(tag->number, heard, arrival.hop_limit.value_or(0));
}

void Pinger::hear_failure(const FailureArrival& arrival) {
  const EchoFailure& failure = arrival.failure;
  const auto tag = read_echo_tag(key_, failure.destination, failure.request.payload);
  Entry* const entry = tag ? find(tag->stream) : nullptr;
  if (entry != nullptr) entry->stream->on_failure(tag->number, failure.trouble);
}

void Pinger::hear_stamp(std::uint64_t packet, WallTime sent) {
  const auto id = static_cast<StreamId>(packet >> 32U);
  Entry* const entry = find(id);
  if (entry != nullptr) {
    entry->stream->on_stamp(static_cast<std::uint32_t>(packet & 0xffffffffU), sent);
  }
}

}  // namespace mplane::detail
