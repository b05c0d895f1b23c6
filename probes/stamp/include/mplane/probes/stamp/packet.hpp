#pragma once

#include "mplane/probes/stamp/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace mplane {

/// What a sender sends (RFC 8762 section 4.2.1, with the session identifier of RFC 8972). A value.
struct StampRequest {
  std::uint32_t sequence = 0;  ///< from 0 in each session
  StampTime sent = {};
  ErrorEstimate error = {};
  std::uint16_t session = 0;  ///< tells sessions from one port apart; 0 is none

  friend bool operator==(const StampRequest&, const StampRequest&) = default;
};

/// What a reflector sends back (RFC 8762 section 4.3.1). A value.
struct StampReply {
  std::uint32_t sequence = 0;  ///< of the reflector, if it keeps count; else the request's
  StampTime sent = {};
  ErrorEstimate error = {};
  std::uint16_t session = 0;  ///< the request's; 0 of a reflector that knows RFC 8762 only
  StampTime received = {};
  StampRequest request = {};          ///< what it replies to; its session is not said
  std::uint8_t sender_hop_limit = 0;  ///< of the request as it arrived

  friend bool operator==(const StampReply&, const StampReply&) = default;
};

/// The two forms of packets: as they are, or with a code that only who has the key can make.
enum class StampMode : std::uint8_t { Unauthenticated, Authenticated };

/// Reads and writes STAMP packets of one mode.
///
/// Unauthenticated ones have 44 octets; more are allowed and ignored, and of requests the first 14
/// are enough (TWAMP Light, RFC 8762 section 4.6). Authenticated ones have 112, of which the last
/// 16 are HMAC-SHA-256 over the first 96, truncated (section 4.4). Immutable.
class StampWire {
 public:
  /// Unauthenticated.
  StampWire() = default;
  /// Authenticated. @param key at least one octet.
  explicit StampWire(std::vector<std::uint8_t> key) : key_(std::move(key)) {}

  static constexpr std::size_t kLongest = 112;
  using Packet = std::array<std::uint8_t, kLongest>;

  StampMode mode() const noexcept;
  /// Octets of a packet.
  std::size_t size() const noexcept;

  /// Writes a packet into the first `size()` octets.
  void encode(const StampRequest& request, std::span<std::uint8_t> packet) const noexcept;
  void encode(const StampReply& reply, std::span<std::uint8_t> packet) const noexcept;

  /// Nothing if it is too short, corrupt, or not authentic.
  std::optional<StampRequest> decode_request(std::span<const std::uint8_t> packet) const noexcept;
  std::optional<StampReply> decode_reply(std::span<const std::uint8_t> packet) const noexcept;

  /// The sequence number of a packet of which only the beginning is there, as ICMP errors quote it.
  static std::optional<std::uint32_t> sequence_in(std::span<const std::uint8_t> quoted) noexcept;

 private:
  void sign(std::span<std::uint8_t> packet) const noexcept;
  bool is_authentic(std::span<const std::uint8_t> packet) const noexcept;

  std::vector<std::uint8_t> key_;  // empty: unauthenticated
};

}  // namespace mplane
