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

}  // namespace

Reflector::Reflector(Engine& engine, IpFamily family, const StampSettings& settings,
                     TargetCheck check)
    : settings_(settings),
      wire_(settings.authenticated.value_or(StampWire())),
      check_(std::move(check)),
      port_(family, settings.port, kLongest) {
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
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!admits(session, now)) return each([](ReflectorEvents& events) { events.on_refused(); });
  Count& count = sessions_[session];
  count.last = now;
  const int error = reply(arrival, *request, count.replies);
  if (error == 0) ++count.replies;
  each([&](ReflectorEvents& events) {
    events.on_request(session, request->sequence, arrival.received, error);
  });
}

bool Reflector::admits(const StampSession& session, SteadyTime now) {
  if (session.port < kFirstUnprivileged || session.port == port_.port() || !is_in_rate(now)) {
    return false;
  }
  if (sessions_.contains(session)) return true;
  try {
    if (check_) check_(session.host);
  } catch (const Error&) {
    return false;
  }
  return make_room(now);
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

bool Reflector::make_room(SteadyTime now) {
  if (sessions_.size() < settings_.max_sessions) return true;
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    const bool over = now - session->second.last > settings_.session_timeout;
    session = over ? sessions_.erase(session) : std::next(session);
  }
  return sessions_.size() < settings_.max_sessions;
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
  return port_.send(buffer_, arrival.from, arrival.to);
}

std::shared_ptr<Reflector> Reflectors::of(IpFamily family) {
  std::weak_ptr<Reflector>& open = open_[family];
  auto reflector = open.lock();
  if (reflector == nullptr) {
    reflector = std::make_shared<Reflector>(engine_, family, settings_, check_);
    open = reflector;
  }
  return reflector;
}

}  // namespace mplane::detail
