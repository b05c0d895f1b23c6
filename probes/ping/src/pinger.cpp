#include "pinger.hpp"

#include <numeric>

namespace mplane::detail {
namespace {

constexpr std::size_t kPayload = 56;  // bytes, so that the ICMP message has the customary 64

std::uint64_t packet_of(const EchoTag& tag) noexcept {
  return (std::uint64_t{tag.stream} << 32U) | tag.number;
}

}  // namespace

Pinger::Pinger(Engine& engine, const Address& source)
    : socket_(family_of(source), {.source = source, .max_payload = kPayload}), payload_(kPayload) {
  std::iota(payload_.begin(), payload_.end(), std::uint8_t{0});  // what the tag leaves, is filling
  watch_ =
      engine.watch(socket_.descriptor(), {.readable = true}, [this](Readiness) { read_some(); });
}

Pinger::StreamId Pinger::open(const Address& target, EchoStream& stream) {
  while (!streams_.try_emplace(next_id_, Entry{target, &stream}).second) ++next_id_;
  return next_id_++;
}

void Pinger::close(StreamId id) noexcept { streams_.erase(id); }

SendOutcome Pinger::send(StreamId id, std::uint32_t number) noexcept {
  const Address& target = streams_.find(id)->second.target;
  const EchoTag tag{.stream = id, .number = number};
  write_echo_tag(key_, target, tag, payload_);
  const auto sequence = static_cast<std::uint16_t>(number & 0xffffU);
  return socket_.send(target, sequence, payload_, packet_of(tag));
}

void Pinger::catch_up() {
  while (read_some()) {
  }
}

bool Pinger::read_some() {
  return socket_.receive(
      {.reply = [this](const EchoArrival& arrival) { hear_reply(arrival, ClockReading::now()); },
       .failure = [this](const FailureArrival& arrival) { hear_failure(arrival); },
       .transmitted = [this](std::uint64_t packet, WallTime sent) { hear_stamp(packet, sent); }});
}

Pinger::Entry* Pinger::find(const std::optional<EchoTag>& tag) noexcept {
  if (!tag) return nullptr;
  const auto entry = streams_.find(tag->stream);
  return entry == streams_.end() ? nullptr : &entry->second;
}

void Pinger::hear_reply(const EchoArrival& arrival, const ClockReading& read) {
  const auto tag = read_echo_tag(key_, arrival.from, arrival.echo.payload);
  Entry* const entry = find(tag);
  if (entry == nullptr) return;
  Arrival heard{.read = read};
  if (arrival.kernel_stamp) heard.stamp = arrival.received;
  entry->stream->on_reply(tag->number, heard);
}

void Pinger::hear_failure(const FailureArrival& arrival) {
  const EchoFailure& failure = arrival.failure;
  const auto tag = read_echo_tag(key_, failure.destination, failure.request.payload);
  if (Entry* const entry = find(tag)) entry->stream->on_failure(tag->number);
}

void Pinger::hear_stamp(std::uint64_t packet, WallTime sent) {
  const EchoTag tag{.stream = static_cast<std::uint32_t>(packet >> 32U),
                    .number = static_cast<std::uint32_t>(packet & 0xffffffffU)};
  if (Entry* const entry = find(tag)) entry->stream->on_stamp(tag.number, sent);
}

}  // namespace mplane::detail
