#include "throughput_rig.hpp"

#include <chrono>
#include <cstdint>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("what sender and receiver say reads as it was said", "[throughput]") {
  const LoadRequest request{LoadKind::Udp};
  CHECK(decode_load_request(encode(request)) == request);
  const LoadGrant grant{true, 0x0123456789abcdef};
  CHECK(decode_load_grant(encode(grant)) == grant);
  CHECK(encode(grant)[8] == 0x01);  // big-endian
  const LoadReport report{.octets = 5,
                          .first_octets = 1,
                          .time = 2s,
                          .datagrams = 4,
                          .out_of_order = 3,
                          .duplicates = 9,
                          .dropped = 1};
  CHECK(decode_load_report(encode(report)) == report);
  CHECK(goodput(report) == 16);
  CHECK_FALSE(goodput({.octets = 5, .first_octets = 5, .time = 1s}));
  CHECK_FALSE(goodput({.octets = 5, .first_octets = 1}));
  const LoadTag tag{7, 8};
  CHECK(decode_load_tag(encode(tag)) == tag);
  auto bad = encode(request);
  bad[4] = 3;
  CHECK_FALSE(decode_load_request(bad));
  CHECK_FALSE(decode_load_request(Bytes(bad.data(), 7)));
  CHECK_FALSE(decode_load_grant(encode(LoadTag{})));
  CHECK_FALSE(decode_load_report(encode(LoadReport{.octets = 1, .first_octets = 2})));
  CHECK_FALSE(decode_load_report(encode(LoadReport{.time = -1ns})));
  CHECK_FALSE(decode_load_report(encode(LoadReport{.out_of_order = 1})));
  CHECK(decode_load_report(encode(LoadReport{.time = 48h})));
  CHECK_FALSE(decode_load_report(encode(LoadReport{.time = 48h + 1ns})));
  CHECK_FALSE(decode_load_report(encode(LoadReport{.time = std::chrono::nanoseconds::max()})));
}

TEST_CASE("datagrams are counted once, whatever order they come in", "[throughput]") {
  using Kind = DatagramCount::Kind;
  DatagramCount count;
  CHECK(count.take(0) == Kind::Next);
  CHECK(count.take(2) == Kind::Next);
  CHECK(count.take(1) == Kind::Overtaken);
  CHECK(count.take(1) == Kind::Again);
  CHECK(count.take(2) == Kind::Again);
  CHECK(count.take(70'000) == Kind::Next);
  CHECK(count.take(69'999) == Kind::Overtaken);  // what it forgot is not taken for what it saw
  CHECK(count.take(3) == Kind::Overtaken);       // too old to know
  CHECK(count.take(~std::uint64_t{0} - 1) == Kind::Next);
  CHECK(count.received() == 7);
  CHECK(count.overtaken() == 3);
  CHECK(count.again() == 2);
}
