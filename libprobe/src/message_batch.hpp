#pragma once

#include "mplane/model/address.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probe/icmp_socket.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <sys/socket.h>
#include <vector>

namespace mplane::detail {

/// What the kernel says beside a received message.
struct Ancillary {
  /// Why a message is in the error queue.
  struct Cause {
    enum class Origin : std::uint8_t { Icmp, TransmitStamp, Other };
    Origin origin = Origin::Other;
    std::uint8_t type = 0;            // of the ICMP error
    std::uint8_t code = 0;            // of the ICMP error
    std::uint32_t key = 0;            // of the stamped packet: how many were sent before
    std::uint32_t mtu = 0;            // that the ICMP error names, if it says that one is exceeded
    std::size_t extensions = 0;       // where those of the ICMP error begin; 0 if there are none
    std::optional<Address> reporter;  // who sent the ICMP error
  };

  std::optional<WallTime> stamp;
  std::optional<std::uint8_t> hop_limit;
  std::optional<std::uint8_t> traffic_class;
  std::optional<std::uint32_t> dropped;
  std::optional<Cause> cause;
  std::optional<Address> local;  // where it was sent to
};

/// What an ICMP error in an error queue says of our packet, and behind that (RFC 4884).
struct Quote {
  Bytes packet;
  Bytes extensions;
};

/// Parts what an error queue hands out. @param marked where the extensions begin, if that is known.
/// @param headers bytes of the packet's headers that the kernel has left out.
Quote parted(Bytes queued, std::size_t marked, std::size_t headers) noexcept;

/// Buffers to receive up to 32 messages, or fewer, with one system call. One thread at a time.
class MessageBatch {
 public:
  static constexpr std::size_t kSize = 32;

  explicit MessageBatch(std::size_t longest_message, std::size_t capacity = kSize);

  /// Fills the batch with what waits; `flags` as of recvmmsg, which never blocks here.
  /// @return how many there are; 0 also when the socket had an error to report.
  std::size_t receive(int descriptor, int flags) noexcept;

  // Of one received message:
  Bytes bytes(std::size_t n) const noexcept;
  std::size_t length(std::size_t n) const noexcept;  ///< also of what was cut, given MSG_TRUNC
  std::optional<Address> peer(std::size_t n) const noexcept;
  std::uint16_t peer_port(std::size_t n) const noexcept;
  Ancillary ancillary(std::size_t n) const noexcept;

 private:
  static constexpr std::size_t kControl = 256;  // a stamp, a hop limit, a cause, a counter: 200

  struct Place {
    iovec vector{};
    sockaddr_storage peer{};
    alignas(cmsghdr) std::array<std::uint8_t, kControl> control{};
  };

  std::size_t longest_;
  std::vector<std::uint8_t> buffer_;
  std::vector<Place> places_;
  std::vector<mmsghdr> headers_;
};

}  // namespace mplane::detail
