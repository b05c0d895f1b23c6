#include "mplane/probe/icmp_packet.hpp"

#include "mplane/probe/echo_tag.hpp"
#include "probe/hex.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::test::bytes_of;

namespace {

using ByteString = std::vector<std::uint8_t>;

ByteString encoded(IpFamily family, const Echo& echo) {
  ByteString out(100);
  out.resize(encode_echo_request(family, echo, out));
  return out;
}

ByteString copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// Fills in an IPv4 ICMP message's checksum, so that tables need not carry it.
ByteString with_checksum(ByteString message) {
  if (message.size() < 4) return message;
  message[2] = message[3] = 0;
  const auto sum = internet_checksum(message);
  message[2] = static_cast<std::uint8_t>(sum >> 8U);
  message[3] = static_cast<std::uint8_t>(sum & 0xffU);
  return message;
}

// 10.0.0.1 asks 10.0.0.2: IPv4 header without options, then identifier 4d50, sequence 7.
const std::string kQuote4 = "45000054 00004000 3f010000 0a000001 0a000002  08000000 4d500007 ";
const std::string kQuote4Options =
    "46000054 00004000 3f010000 0a000001 0a000002 01010101  08000000 4d500007";
const std::string kQuote6 =
    "60000000 00403a40 20010db8000000000000000000000001 20010db8000000000000000000000002"
    "80000000 4d500007 abcd";

}  // namespace

TEST_CASE("an echo request is encoded as RFC 792 and RFC 4443 have it", "[icmp]") {
  const auto payload = bytes_of("0102030405");
  const Echo echo{.identifier = 0x4d50, .sequence = 0x0102, .payload = payload};
  CHECK(encoded(IpFamily::Ip4, echo) == bytes_of("0800 a0a7 4d50 0102 0102030405"));
  CHECK(encoded(IpFamily::Ip6, echo) == bytes_of("8000 0000 4d50 0102 0102030405"));
}

TEST_CASE("an echo request that does not fit is not encoded", "[icmp]") {
  const auto payload = bytes_of("0102030405");
  std::array<std::uint8_t, 12> out{};
  CHECK(encode_echo_request(IpFamily::Ip4, {.payload = payload}, out) == 0);
  CHECK(encode_echo_request(IpFamily::Ip4, {.payload = Bytes(payload).first(4)}, out) == 12);
}

TEST_CASE("the Internet checksum is that of RFC 1071", "[icmp]") {
  CHECK(internet_checksum(bytes_of("0001 f203 f4f5 f6f7")) == 0x220d);  // the RFC's example
  CHECK(internet_checksum(bytes_of("")) == 0xffff);
  CHECK(internet_checksum(bytes_of("01")) == 0xfeff);  // an odd byte counts as the high one
  CHECK(internet_checksum(with_checksum(bytes_of("0800 0000 1234 5678 9a"))) == 0);
}

TEST_CASE("echo replies are read", "[icmp]") {
  struct Row {
    IpFamily family;
    std::string message;
    bool is_reply;
  };
  const auto row = GENERATE(values<Row>({
      {IpFamily::Ip4, "0000 0000 4d50 0102 aabb", true},
      {IpFamily::Ip4, "0000 0000 4d50 0102", true},
      {IpFamily::Ip4, "0000 0000 4d50 01", false},         // cut short
      {IpFamily::Ip4, "0001 0000 4d50 0102 aabb", false},  // no such code
      {IpFamily::Ip4, "0800 0000 4d50 0102 aabb", false},  // a request
      {IpFamily::Ip4, "8100 0000 4d50 0102 aabb", false},  // the other family's reply
      {IpFamily::Ip4, "", false},
      {IpFamily::Ip6, "8100 0000 4d50 0102 aabb", true},
      {IpFamily::Ip6, "8100 ffff 4d50 0102 aabb", true},  // its checksum is the kernel's business
      {IpFamily::Ip6, "8101 0000 4d50 0102 aabb", false},
      {IpFamily::Ip6, "8000 0000 4d50 0102 aabb", false},
      {IpFamily::Ip6, "0000 0000 4d50 0102 aabb", false},
  }));
  CAPTURE(row.message);
  auto message = bytes_of(row.message);
  if (row.family == IpFamily::Ip4) message = with_checksum(message);
  const IcmpMessage decoded = decode_icmp(row.family, message);
  CHECK_FALSE(decoded.failure);
  REQUIRE(decoded.reply.has_value() == row.is_reply);
  if (!row.is_reply) return;
  CHECK(decoded.reply->identifier == 0x4d50);
  CHECK(decoded.reply->sequence == 0x0102);
  CHECK(copy_of(decoded.reply->payload) == ByteString(message.begin() + 8, message.end()));
}

TEST_CASE("an IPv4 message with a wrong checksum says nothing", "[icmp]") {
  auto message = with_checksum(bytes_of("0000 0000 4d50 0102 aabb"));
  REQUIRE(decode_icmp(IpFamily::Ip4, message).reply);
  message.back() ^= 1U;
  CHECK_FALSE(decode_icmp(IpFamily::Ip4, message).reply);
}

TEST_CASE("errors about our requests are read", "[icmp]") {
  struct Row {
    IpFamily family;
    std::string message;
    std::optional<IcmpTrouble> trouble;
  };
  const auto row = GENERATE(values<Row>({
      {IpFamily::Ip4, "0301 0000 00000000" + kQuote4, IcmpTrouble::Unreachable},
      {IpFamily::Ip4, "0301 0000 00000000" + kQuote4Options, IcmpTrouble::Unreachable},
      {IpFamily::Ip4, "0304 0000 00000500" + kQuote4, IcmpTrouble::TooBig},
      {IpFamily::Ip4, "0b00 0000 00000000" + kQuote4, IcmpTrouble::TimeExceeded},
      {IpFamily::Ip4, "0c00 0000 00000000" + kQuote4, IcmpTrouble::ParameterProblem},
      {IpFamily::Ip4, "0500 0000 0a000003" + kQuote4, std::nullopt},  // a redirect is no failure
      {IpFamily::Ip4, "0300 0000 00000000" + kQuote6, std::nullopt},  // the other family inside
      {IpFamily::Ip4, "0300 0000 00000000" + kQuote4.substr(0, 60), std::nullopt},  // cut in ICMP
      {IpFamily::Ip4, "0300 0000 00000000" + kQuote4.substr(0, 30), std::nullopt},  // cut in IP
      {IpFamily::Ip4, "0300 0000 00000000", std::nullopt},
      {IpFamily::Ip4,  // UDP inside
       "0303 0000 00000000 45000054 00004000 3f110000 0a000001 0a000002 08000000 4d500007",
       std::nullopt},
      {IpFamily::Ip4,  // an echo reply inside
       "0303 0000 00000000 45000054 00004000 3f010000 0a000001 0a000002 00000000 4d500007",
       std::nullopt},
      {IpFamily::Ip4,  // a header length that lies: too short, then beyond the end
       "0303 0000 00000000 41000054 00004000 3f010000 0a000001 0a000002 08000000 4d500007",
       std::nullopt},
      {IpFamily::Ip4,
       "0303 0000 00000000 4f000054 00004000 3f010000 0a000001 0a000002 08000000 4d500007",
       std::nullopt},
      {IpFamily::Ip6, "0103 0000 00000000" + kQuote6, IcmpTrouble::Unreachable},
      {IpFamily::Ip6, "0200 0000 00000500" + kQuote6, IcmpTrouble::TooBig},
      {IpFamily::Ip6, "0300 0000 00000000" + kQuote6, IcmpTrouble::TimeExceeded},
      {IpFamily::Ip6, "0401 0000 00000000" + kQuote6, IcmpTrouble::ParameterProblem},
      {IpFamily::Ip6, "8900 0000 00000000" + kQuote6, std::nullopt},
      {IpFamily::Ip6, "0103 0000 00000000" + kQuote4, std::nullopt},
      {IpFamily::Ip6, "0103 0000 00000000" + kQuote6.substr(0, 90), std::nullopt},
  }));
  CAPTURE(row.message);
  auto message = bytes_of(row.message);
  if (row.family == IpFamily::Ip4) message = with_checksum(message);
  const IcmpMessage decoded = decode_icmp(row.family, message);
  CHECK_FALSE(decoded.reply);
  REQUIRE(decoded.failure.has_value() == row.trouble.has_value());
  if (!row.trouble) return;
  CHECK(decoded.failure->trouble == *row.trouble);
  CHECK(decoded.failure->type == message[0]);
  CHECK(decoded.failure->code == message[1]);
  CHECK(to_string(decoded.failure->destination) ==
        (row.family == IpFamily::Ip4 ? "10.0.0.2" : "2001:db8::2"));
  CHECK(decoded.failure->request.identifier == 0x4d50);
  CHECK(decoded.failure->request.sequence == 7);
}

TEST_CASE("the MTU in an error about a packet that was too big is read", "[icmp]") {
  std::vector<std::uint8_t> quote = bytes_of("45 00 0024 00000000 40 01 0000 0a4d0001 0a4d0002");
  const auto echo = bytes_of("08 00 0000 1234 0001");
  quote.insert(quote.end(), echo.begin(), echo.end());
  auto message = bytes_of("03 04 0000 0000 0578");
  message.insert(message.end(), quote.begin(), quote.end());
  const auto sum = internet_checksum(message);
  message[2] = static_cast<std::uint8_t>(sum >> 8U);
  message[3] = static_cast<std::uint8_t>(sum & 0xffU);
  const auto failure = decode_icmp(IpFamily::Ip4, message).failure;
  REQUIRE(failure);
  CHECK(failure->mtu == 1'400);
  CHECK(failure->extensions.empty());
}

TEST_CASE("extensions of an error are found behind what it quotes", "[icmp]") {
  const auto extensions = bytes_of("20 00 0000 0004 09 01");  // an empty object, no checksum
  auto checked = extensions;
  const auto sum = internet_checksum(checked);
  checked[2] = static_cast<std::uint8_t>(sum >> 8U);
  checked[3] = static_cast<std::uint8_t>(sum & 0xffU);
  auto wrong = checked;
  wrong[3] ^= 1U;
  struct Row {
    IpFamily family;
    std::string header;
    std::size_t quote;
    std::vector<std::uint8_t> behind;
    bool found;
  };
  const std::vector<Row> rows{
      {IpFamily::Ip4, "0b 00 0000 00 20 0000", 128, extensions, true},
      {IpFamily::Ip4, "0b 00 0000 00 21 0000", 132, checked, true},
      {IpFamily::Ip4, "03 03 0000 00 20 0000", 128, checked, true},
      {IpFamily::Ip4, "0b 00 0000 00 20 0000", 128, wrong, false},
      {IpFamily::Ip4, "0b 00 0000 00 22 0000", 128, checked, false},  // beyond the end
      {IpFamily::Ip4, "0b 00 0000 00 10 0000", 64, checked, false},   // too short a quote
      {IpFamily::Ip4, "0b 00 0000 00 00 0000", 128, checked, true},   // unmarked
      {IpFamily::Ip4, "0b 00 0000 00 00 0000", 128, extensions, false},
      {IpFamily::Ip4, "0b 00 0000 00 00 0000", 132, checked, false},
      {IpFamily::Ip4, "05 00 0000 00 20 0000", 128, checked, false},  // a redirect
      {IpFamily::Ip6, "03 00 0000 10 00 0000", 128, checked, true},
      {IpFamily::Ip6, "01 00 0000 10 00 0000", 128, checked, true},
      {IpFamily::Ip6, "02 00 0000 10 00 0000", 128, checked, false},  // has an MTU there
      {IpFamily::Ip6, "03 00 0000 20 00 0000", 128, checked, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.header, row.quote);
    auto message = bytes_of(row.header);
    message.resize(message.size() + row.quote);
    message.insert(message.end(), row.behind.begin(), row.behind.end());
    const Bytes found = icmp_extensions(row.family, message);
    CHECK(std::vector<std::uint8_t>(found.begin(), found.end()) ==
          (row.found ? row.behind : std::vector<std::uint8_t>{}));
  }
}

TEST_CASE("unmarked extensions are found without the headers that a kernel left out", "[icmp]") {
  auto queued = std::vector<std::uint8_t>(100);
  for (const std::uint8_t byte : bytes_of("20 00 d6fa 0004 09 01")) queued.push_back(byte);
  CHECK(unmarked_extensions(queued, 28).size() == 8);
  CHECK(unmarked_extensions(queued, 27).empty());
  CHECK(unmarked_extensions(queued, 0).empty());
  CHECK(unmarked_extensions(queued, 129).empty());
  CHECK(unmarked_extensions({}, 128).empty());
}

TEST_CASE("an IPv4 header is read as far as raw sockets need it", "[icmp]") {
  const std::string addresses = "0a000001 0a000002";
  struct Row {
    std::string packet;
    bool whole;
    std::size_t content;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"45000018 00004000 2a010000" + addresses + "aabbccdd", true, 4},
      {"45000018 00004000 2a010000" + addresses + "aabbccdd eeff", true, 4},  // padded by the link
      {"46000018 00004000 2a010000" + addresses + "01010101", true, 0},       // options
      {"45000014 00004000 2a010000" + addresses, true, 0},
      {"45000018 00004000 2a110000" + addresses + "aabbccdd", false, 0},  // UDP
      {"65000018 00004000 2a010000" + addresses + "aabbccdd", false, 0},  // no IPv4
      {"44000018 00004000 2a010000" + addresses + "aabbccdd", false, 0},  // header too short
      {"45000010 00004000 2a010000" + addresses + "aabbccdd", false, 0},  // length in the header
      {"45000018 00004000 2a010000" + addresses + "aabb", false, 0},      // cut
      {"45000018 00004000 2a01", false, 0},
      {"", false, 0},
  }));
  CAPTURE(row.packet);
  const auto bytes = bytes_of(row.packet);
  const auto packet = decode_ip4_icmp(bytes);
  REQUIRE(packet.has_value() == row.whole);
  if (!row.whole) return;
  CHECK(packet->content.size() == row.content);
  CHECK(packet->hop_limit == 0x2a);
  CHECK(to_string(packet->source) == "10.0.0.1");
  CHECK(to_string(packet->destination) == "10.0.0.2");
}

TEST_CASE("the cookie is SipHash-2-4", "[icmp]") {
  CookieKey::Secret secret{};
  for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<std::uint8_t>(i);
  const CookieKey key(secret);
  ByteString message;
  const auto cookie_of_first = [&](std::size_t count) {
    while (message.size() < count) message.push_back(static_cast<std::uint8_t>(message.size()));
    return key.cookie_for(message);
  };
  CHECK(cookie_of_first(0) == 0x726fdb47dd0e0e31U);  // the authors' vectors
  CHECK(cookie_of_first(8) == 0x93f5f5799a932462U);
  CHECK(cookie_of_first(15) == 0xa129ca6149be45e5U);  // the paper's example
}

TEST_CASE("a tag is believed only with the cookie for its target", "[icmp]") {
  const CookieKey key = CookieKey::random();
  const Address target = Ip4::parse("192.0.2.1");
  const EchoTag tag{.stream = 0x01020304, .number = 70'000};
  std::array<std::uint8_t, kEchoTagSize> payload{};
  write_echo_tag(key, target, tag, payload);

  CHECK(read_echo_tag(key, target, payload) == tag);
  CHECK_FALSE(read_echo_tag(key, Ip4::parse("192.0.2.2"), payload));  // another host answers
  CHECK_FALSE(read_echo_tag(CookieKey::random(), target, payload));   // somebody else's
  CHECK_FALSE(read_echo_tag(key, target, Bytes(payload).first(15)));
  for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {  // any change is found out
    auto forged = payload;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << (bit % 8)));
    CHECK_FALSE(read_echo_tag(key, target, forged));
  }
}

TEST_CASE("a tag for an IPv6 target is not one for the IPv4 address of the same bytes", "[icmp]") {
  const CookieKey key = CookieKey::random();
  std::array<std::uint8_t, kEchoTagSize> payload{};
  write_echo_tag(key, Ip6::parse("c000:201::"), {.stream = 1, .number = 2}, payload);
  CHECK(read_echo_tag(key, Ip6::parse("c000:201::"), payload));
  CHECK_FALSE(read_echo_tag(key, Ip4::parse("192.0.2.1"), payload));
}
