#pragma once

#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probe/socket_address.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <sys/socket.h>
#include <vector>

namespace mplane::detail {

/// Buffers to send several messages with one system call, each with a hop limit and a traffic class
/// of its own. One thread at a time.
class OutgoingBatch {
 public:
  OutgoingBatch(std::size_t capacity, std::size_t longest_message);

  void clear() noexcept { size_ = 0; }
  std::size_t size() const noexcept { return size_; }
  bool is_full() const noexcept { return size_ == places_.size(); }

  /// Where the next message is to be written, before it is added. Not of a full batch.
  std::span<std::uint8_t> space() noexcept;
  /// Adds the message whose first `length` bytes lie in `space`.
  void add(std::size_t length, const SocketAddress& to, IpFamily family,
           std::optional<std::uint8_t> hop_limit, std::uint8_t traffic_class) noexcept;

  /// Sends those from the n-th on. @return how many; 0 with errno for none.
  std::size_t send(int descriptor, std::size_t first) noexcept;

 private:
  struct Place {
    iovec vector{};
    SocketAddress to{};
    alignas(cmsghdr) std::array<std::uint8_t, 2 * CMSG_SPACE(sizeof(int))> control{};
  };

  std::size_t longest_;
  std::size_t size_ = 0;
  std::vector<std::uint8_t> buffer_;
  std::vector<Place> places_;
  std::vector<mmsghdr> headers_;
};

}  // namespace mplane::detail
