#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probe/icmp_notice.hpp"
#include "mplane/probe/round_trip.hpp"
#include "mplane/probe/socket_address.hpp"
#include "mplane/probes/trace/mpls.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mplane::detail {

enum class TraceMethod : std::uint8_t { Udp, Icmp, Tcp };

/// What one packet was answered.
struct HopReply {
  Address from;
  std::optional<IcmpNotice> error = {};        ///< else the target's own answer
  std::optional<std::uint8_t> hop_limit = {};  ///< as it arrived, where the system tells
  std::vector<MplsLabel> labels = {};
  Arrival arrival = {};
  bool repeated = false;  ///< the packet was sent again meanwhile: no delay is known
  bool reset = false;     ///< the target's answer to a SYN of our own; else a SYN-ACK
};

/// Sends packets with hop limits to one target, in one or several flows, and hears what comes of
/// them. Lives on the engine's loop.
class HopProber {
 public:
  /// Who is told. None may destroy the prober.
  struct Events {
    std::function<void(std::uint32_t number, HopReply reply)> reply;
    std::function<void(std::uint32_t number, WallTime sent)> stamp;
    /// Something that may be a reply, but quotes too little to say to what, or was forged.
    std::function<void()> stray;
  };

  HopProber() = default;
  HopProber(const HopProber&) = delete;
  HopProber& operator=(const HopProber&) = delete;
  virtual ~HopProber() = default;

  /// Sends packet `number` of the prober, in a flow. @return 0, or errno if it did not leave.
  virtual int send(std::uint32_t number, std::uint32_t flow, std::uint8_t hop_limit) = 0;
  /// The port that a packet came from, 0 if it had none.
  virtual std::uint16_t source_port(std::uint32_t number, std::uint32_t flow) const = 0;
  /// Hands out what has arrived and was not read yet, up to some thousands.
  virtual void catch_up() = 0;
  /// Nobody waits for what comes of a packet any more.
  virtual void give_up(std::uint32_t /*number*/) {}
  /// Whether all packets of a flow look the same to routers that share load by flow.
  virtual bool keeps_flows() const noexcept { return true; }
};

/// What all kinds take.
struct HopProberOptions {
  Endpoint target{.host = Ip4()};
  std::uint32_t flows = 1;
  std::uint16_t source_port = 0;  ///< of the first flow, by UDP; 0 leaves it to the system
};

/// By UDP: a socket for each flow, whose ports never change (Paris traceroute), so that routers
/// that share load by flow send all its packets one way. @throws Error{Configuration} naming the
/// source port that cannot be had; {Unavailable}.
std::unique_ptr<HopProber> make_udp_prober(Engine& engine, const HopProberOptions& options,
                                           HopProber::Events events);
/// By ICMP echo: identifier and checksum never change, which take the place of ports. One flow.
/// @throws Error as IcmpSocket.
std::unique_ptr<HopProber> make_icmp_prober(Engine& engine, const HopProberOptions& options,
                                            HopProber::Events events);
/// By TCP as this host allows it: by segments of our own, or for one flow without a right to those
/// by attempts to connect. @throws Error as SynSocket.
std::unique_ptr<HopProber> make_tcp_prober(Engine& engine, const HopProberOptions& options,
                                           HopProber::Events events);
/// By SYNs that we make ourselves: a held port for each flow, all whose packets look the same
/// (Paris traceroute) but for the sequence number, which says what is answered.
/// @throws Error as SynSocket.
std::unique_ptr<HopProber> make_syn_prober(Engine& engine, const HopProberOptions& options,
                                           HopProber::Events events);
/// By an attempt to connect for each packet, hence from another port: each is its own flow.
std::unique_ptr<HopProber> make_connecting_prober(Engine& engine, const HopProberOptions& options,
                                                  HopProber::Events events);

/// Why a method cannot be had here, be it for several flows; empty if it can.
std::string problem_of(TraceMethod method, IpFamily family, bool several_flows = false);

/// Sets the hop limit of what a socket sends next, and has it told of what arrives.
void limit_hops(int descriptor, IpFamily family, int hop_limit) noexcept;
void tell_hop_limits(int descriptor, IpFamily family) noexcept;

}  // namespace mplane::detail
