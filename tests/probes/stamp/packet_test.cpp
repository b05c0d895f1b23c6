#include "mplane/probes/stamp/packet.hpp"

#include "probe/hex.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

using Octets = std::vector<std::uint8_t>;

const StampRequest kRequest{.sequence = 7,
                            .sent = {0x01020304, 0x05060708},
                            .error = {.synchronized = true, .scale = 4, .multiplier = 3},
                            .session = 0x1234};
const StampReply kReply{.sequence = 5,
                        .sent = {0x11121314, 0x15161718},
                        .error = {.scale = 10, .multiplier = 11},
                        .session = 0x1234,
                        .received = {0x21222324, 0x25262728},
                        .request = kRequest,
                        .sender_hop_limit = 0xfe};

StampWire with_key(std::string_view key = "a key of sixteen") {
  return StampWire(Octets(key.begin(), key.end()));
}

template <typename Message>
Octets encoded(const StampWire& wire, const Message& message) {
  Octets packet(wire.size(), 0xaa);  // what is not written has to be zero all the same
  wire.encode(message, packet);
  return packet;
}

std::string zeros(std::size_t octets) { return std::string(2 * octets, '0'); }

}  // namespace

TEST_CASE("packets are laid out as RFC 8762 draws them", "[stamp]") {
  const StampWire plain;
  CHECK(encoded(plain, kRequest) == bytes_of("00000007"
                                             "0102030405060708"
                                             "8403"
                                             "1234" +
                                             zeros(28)));
  CHECK(encoded(plain, kReply) == bytes_of("00000005"
                                           "1112131415161718"
                                           "0a0b"
                                           "1234"
                                           "2122232425262728"
                                           "00000007"
                                           "0102030405060708"
                                           "8403"
                                           "0000"
                                           "fe"
                                           "000000"));
}

TEST_CASE("authenticated packets are laid out as RFC 8762 draws them", "[stamp]") {
  const StampWire wire = with_key();
  CHECK(encoded(wire, kRequest) == bytes_of("00000007" + zeros(12) +
                                            "0102030405060708"
                                            "8403"
                                            "1234" +
                                            zeros(68) + "d1b996aa829ba6724190a965f413f907"));
  CHECK(encoded(wire, kReply) ==
        bytes_of("00000005" + zeros(12) +
                 "1112131415161718"
                 "0a0b"
                 "1234" +
                 zeros(4) + "2122232425262728" + zeros(8) + "00000007" + zeros(12) +
                 "0102030405060708"
                 "8403" +
                 zeros(6) + "fe" + zeros(15) + "2522a29e30164ed0a1a064f891a895ad"));
}

TEST_CASE("what was written reads the same", "[stamp]") {
  for (const StampWire& wire : {StampWire(), with_key()}) {
    CHECK(wire.decode_request(encoded(wire, kRequest)) == kRequest);
    auto reply = kReply;
    reply.request.session = 0;  // is not said twice
    CHECK(wire.decode_reply(encoded(wire, kReply)) == reply);
  }
}

TEST_CASE("longer packets read, and the shortest of TWAMP Light do", "[stamp]") {
  const StampWire plain;
  auto packet = encoded(plain, kRequest);
  packet.resize(1'400, 0x5a);
  CHECK(plain.decode_request(packet) == kRequest);
  packet.resize(14);
  auto without_session = kRequest;
  without_session.session = 0;
  CHECK(plain.decode_request(packet) == without_session);
  packet.resize(13);
  CHECK_FALSE(plain.decode_request(packet));
  CHECK_FALSE(plain.decode_request({}));
}

TEST_CASE("a reply that is cut is none", "[stamp]") {
  for (const StampWire& wire : {StampWire(), with_key()}) {
    auto packet = encoded(wire, kReply);
    packet.pop_back();
    CHECK_FALSE(wire.decode_reply(packet));
    CHECK_FALSE(wire.decode_reply({}));
  }
}

TEST_CASE("a packet without an error estimate is corrupt", "[stamp]") {
  auto request = kRequest;
  request.error = {.multiplier = 0};
  auto reply = kReply;
  reply.error = {.multiplier = 0};
  const StampWire plain;
  CHECK_FALSE(plain.decode_request(encoded(plain, request)));
  CHECK_FALSE(plain.decode_reply(encoded(plain, reply)));
}

TEST_CASE("one bit that was changed, and a packet is not authentic", "[stamp]") {
  const StampWire wire = with_key();
  for (std::size_t octet = 0; octet < 112; ++octet) {
    auto packet = encoded(wire, kRequest);
    packet[octet] ^= 1U;
    CHECK_FALSE(wire.decode_request(packet));
    packet = encoded(wire, kReply);
    packet[octet] ^= 0x80U;
    CHECK_FALSE(wire.decode_reply(packet));
  }
}

TEST_CASE("another key's packets, and those of the other mode, are none", "[stamp]") {
  const StampWire wire = with_key();
  const StampWire other = with_key("a key of sixteem");
  CHECK_FALSE(wire.decode_request(encoded(other, kRequest)));
  CHECK_FALSE(wire.decode_reply(encoded(other, kReply)));
  auto plain = encoded(StampWire(), kRequest);
  CHECK_FALSE(wire.decode_request(plain));
  plain.resize(112);
  CHECK_FALSE(wire.decode_request(plain));
}

TEST_CASE("what an ICMP error quotes tells the packet", "[stamp]") {
  CHECK(StampWire::sequence_in(encoded(StampWire(), kRequest)) == 7U);
  CHECK_FALSE(StampWire::sequence_in(Octets{0, 0, 7}));
}
