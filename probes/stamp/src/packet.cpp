// The layouts, in octets (RFC 8762 figures 2, 3, 5 and 6; the session identifier is RFC 8972's and
// stands behind the first error estimate). What is not listed is zero.
//
//                                 unauthenticated   authenticated
//     sequence number                    0                0
//     timestamp                          4               16
//     error estimate                    12               24
//     session identifier                14               26
//     receive timestamp                 16               32      replies only, as all below
//     sender's sequence number          24               48
//     sender's timestamp                28               64
//     sender's error estimate           36               72
//     sender's hop limit                40               80
//     HMAC                                               96      of requests, too
//     length                            44              112

#include "mplane/probes/stamp/packet.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace mplane {
namespace {

using Octets = std::span<const std::uint8_t>;
using Room = std::span<std::uint8_t>;

struct Layout {
  std::size_t time, error, session, received, sender_sequence, sender_time, sender_error,
      sender_hop_limit, size;
};

constexpr Layout kPlain{4, 12, 14, 16, 24, 28, 36, 40, 44};
constexpr Layout kSigned{16, 24, 26, 32, 48, 64, 72, 80, 112};
constexpr std::size_t kCoded = 96;       // octets that the HMAC covers
constexpr std::size_t kCode = 16;        // octets of it that are sent
constexpr std::size_t kTwampLight = 14;  // octets of the shortest request: RFC 5357 section 4.1.2

const Layout& layout_of(StampMode mode) noexcept {
  return mode == StampMode::Authenticated ? kSigned : kPlain;
}

std::uint16_t read16(Octets from, std::size_t place) noexcept {
  return static_cast<std::uint16_t>((unsigned{from[place]} << 8U) | from[place + 1]);
}

std::uint32_t read32(Octets from, std::size_t place) noexcept {
  return (std::uint32_t{read16(from, place)} << 16U) | read16(from, place + 2);
}

StampTime read_time(Octets from, std::size_t place) noexcept {
  return {.seconds = read32(from, place), .fraction = read32(from, place + 4)};
}

void write16(Room to, std::size_t place, std::uint16_t value) noexcept {
  to[place] = static_cast<std::uint8_t>(value >> 8U);
  to[place + 1] = static_cast<std::uint8_t>(value & 0xffU);
}

void write32(Room to, std::size_t place, std::uint32_t value) noexcept {
  write16(to, place, static_cast<std::uint16_t>(value >> 16U));
  write16(to, place + 2, static_cast<std::uint16_t>(value & 0xffffU));
}

void write_time(Room to, std::size_t place, StampTime time) noexcept {
  write32(to, place, time.seconds);
  write32(to, place + 4, time.fraction);
}

}  // namespace

StampMode StampWire::mode() const noexcept {
  return key_.empty() ? StampMode::Unauthenticated : StampMode::Authenticated;
}

std::size_t StampWire::size() const noexcept { return layout_of(mode()).size; }

void StampWire::encode(const StampRequest& request, Room packet) const noexcept {
  const Layout& at = layout_of(mode());
  const Room room = packet.first(at.size);
  std::fill(room.begin(), room.end(), std::uint8_t{0});
  write32(room, 0, request.sequence);
  write_time(room, at.time, request.sent);
  write16(room, at.error, request.error.encode());
  write16(room, at.session, request.session);
  sign(room);
}

void StampWire::encode(const StampReply& reply, Room packet) const noexcept {
  const Layout& at = layout_of(mode());
  const Room room = packet.first(at.size);
  std::fill(room.begin(), room.end(), std::uint8_t{0});
  write32(room, 0, reply.sequence);
  write_time(room, at.time, reply.sent);
  write16(room, at.error, reply.error.encode());
  write16(room, at.session, reply.session);
  write_time(room, at.received, reply.received);
  write32(room, at.sender_sequence, reply.request.sequence);
  write_time(room, at.sender_time, reply.request.sent);
  write16(room, at.sender_error, reply.request.error.encode());
  room[at.sender_hop_limit] = reply.sender_hop_limit;
  sign(room);
}

std::optional<StampRequest> StampWire::decode_request(Octets packet) const noexcept {
  const Layout& at = layout_of(mode());
  const std::size_t least = mode() == StampMode::Authenticated ? at.size : kTwampLight;
  if (packet.size() < least || !is_authentic(packet)) return std::nullopt;
  StampRequest request{.sequence = read32(packet, 0),
                       .sent = read_time(packet, at.time),
                       .error = ErrorEstimate::decode(read16(packet, at.error))};
  if (request.error.multiplier == 0) return std::nullopt;
  if (packet.size() >= at.size) request.session = read16(packet, at.session);
  return request;
}

std::optional<StampReply> StampWire::decode_reply(Octets packet) const noexcept {
  const Layout& at = layout_of(mode());
  if (packet.size() < at.size || !is_authentic(packet)) return std::nullopt;
  const StampReply reply{
      .sequence = read32(packet, 0),
      .sent = read_time(packet, at.time),
      .error = ErrorEstimate::decode(read16(packet, at.error)),
      .session = read16(packet, at.session),
      .received = read_time(packet, at.received),
      .request = {.sequence = read32(packet, at.sender_sequence),
                  .sent = read_time(packet, at.sender_time),
                  .error = ErrorEstimate::decode(read16(packet, at.sender_error))},
      .sender_hop_limit = packet[at.sender_hop_limit]};
  if (reply.error.multiplier == 0) return std::nullopt;
  return reply;
}

std::optional<std::uint32_t> StampWire::sequence_in(Octets quoted) noexcept {
  if (quoted.size() < 4) return std::nullopt;
  return read32(quoted, 0);
}

namespace {

using Code = std::array<std::uint8_t, EVP_MAX_MD_SIZE>;

/// @return whether there is one; OpenSSL fails only without memory.
bool make_code(const std::vector<std::uint8_t>& key, Octets covered, Code& code) noexcept {
  unsigned length = 0;
  return ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), covered.data(),
                covered.size(), code.data(), &length) != nullptr;
}

}  // namespace

void StampWire::sign(Room packet) const noexcept {
  Code code{};
  if (key_.empty() || !make_code(key_, packet.first(kCoded), code)) return;
  std::copy_n(code.begin(), kCode, packet.begin() + kCoded);
}

bool StampWire::is_authentic(Octets packet) const noexcept {
  if (key_.empty()) return true;
  Code code{};
  return make_code(key_, packet.first(kCoded), code) &&
         ::CRYPTO_memcmp(code.data(), packet.data() + kCoded, kCode) == 0;
}

}  // namespace mplane
