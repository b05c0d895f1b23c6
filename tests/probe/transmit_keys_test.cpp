#include "transmit_keys.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;
using mplane::detail::TransmitKeys;

namespace {

constexpr std::optional<std::uint64_t> kNone;

}  // namespace

TEST_CASE("a stamp is its packet's, once, whatever the order of stamps", "[stamps]") {
  const WallTime now = std::chrono::system_clock::now();
  TransmitKeys keys(3);
  for (const std::uint64_t packet : {70U, 71U, 72U}) keys.add(packet, now);
  CHECK(keys.take(2, now + 1ms) == 72);
  CHECK(keys.take(0, now + 1ms) == 70);
  CHECK(keys.take(0, now + 1ms) == kNone);
  CHECK(keys.take(1, now) == 71);
  CHECK(keys.take(3, now + 1ms) == kNone);
}

TEST_CASE("a stamp that cannot be a packet's is not taken for it", "[stamps]") {
  const WallTime now = std::chrono::system_clock::now();
  TransmitKeys keys(2);
  keys.add(1, now);
  keys.add(2, now);
  CHECK(keys.take(0, now - 1ns) == kNone);  // before it left
  CHECK(keys.take(1, now + 2s) == kNone);   // long after
  keys.reset();
  CHECK(keys.take(0, now + 1ms) == kNone);
  keys.add(3, now);
  CHECK(keys.take(0, now + 1ms) == 3);
}

TEST_CASE("of a small ring only the last packets are known", "[stamps]") {
  const WallTime now = std::chrono::system_clock::now();
  for (const std::size_t size : {0U, 1U}) {
    CAPTURE(size);
    TransmitKeys keys(size);
    CHECK(keys.take(0, now) == kNone);
    keys.add(1, now);
    keys.add(2, now);
    CHECK(keys.take(0, now + 1ms) == kNone);  // its place is the next one's
    CHECK(keys.take(1, now + 1ms) == 2);
  }
}
