#include "mplane/model/address.hpp"

#include "error_of.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using mplane::Address;
using mplane::ErrorKind;
using mplane::Ip4;
using mplane::Ip6;

TEST_CASE("an address is read and written in its canonical form", "[address]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"192.0.2.1", "192.0.2.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"10.100.9.0", "10.100.9.0"},
      {"::", "::"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"FE80::1", "fe80::1"},
      {"2001:0db8:0001:0033:0000:0000:00c0:ffee", "2001:db8:1:33::c0:ffee"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},  // the first of two runs as long
      {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},              // the longer run
      {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},         // one group of zeros is no run
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
      {"0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"::ffff:192.0.2.1", "::ffff:c000:201"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"},
      {"::1.2.3.4", "::102:304"},
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"10.0.0.1/32", "10.0.0.1/32"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"2001:DB8::/32", "2001:db8::/32"},
      {"::/0", "::/0"},
      {"::1/128", "::1/128"},
      {"128.0.0.0/1", "128.0.0.0/1"},
  };
  for (const auto& [text, canonical] : cases) {
    CAPTURE(text);
    const Address address = Address::parse(text);
    CHECK(to_string(address) == canonical);
    CHECK(Address::parse(canonical) == address);
  }
}

namespace {

const std::string kFaults[] = {"",
                               " ",
                               "*",
                               "localhost",
                               "1",
                               "127.1",
                               "1.2.3",
                               "1.2.3.4.5",
                               "1.2.3.",
                               ".1.2.3",
                               "1..2.3",
                               "256.1.1.1",
                               "1.1.1.300",
                               "01.2.3.4",
                               "1.2.3.04",
                               "00.0.0.0",
                               " 1.2.3.4",
                               "1.2.3.4 ",
                               "+1.2.3.4",
                               "-1.2.3.4",
                               "0x1.2.3.4",
                               "1.2.3.4:80",
                               "99999999999.1.1.1",
                               ":",
                               ":::",
                               "::::",
                               "1:",
                               ":1",
                               "1::2::3",
                               "1:2:3:4:5:6:7",
                               "1:2:3:4:5:6:7:8:9",
                               "1:2:3:4:5:6:7:8::",
                               "::1:2:3:4:5:6:7:8",
                               "1:2:3:4::5:6:7:8",
                               "1:2:3:4:5:6:7:8:",
                               "12345::",
                               "00001::",
                               "g::1",
                               "::1%eth0",
                               "fe80::1%1",
                               "[::1]",
                               "::1.2.3",
                               "::1.2.3.256",
                               "::1.2.3.4:5",
                               "1.2.3.4::",
                               "1:2:3:4:5:6:7:1.2.3.4",
                               "::ffff:1.2.3.4.5",
                               "10.0.0.0/",
                               "10.0.0.0/a",
                               "10.0.0.0/+8",
                               "10.0.0.0/08",
                               "10.0.0.0/8 ",
                               "10.0.0.0/8/8",
                               "10.0.0.0/-1",
                               "/8",
                               "::/129",
                               "::/999",
                               "10.0.0.0/255.0.0.0"};

}  // namespace

TEST_CASE("what is no address is refused by name", "[address]") {
  for (const std::string& text : kFaults) {
    CAPTURE(text);
    const auto error = error_of([&text] { Address::parse(text); });
    CHECK(error.kind() == ErrorKind::Malformed);
    CHECK_THAT(error.message(), Catch::StartsWith("\"" + text + "\" is not "));
  }
  CHECK(error_of([] { Address::parse("10.0.0.300"); }).message() ==
        R"("10.0.0.300" is not an address)");
}

TEST_CASE("a network has no bits behind its length", "[address]") {
  for (const auto* const text : {"10.0.0.1/8", "10.0.0.1/31", "255.255.255.255/0", "2001:db8::1/32",
                                 "::1/127", "8000::/0"}) {
    CAPTURE(text);
    CHECK_THAT(error_of([text] { Address::parse(text); }).message(),
               Catch::EndsWith("bits behind the length are set"));
  }
  CHECK(error_of([] { Address::parse("10.0.0.0/33"); }).message() ==
        R"("10.0.0.0/33" is not a network: the length is over 32)");
  CHECK(error_of([] { Address::network(Ip4(), 33); }).kind() == ErrorKind::Invalid);
  CHECK(error_of([] { Address::network(Ip6(), 129); }).kind() == ErrorKind::Invalid);
  CHECK(error_of([] { Address::network(Ip4::parse("10.1.0.0"), 8); }).kind() == ErrorKind::Invalid);
  CHECK(to_string(Address::network(Ip4::parse("10.0.0.0"), 8)) == "10.0.0.0/8");
  CHECK(to_string(Address::network(Ip6::parse("fe80::"), 10)) == "fe80::/10");
}

TEST_CASE("each family has a reader of its own", "[address]") {
  CHECK(to_string(Ip4::parse("10.0.27.2")) == "10.0.27.2");
  CHECK(to_string(Ip6::parse("2001:db8::0:1")) == "2001:db8::1");
  CHECK(error_of([] { Ip4::parse("::1"); }).message() == R"("::1" is not an IPv4 address)");
  CHECK(error_of([] { Ip6::parse("1.2.3.4"); }).message() == R"("1.2.3.4" is not an IPv6 address)");
  CHECK(error_of([] { Ip4::parse("10.0.0.0/8"); }).kind() == ErrorKind::Malformed);
}

TEST_CASE("an address says what it is", "[address]") {
  const Address host = Address::parse("10.0.0.1");
  CHECK(host.is_ip4());
  CHECK_FALSE(host.is_ip6());
  CHECK_FALSE(host.is_network());
  CHECK(host.prefix_length() == 32);
  CHECK(host.ip4() == Ip4::parse("10.0.0.1"));
  const Address network = Address::parse("2001:db8::/32");
  CHECK(network.is_ip6());
  CHECK(network.is_network());
  CHECK(network.prefix_length() == 32);
  CHECK(network.ip6() == Ip6::parse("2001:db8::"));
  CHECK(Address::parse("10.0.0.1/32") != host);
}

TEST_CASE("a network contains its hosts and the networks inside it", "[address]") {
  struct Case {
    std::string_view outer, inner;
    bool contains;
  };
  const Case cases[] = {
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.0.0.0/8", "10.1.0.0/16", true},
      {"10.0.0.0/8", "10.0.0.0/8", true},
      {"10.0.0.0/8", "10.0.0.0/7", false},
      {"10.0.0.0/8", "8.0.0.0/7", false},
      {"10.0.0.0/9", "10.128.0.0", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "::", false},
      {"::/0", "0.0.0.0", false},
      {"::/0", "ffff::", true},
      {"2001:db8::/33", "2001:db8:7fff::", true},
      {"2001:db8::/33", "2001:db8:8000::", false},
      {"10.0.0.1", "10.0.0.1", true},
      {"10.0.0.1", "10.0.0.1/32", true},
      {"10.0.0.1/32", "10.0.0.1", true},
      {"10.0.0.1", "10.0.0.2", false},
      {"10.0.0.0/31", "10.0.0.1", true},
      {"10.0.0.0/31", "10.0.0.2", false},
  };
  for (const auto& [outer, inner, contains] : cases) {
    CAPTURE(outer, inner);
    CHECK(Address::parse(outer).contains(Address::parse(inner)) == contains);
  }
}

TEST_CASE("addresses are ordered by family, number, and networks from the wide to the narrow",
          "[address]") {
  std::vector<Address> ordered;
  for (const auto* const text :
       {"0.0.0.0", "0.0.0.0/0", "0.0.0.0/8", "9.255.255.255", "10.0.0.0", "10.0.0.0/8",
        "10.0.0.0/16", "10.0.0.1", "255.0.0.0", "::", "::/0", "::1", "2001:db8::", "ffff::"}) {
    ordered.push_back(Address::parse(text));
  }
  auto shuffled = ordered;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(3));
  std::sort(shuffled.begin(), shuffled.end());
  CHECK(shuffled == ordered);
}

TEST_CASE("the text of any address reads back to it, in the canonical form", "[address]") {
  std::mt19937 random(4);
  for (int i = 0; i < 20'000; ++i) {
    std::array<std::uint8_t, 16> bytes{};
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : 0);
    const Address ip6 = Ip6(bytes);
    const Address ip4 = Ip4({bytes[0], bytes[1], bytes[2], bytes[3]});
    for (const Address& address : {ip6, ip4}) {
      std::string text;
      append(text, address);
      REQUIRE(text == to_string(address));
      REQUIRE(Address::parse(text) == address);
      REQUIRE(text.find(":::") == std::string::npos);
    }
  }
}
