#include "outgoing_batch.hpp"

#include <cstring>
#include <netinet/in.h>

namespace mplane::detail {
namespace {

// Appends a number to what is said beside a message. @return the length of it all
std::size_t append(std::span<std::uint8_t> control, std::size_t length, int level, int type,
                   int value) noexcept {
  cmsghdr header{};
  header.cmsg_level = level;
  header.cmsg_type = type;
  header.cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(control.data() + length, &header, sizeof header);
  std::memcpy(control.data() + length + CMSG_LEN(0), &value, sizeof value);
  return length + CMSG_SPACE(sizeof value);
}

}  // namespace

OutgoingBatch::OutgoingBatch(std::size_t capacity, std::size_t longest_message)
    : longest_(longest_message),
      buffer_(capacity * longest_message),
      places_(capacity),
      headers_(capacity) {}

std::span<std::uint8_t> OutgoingBatch::space() noexcept {
  return std::span(buffer_).subspan(size_ * longest_, longest_);
}

void OutgoingBatch::add(std::size_t length, const SocketAddress& to, IpFamily family,
                        std::optional<std::uint8_t> hop_limit,
                        std::uint8_t traffic_class) noexcept {
  const bool ip4 = family == IpFamily::Ip4;
  const int level = ip4 ? IPPROTO_IP : IPPROTO_IPV6;
  Place& place = places_[size_];
  place.vector = {.iov_base = space().data(), .iov_len = length};
  place.to = to;
  std::size_t said = 0;
  if (hop_limit) {
    said = append(place.control, said, level, ip4 ? IP_TTL : IPV6_HOPLIMIT, *hop_limit);
  }
  if (traffic_class != 0) {
    said = append(place.control, said, level, ip4 ? IP_TOS : IPV6_TCLASS, traffic_class);
  }
  msghdr& header = headers_[size_].msg_hdr;
  header = {};
  header.msg_name = to.length > 0 ? &place.to.storage : nullptr;  // else a connected socket's
  header.msg_namelen = place.to.length;
  header.msg_iov = &place.vector;
  header.msg_iovlen = 1;
  header.msg_control = said > 0 ? place.control.data() : nullptr;
  header.msg_controllen = said;
  ++size_;
}

std::size_t OutgoingBatch::send(int descriptor, std::size_t first) noexcept {
  const int count = ::sendmmsg(descriptor, headers_.data() + first,
                               static_cast<unsigned>(size_ - first), MSG_DONTWAIT);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace mplane::detail
