#include "session_table.hpp"

#include <chrono>
#include <cstdint>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::detail;
using namespace std::chrono_literals;

namespace {

StampSession session(const std::string& host, std::uint16_t identifier) {
  return {.host = Address::parse(host), .port = 5'000, .here = Ip4(), .identifier = identifier};
}

const char* const kOne = "192.0.2.1";
const char* const kOther = "192.0.2.2";

}  // namespace

TEST_CASE("sessions are forgotten by when they were last used", "[stamp]") {
  SessionTable table({.all = 3, .of_host = 3, .timeout = 10s});
  const SteadyTime start{};
  for (std::uint16_t n = 0; n < 3; ++n) table.use(session(kOne, n), start + n * 1s) = 7;
  CHECK_FALSE(table.has_room_for(Address::parse(kOther)));
  CHECK(++table.use(session(kOne, 0), start + 5s) == 8);
  table.forget_silent(start + 11s);  // ten seconds are not too long
  CHECK(table.contains(session(kOne, 1)));
  table.forget_silent(start + 11s + 1us);
  CHECK_FALSE(table.contains(session(kOne, 1)));
  CHECK(table.contains(session(kOne, 0)));
  CHECK(table.contains(session(kOne, 2)));
  CHECK(table.has_room_for(Address::parse(kOther)));
  CHECK(table.use(session(kOne, 1), start + 12s) == 0);
}

TEST_CASE("a host that forgot its sessions has its share again", "[stamp]") {
  SessionTable table({.all = 10, .of_host = 2, .timeout = 1s});
  const SteadyTime start{};
  table.use(session(kOne, 1), start);
  table.use(session(kOne, 1), start);  // the same
  CHECK(table.has_room_for(Address::parse(kOne)));
  table.use(session(kOne, 2), start);
  CHECK_FALSE(table.has_room_for(Address::parse(kOne)));
  CHECK(table.has_room_for(Address::parse(kOther)));
  table.forget_silent(start + 2s);
  CHECK(table.has_room_for(Address::parse(kOne)));
  CHECK_FALSE(table.contains(session(kOne, 1)));
}
