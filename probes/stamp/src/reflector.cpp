#include "reflector.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/kernel_clock.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::size_t kLongest = 1500;
constexpr std::uint16_t kFirstUnprivileged = 1024;
constexpr std::chrono::minutes kNear(1);

}  // namespace

Reflector::Reflector(Engine& engine, IpFamily family, const StampSettings& settings,
                     TargetCheck check, SteadyNow now)
    : settings_(settings),
      wire_(settings.authenticated.value_or(StampWire())),
      check_(std::move(check)),
      now_(std::move(now)),
      port_(family, settings.port, kLongest),
      sessions_({.all = settings.max_sessions,
                 .of_host = settings.max_sessions_per_host,
                 .timeout = settings.session_timeout}) {
  buffer_.reserve(kLongest);
  watch_ = engine.watch(port_.descriptor(), {.readable = true}, [this](Readiness) {
    port_.receive([this](const PortArrival& arrival) { hear(arrival); });
  });
}

void Reflector::hear(const PortArrival& arrival) {
  const auto request = wire_.decode_request(arrival.bytes);
  if (!request) return each([](ReflectorEvents& events) { events.on_stray(); });
  const StampSession session{.host = arrival.from.host,
                             .port = arrival.from.port,
                             .here = arrival.to,
                             .identifier = request->session};
  const SteadyTime now = now_();
  sessions_.forget_silent(now);
  // The rate comes last: what is refused takes nothing of it.
  if (may_be_reflector(arrival) || !admits(session) || !is_in_rate(now)) {
    return each([](ReflectorEvents& events) { events.on_refused(); });
  }
  const bool is_new = !sessions_.contains(session);
  std::uint32_t& replies = sessions_.use(session, now);
  const int error = reply(arrival, *request, replies);
  if (error == 0) ++replies;
  each([&](ReflectorEvents& events) {
    events.on_request({.session = session,
                       .begins_session = is_new,
                       .sequence = request->sequence,
                       .received = arrival.received,
                       .kernel_stamp = arrival.kernel_stamp,
                       .error = error});
  });
}

// Well-known ports answer many things, and at our own listens our like. At others a reflector shows
// itself by what it sends back: when the packet that it replies to, ours, was sent, by our clock.
bool Reflector::may_be_reflector(const PortArrival& arrival) const {
  const std::uint16_t port = arrival.from.port;
  if (port < kFirstUnprivileged || port == port_.port()) return true;
  const auto read = wire_.decode_reply(arrival.bytes);
  if (!read || read->request.sent == StampTime()) return false;  // as it is in requests
  const WallTime sent = wall_time(read->request.sent, false, arrival.received);
  return std::chrono::abs(arrival.received - sent) < kNear;
}

bool Reflector::admits(const StampSession& session) const {
  if (sessions_.contains(session)) return true;
  try {
    if (check_) check_(session.host);
  } catch (const Error&) {
    return false;
  }
  return sessions_.has_room_for(session.host);
}

// Bursts of a tenth of a second's packets pass.
bool Reflector::is_in_rate(SteadyTime now) noexcept {
  const std::chrono::nanoseconds each =
      std::chrono::nanoseconds(std::chrono::seconds(1)) / std::int64_t{settings_.max_rate};
  const SteadyTime next = std::max(next_allowed_, now) + each;
  constexpr std::chrono::milliseconds kBurst(100);
  if (next - now > std::max<std::chrono::nanoseconds>(kBurst, each)) return false;
  next_allowed_ = next;
  return true;
}

int Reflector::reply(const PortArrival& arrival, const StampRequest& request,
                     std::uint32_t sequence) {
  // As long as the request, whose further octets are sent back as they came (RFC 8762 section 4.6).
  buffer_.assign(arrival.bytes.begin(), arrival.bytes.end());
  buffer_.resize(std::max(buffer_.size(), wire_.size()));
  StampReply reply{.sequence = sequence,
                   .error = ErrorEstimate::of(kernel_clock()),
                   .session = request.session,
                   .received = StampTime::ntp(arrival.received),
                   .request = request,
                   .sender_hop_limit = arrival.hop_limit.value_or(0)};
  reply.sent = StampTime::ntp(std::chrono::system_clock::now());
  wire_.encode(reply, buffer_);
  constexpr std::uint8_t kCodePoint =
      0xfc;  // congestion on the way here is not that of the way back
  return port_.send(buffer_, arrival.from, arrival.to, arrival.traffic_class & kCodePoint);
}

std::shared_ptr<Reflector> Reflectors::of(IpFamily family) {
  std::weak_ptr<Reflector>& open = open_[family];
  auto reflector = open.lock();
  if (reflector == nullptr) {
    reflector = std::make_shared<Reflector>(engine_, family, settings_, check_, now_);
    open = reflector;
  }
  return reflector;
}

}  // namespace mplane::detail
