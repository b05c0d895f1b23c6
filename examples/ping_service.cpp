#include "ping_service.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <poll.h>
#include <random>
#include <vector>

#include <mplane/probe/icmp_socket.hpp>

namespace example {
namespace {

using Clock = std::chrono::system_clock;
using mplane::Duration;

/// What each packet carries, so that only its own reply is taken for it.
using Tag = std::array<std::uint8_t, 16>;

Tag new_tag() {
  std::random_device random;
  Tag tag{};
  for (std::uint8_t& byte : tag) byte = static_cast<std::uint8_t>(random());
  return tag;
}

/// Sends one echo request and waits for the reply; nothing when none comes in time.
std::optional<Duration> ping_once(mplane::IcmpSocket& socket, const mplane::Address& target,
                                  const std::uint16_t sequence, const Clock::time_point until) {
  const Tag tag = new_tag();
  std::optional<Duration> delay;
  mplane::WallTime sent = Clock::now();
  const mplane::IcmpEvents events{
      .reply =
          [&](const mplane::EchoArrival& arrival) {
            const auto& payload = arrival.echo.payload;
            if (!std::equal(payload.begin(), payload.end(), tag.begin(), tag.end())) return;
            delay = std::chrono::duration_cast<Duration>(arrival.received - sent);
          },
      .transmitted = [&](std::uint64_t, const mplane::WallTime stamp) { sent = stamp; }};
  socket.send(target, sequence, tag, sequence);
  while (!delay) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd readable{socket.descriptor(), POLLIN, 0};
    if (left <= 0 || poll(&readable, 1, static_cast<int>(left)) != 1) return {};
    socket.receive(events);
  }
  return delay;
}

/// Waits for the next packet's time, looking up now and then.
void wait_until(const Clock::time_point then, const std::stop_token& stop) {
  while (!stop.stop_requested() && Clock::now() < then) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(then - Clock::now()).count();
    poll(nullptr, 0, static_cast<int>(std::min<std::int64_t>(left, 100)));
  }
}

}  // namespace

mplane::Capability ping_capability(const mplane::Registry& registry) {
  return mplane::Capability::measure("ping-average-ip4")
      .when("now ... future / 1s")
      .parameter("source.ip4", "127.0.0.1")  // constrained to one value
      .parameter("destination.ip4")          // free
      .result("delay.twoway.icmp.us.min")
      .result("delay.twoway.icmp.us.mean")
      .result("delay.twoway.icmp.us.max")
      .result("delay.twoway.icmp.count")
      .build(registry);  // every check happens here, and names what is wrong
}

mplane::Result run_ping(const mplane::Specification& specification, const std::stop_token stop) {
  const mplane::Address target = specification.get<mplane::Ip4>("destination.ip4");
  const Duration period = specification.when().period().value_or(std::chrono::seconds(1));
  const auto first = std::chrono::time_point_cast<Duration>(Clock::now());
  const auto length = specification.when().length(first).value_or(Duration(0));

  mplane::IcmpSocket socket(mplane::IpFamily::Ip4,
                            {.source = specification.get<mplane::Address>("source.ip4")});
  std::vector<std::uint64_t> delays;
  auto next = first;
  for (std::uint16_t packet = 0; !stop.stop_requested(); ++packet) {
    const auto delay = ping_once(socket, target, packet, next + period);
    if (delay) delays.push_back(static_cast<std::uint64_t>(delay->count()));
    next += period;
    if (next >= first + length) break;
    wait_until(next, stop);
  }

  const auto last = std::max(first, std::chrono::time_point_cast<Duration>(Clock::now()));
  mplane::Result result(specification);  // columns, label and token come from the specification
  result.measured(first, last);          // the scope that really was measured
  if (delays.empty()) return result.row({{"delay.twoway.icmp.count", 0}});
  const auto [min, max] = std::minmax_element(delays.begin(), delays.end());
  std::uint64_t sum = 0;
  for (const std::uint64_t delay : delays) sum += delay;
  return result.row({{"delay.twoway.icmp.us.min", *min},
                     {"delay.twoway.icmp.us.mean", sum / delays.size()},
                     {"delay.twoway.icmp.us.max", *max},
                     {"delay.twoway.icmp.count", delays.size()}});
}

}  // namespace example
