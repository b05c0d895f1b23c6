#include "message_batch.hpp"

#include "mplane/probe/socket_address.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>

namespace mplane::detail {
namespace {

template <typename T>
std::optional<T> content_of(const cmsghdr& header) noexcept {
  T value{};
  if (header.cmsg_len < CMSG_LEN(sizeof value)) return std::nullopt;
  std::memcpy(&value, CMSG_DATA(&header), sizeof value);
  return value;
}

// The software stamp; the two behind it are the hardware's, which nobody has asked for.
std::optional<WallTime> stamp_in(const cmsghdr& header) noexcept {
  const auto stamps = content_of<std::array<timespec, 3>>(header);
  if (!stamps || ((*stamps)[0].tv_sec == 0 && (*stamps)[0].tv_nsec == 0)) return std::nullopt;
  return WallTime(std::chrono::seconds((*stamps)[0].tv_sec) +
                  std::chrono::nanoseconds((*stamps)[0].tv_nsec));
}

std::optional<std::uint8_t> octet_in(const cmsghdr& header) noexcept {
  const auto number = content_of<int>(header);
  if (!number) return std::nullopt;
  return static_cast<std::uint8_t>(*number);
}

Ancillary::Cause::Origin origin_of(const sock_extended_err& error) noexcept {
  using Origin = Ancillary::Cause::Origin;
  switch (error.ee_origin) {
    case SO_EE_ORIGIN_ICMP:
    case SO_EE_ORIGIN_ICMP6:
      return Origin::Icmp;
    case SO_EE_ORIGIN_TIMESTAMPING:
      return error.ee_info == SCM_TSTAMP_SND ? Origin::TransmitStamp : Origin::Other;
    default:
      return Origin::Other;
  }
}

std::optional<Ancillary::Cause> cause_in(const cmsghdr& header) noexcept {
  const auto error = content_of<sock_extended_err>(header);
  if (!error) return std::nullopt;
  Ancillary::Cause cause{.origin = origin_of(*error),
                         .type = error->ee_type,
                         .code = error->ee_code,
                         .key = error->ee_data,
                         .mtu = error->ee_errno == EMSGSIZE ? error->ee_info : 0,
                         .extensions = error->ee_rfc4884.len,
                         .reporter = std::nullopt};
  // The offender's address follows; Linux pads both structures to no more than their own sizes.
  const std::size_t size = header.cmsg_len - CMSG_LEN(sizeof *error);
  sockaddr_storage offender{};
  std::memcpy(&offender, CMSG_DATA(&header) + sizeof *error, std::min(size, sizeof offender));
  cause.reporter = host_in(offender);
  return cause;
}

std::optional<Address> local_ip4_in(const cmsghdr& header) noexcept {
  const auto info = content_of<in_pktinfo>(header);
  if (!info) return std::nullopt;
  sockaddr_storage local{};
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr = info->ipi_addr;
  std::memcpy(&local, &in, sizeof in);
  return host_in(local);
}

std::optional<Address> local_ip6_in(const cmsghdr& header) noexcept {
  const auto info = content_of<in6_pktinfo>(header);
  if (!info) return std::nullopt;
  sockaddr_storage local{};
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_addr = info->ipi6_addr;
  std::memcpy(&local, &in, sizeof in);
  return host_in(local);
}

void read_socket(const cmsghdr& header, Ancillary& into) noexcept {
  if (header.cmsg_type == SCM_TIMESTAMPING) into.stamp = stamp_in(header);
  if (header.cmsg_type == SO_RXQ_OVFL) into.dropped = content_of<std::uint32_t>(header);
}

void read_ip4(const cmsghdr& header, Ancillary& into) noexcept {
  if (header.cmsg_type == IP_TTL) into.hop_limit = octet_in(header);
  if (header.cmsg_type == IP_TOS) into.traffic_class = content_of<std::uint8_t>(header);
  if (header.cmsg_type == IP_RECVERR) into.cause = cause_in(header);
  if (header.cmsg_type == IP_PKTINFO) into.local = local_ip4_in(header);
}

void read_ip6(const cmsghdr& header, Ancillary& into) noexcept {
  if (header.cmsg_type == IPV6_HOPLIMIT) into.hop_limit = octet_in(header);
  if (header.cmsg_type == IPV6_TCLASS) into.traffic_class = octet_in(header);
  if (header.cmsg_type == IPV6_RECVERR) into.cause = cause_in(header);
  if (header.cmsg_type == IPV6_PKTINFO) into.local = local_ip6_in(header);
}

void read(const cmsghdr& header, Ancillary& into) noexcept {
  if (header.cmsg_level == SOL_SOCKET) read_socket(header, into);
  if (header.cmsg_level == IPPROTO_IP) read_ip4(header, into);
  if (header.cmsg_level == IPPROTO_IPV6) read_ip6(header, into);
}

}  // namespace

Quote parted(Bytes queued, std::size_t marked, std::size_t headers) noexcept {
  const Bytes extensions = marked == 0              ? unmarked_extensions(queued, headers)
                           : marked < queued.size() ? queued.subspan(marked)
                                                    : Bytes();
  return {queued.first(queued.size() - extensions.size()), extensions};
}

MessageBatch::MessageBatch(std::size_t longest_message, std::size_t capacity)
    : longest_(longest_message),
      buffer_(longest_message * capacity),
      places_(capacity),
      headers_(capacity) {}

std::size_t MessageBatch::receive(int descriptor, int flags) noexcept {
  for (std::size_t n = 0; n < places_.size(); ++n) {
    Place& place = places_[n];
    place.vector = {.iov_base = buffer_.data() + n * longest_, .iov_len = longest_};
    msghdr& header = headers_[n].msg_hdr;
    header = {};
    header.msg_name = &place.peer;
    header.msg_namelen = sizeof place.peer;
    header.msg_iov = &place.vector;
    header.msg_iovlen = 1;
    header.msg_control = place.control.data();
    header.msg_controllen = place.control.size();
    place.peer.ss_family = AF_UNSPEC;
  }
  const int count = ::recvmmsg(descriptor, headers_.data(), static_cast<unsigned>(headers_.size()),
                               flags | MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

Bytes MessageBatch::bytes(std::size_t n) const noexcept {
  const std::size_t size = std::min<std::size_t>(headers_[n].msg_len, longest_);
  return Bytes(buffer_).subspan(n * longest_, size);
}

std::size_t MessageBatch::length(std::size_t n) const noexcept { return headers_[n].msg_len; }

std::optional<Address> MessageBatch::peer(std::size_t n) const noexcept {
  return host_in(places_[n].peer);
}

std::uint16_t MessageBatch::peer_port(std::size_t n) const noexcept {
  return port_in(places_[n].peer);
}

Ancillary MessageBatch::ancillary(std::size_t n) const noexcept {
  Ancillary found;
  msghdr header = headers_[n].msg_hdr;
  for (const cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr;
       c = CMSG_NXTHDR(&header, const_cast<cmsghdr*>(c))) {
    read(*c, found);
  }
  return found;
}

}  // namespace mplane::detail
