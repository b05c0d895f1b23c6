#pragma once

#include "mplane/probe/cookie.hpp"
#include "mplane/probe/echo_tag.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/round_trip.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace mplane::detail {

/// Who sends a stream of echo requests, and hears what comes back: only what our own packets caused
/// (the cookie is checked), but possibly twice, late, or both.
class EchoStream {
 public:
  EchoStream() = default;
  EchoStream(const EchoStream&) = delete;
  EchoStream& operator=(const EchoStream&) = delete;

  virtual void on_stamp(std::uint32_t number, WallTime sent) = 0;
  virtual void on_reply(std::uint32_t number, const Arrival& arrival) = 0;
  virtual void on_failure(std::uint32_t number) = 0;

 protected:
  ~EchoStream() = default;
};

/// Sends the echo requests of any number of streams, to as many targets, over one socket, and hands
/// each what concerns it. One for each source address. Lives on the engine's loop.
class Pinger {
 public:
  using StreamId = std::uint32_t;

  /// @throws Error as IcmpSocket does.
  Pinger(Engine& engine, const Address& source);
  Pinger(const Pinger&) = delete;
  Pinger& operator=(const Pinger&) = delete;

  /// The stream, which outlives its entry, may send to the target from now on.
  StreamId open(const Address& target, EchoStream& stream);
  void close(StreamId id) noexcept;
  /// Whether no stream is open.
  bool is_idle() const noexcept { return streams_.empty(); }

  /// Sends the stream's packet of that number. Of a stream that is open.
  SendOutcome send(StreamId id, std::uint32_t number) noexcept;

  /// Hands out all that has arrived and was not read yet, before something is decided for lack of
  /// it. Not from within a stream's handlers.
  void catch_up();

 private:
  struct Entry {
    Address target;
    EchoStream* stream;
  };

  bool read_some();
  Entry* find(const std::optional<EchoTag>& tag) noexcept;
  void hear_reply(const EchoArrival& arrival, const ClockReading& read);
  void hear_failure(const FailureArrival& arrival);
  void hear_stamp(std::uint64_t packet, WallTime sent);

  IcmpSocket socket_;
  const CookieKey key_ = CookieKey::random();
  std::unordered_map<StreamId, Entry> streams_;
  StreamId next_id_ = 0;
  std::vector<std::uint8_t> payload_;
  Watch watch_;
};

}  // namespace mplane::detail
