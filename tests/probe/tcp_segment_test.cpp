#include "mplane/probe/tcp_segment.hpp"

#include "probe/hex.hpp"

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::test::bytes_of;

namespace {

using ByteString = std::vector<std::uint8_t>;

ByteString syn(const std::string& from, const std::string& to, std::uint32_t sequence) {
  const auto segment =
      encode_syn({Address::parse(from), 0xc001}, {Address::parse(to), 80}, sequence);
  return {segment.begin(), segment.end()};
}

/// Fills in an ICMP message's checksum, so that tables need not carry it.
ByteString with_checksum(ByteString message) {
  if (message.size() < 4) return message;
  const auto sum = internet_checksum(message);
  message[2] = static_cast<std::uint8_t>(sum >> 8U);
  message[3] = static_cast<std::uint8_t>(sum & 0xffU);
  return message;
}

// 10.0.0.1 port c001 asks 10.0.0.2 port 80: as little of it as there has to be.
const std::string kIp4 = "45000028 00004000 01060000 0a000001 0a000002 ";
const std::string kIp4Options = "46000028 00004000 01060000 0a000001 0a000002 01010101 ";
const std::string kIp6 =
    "60000000 00140601 20010db8000000000000000000000001 20010db8000000000000000000000002 ";
const std::string kPorts = "c001 0050 12345678 ";

}  // namespace

TEST_CASE("a SYN is as RFC 9293 has it, its checksum over the addresses, too", "[tcp-segment]") {
  CHECK(syn("10.0.0.1", "10.0.0.2", 0x12345678) ==
        bytes_of("c001 0050 12345678 00000000 5002 ffff 72e2 0000"));
  CHECK(syn("2001:db8::1", "2001:db8::2", 0x12345678) ==
        bytes_of("c001 0050 12345678 00000000 5002 ffff 2b70 0000"));
}

TEST_CASE("SYN-ACK and reset are answers to the SYN behind which they acknowledge",
          "[tcp-segment]") {
  struct Row {
    std::string segment;
    std::optional<std::uint32_t> sequence;
  };
  const auto row = GENERATE(values<Row>({
      {"0050 c001 00000007 12345679 5012 ffff 0000 0000", 0x12345678},
      {"0050 c001 00000007 12345679 6012 ffff 0000 0000 020405b4", 0x12345678},
      {"0050 c001 00000000 00000000 5014 0000 0000 0000", 0xffffffff},
      {"0050 c001 00000007 12345679 5052 ffff 0000 0000", 0x12345678},    // congestion is told
      {"0050 c001 00000007 12345679 5010 ffff 0000 0000", std::nullopt},  // of a connection
      {"0050 c001 00000007 12345679 5002 ffff 0000 0000", std::nullopt},  // a SYN
      {"0050 c001 00000007 12345679 5004 ffff 0000 0000", std::nullopt},  // acknowledges nothing
      {"0050 c001 00000007 12345679 5012 ffff 0000 00", std::nullopt},    // cut short
      {"", std::nullopt},
  }));
  CAPTURE(row.segment);
  const auto answer = decode_syn_answer(bytes_of(row.segment));
  REQUIRE(answer.has_value() == row.sequence.has_value());
  if (!answer) return;
  CHECK(answer->sequence == *row.sequence);
  CHECK(answer->reset == (row.segment.find(" 5014 ") != std::string::npos));
  CHECK(answer->source_port == 80);
  CHECK(answer->destination_port == 0xc001);
}

TEST_CASE("a segment is found behind whatever header IPv4 has", "[tcp-segment]") {
  const auto found = [](const std::string& packet) {
    const auto bytes = bytes_of(packet);
    const Bytes segment = tcp_in_ip4(bytes);
    return ByteString(segment.begin(), segment.end());
  };
  CHECK(found(kIp4 + kPorts) == bytes_of(kPorts));
  CHECK(found(kIp4Options + kPorts) == bytes_of(kPorts));
  CHECK(found("45000028 00004000 01110000 0a000001 0a000002 " + kPorts).empty());  // UDP
  CHECK(found("4f000028 00004000 01060000 0a000001 0a000002 " + kPorts).empty());  // cut short
  CHECK(found("41000028 00004000 01060000 0a000001 0a000002 " + kPorts).empty());
  CHECK(found(kIp6 + kPorts).empty());
}

TEST_CASE("errors about our segments are read, if they quote ports and sequence", "[tcp-segment]") {
  struct Row {
    IpFamily family;
    std::string message;
    bool read;
  };
  const auto row = GENERATE(values<Row>({
      {IpFamily::Ip4, "0b00 0000 00000000" + kIp4 + kPorts, true},
      {IpFamily::Ip4, "0b00 0000 00000000" + kIp4Options + kPorts, true},
      {IpFamily::Ip4, "0303 0000 00000000" + kIp4 + kPorts + "0000", true},
      {IpFamily::Ip4, "0500 0000 00000000" + kIp4 + kPorts, false},  // a redirect is no failure
      {IpFamily::Ip4, "0b00 0000 00000000" + kIp4 + "c001 0050 123456", false},
      {IpFamily::Ip4, "0b00 0000 00000000" + kIp6 + kPorts, false},
      {IpFamily::Ip4, "0b00 0000 00000000", false},
      {IpFamily::Ip4, "0b00 0000 0000", false},
      {IpFamily::Ip6, "0300 0000 00000000" + kIp6 + kPorts, true},
      {IpFamily::Ip6, "0104 0000 00000000" + kIp6 + kPorts, true},
      {IpFamily::Ip6, "8900 0000 00000000" + kIp6 + kPorts, false},
      {IpFamily::Ip6, "0300 0000 00000000" + kIp4 + kPorts, false},
  }));
  CAPTURE(row.message);
  const bool ip4 = row.family == IpFamily::Ip4;
  auto message = bytes_of(row.message);
  if (ip4) message = with_checksum(message);
  const auto failure = decode_segment_failure(row.family, message);
  REQUIRE(failure.has_value() == row.read);
  if (!failure) return;
  CHECK(failure->type == message[0]);
  CHECK(failure->code == message[1]);
  CHECK(to_string(failure->destination) == (ip4 ? "10.0.0.2" : "2001:db8::2"));
  CHECK(failure->source_port == 0xc001);
  CHECK(failure->destination_port == 80);
  CHECK(failure->sequence == 0x12345678);
  CHECK(failure->extensions.empty());
  message[3] ^= 1U;
  CHECK(decode_segment_failure(row.family, message).has_value() != ip4);
}
