#pragma once

#include "mplane/probe/cookie.hpp"
#include "mplane/probe/echo_tag.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/round_trip.hpp"
#include "mplane/probes/ping/request.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
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

  /// A packet left, or, unless the outcome says `Sent`, never will. In the order of numbers.
  virtual void on_departure(std::uint32_t number, const ClockReading& handed_over,
                            const SendOutcome& outcome) = 0;
  virtual void on_stamp(std::uint32_t number, WallTime sent) = 0;
  virtual void on_reply(std::uint32_t number, const Arrival& arrival, std::uint8_t hop_limit) = 0;
  virtual void on_failure(std::uint32_t number, IcmpTrouble trouble) = 0;

 protected:
  ~EchoStream() = default;
};

/// Sends the echo requests of any number of streams, to as many targets, over one socket, and hands
/// each what concerns it. Packets that are due together leave by one system call. One for each
/// source address. Lives on the engine's loop.
class Pinger {
 public:
  using StreamId = std::uint32_t;

  /// @throws Error as IcmpSocket does.
  Pinger(Engine& engine, const Address& source);
  Pinger(const Pinger&) = delete;
  Pinger& operator=(const Pinger&) = delete;
  ~Pinger() = default;

  /// The stream, which outlives its entry, may send what the request asks for from now on.
  StreamId open(const PingRequest& request, EchoStream& stream);
  void close(StreamId id) noexcept;
  /// Whether no stream is open.
  bool is_idle() const noexcept { return streams_.empty(); }

  /// Sends the stream's first packet now, and plans the others from then on. Of a stream that is
  /// open. Not from within a stream's handlers.
  void begin(StreamId id);

  /// Hands out all that has arrived and was not read yet, before something is decided for lack of
  /// it. Not from within a stream's handlers.
  void catch_up();

 private:
  struct Entry {
    PingRequest request;
    EchoStream* stream;
  };

  /// The next packet of a stream.
  struct Due {
    SteadyTime when;
    StreamId stream;
    std::uint32_t number;

    bool operator<(const Due& other) const noexcept {  // the earliest is the queue's greatest
      return when != other.when ? when > other.when : number > other.number;
    }
  };

  void send_due();
  void collect_due(SteadyTime now);
  void take(const Due& due, const Entry& entry);
  std::size_t send_batch();
  void tell_departure(const Due& due, const ClockReading& now, const SendOutcome& outcome);
  void put_back(std::size_t first);
  void wake_for_next(SteadyTime not_before);
  bool read_some();
  IcmpEvents events();
  Entry* find(StreamId id) noexcept;
  void hear_reply(const EchoArrival& arrival, const ClockReading& read);
  void hear_failure(const FailureArrival& arrival);
  void hear_stamp(std::uint64_t packet, WallTime sent);

  Engine& engine_;
  IcmpSocket socket_;
  const CookieKey key_ = CookieKey::random();
  std::unordered_map<StreamId, Entry> streams_;
  StreamId next_id_ = 0;

  std::priority_queue<Due> due_;
  std::vector<Due> batch_;  // what the requests are of
  std::vector<EchoDeparture> requests_;
  std::vector<std::uint8_t> payloads_;  // of a batch, one behind the other
  Timer next_send_;
  std::optional<SteadyTime> wakes_at_;
  Watch watch_;
};

}  // namespace mplane::detail
