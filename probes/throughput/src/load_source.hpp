#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/socket_address.hpp"
#include "mplane/probes/throughput/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace mplane::detail {

/// What the sending host knows of a load. A value.
struct LoadSent {
  std::uint64_t datagrams = 0;
  int error = 0;  ///< errno of the last one that could not leave this host
  std::optional<std::uint32_t> retransmissions = {};  ///< segments (tcpi_total_retrans)
  std::optional<std::uint32_t> segment = {};          ///< octets in the largest segment
  /// Of the kernel's smoothed round-trip times, read ten times a second, the greatest and the mean.
  std::optional<std::uint32_t> most_rtt_us = {};
  std::optional<std::uint32_t> mean_rtt_us = {};
  std::optional<std::uint32_t> least_rtt_us = {};  ///< of single segments (tcpi_min_rtt)
};

/// Sends from its making on, at a rate, until it is ended. On the engine's loop.
class LoadSource {
 public:
  LoadSource() = default;
  LoadSource(const LoadSource&) = delete;
  LoadSource& operator=(const LoadSource&) = delete;
  virtual ~LoadSource() = default;

  /// Sends no more; what is under way still arrives.
  virtual void end() = 0;
  /// What was sent; of TCP read now, so that retransmissions until the report count.
  virtual LoadSent sent() = 0;
  /// Octets that this host knows to have arrived; 0 where nobody tells it.
  virtual std::uint64_t acknowledged() { return 0; }
};

/// Sends on a connected socket, which outlives it; the kernel paces it (SO_MAX_PACING_RATE),
/// headers included.
/// @param failed called when the other side takes no more, or has something to say, before the end.
std::unique_ptr<LoadSource> make_tcp_source(Engine& engine, int connection, std::uint64_t rate,
                                            std::function<void()> failed);

/// Sends datagrams of so many octets to where the receiver listens. The rate is that of their
/// octets, without headers. @throws Error{Unavailable} without a socket.
std::unique_ptr<LoadSource> make_udp_source(Engine& engine, const Endpoint& receiver,
                                            std::uint64_t cookie, std::uint64_t rate,
                                            std::size_t octets);

}  // namespace mplane::detail
