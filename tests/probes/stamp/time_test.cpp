#include "mplane/probes/stamp/time.hpp"

#include <chrono>
#include <cstdint>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

namespace {

WallTime at(std::int64_t seconds, std::int64_t nano = 0) {
  return WallTime(std::chrono::seconds(seconds) + std::chrono::nanoseconds(nano));
}

constexpr std::int64_t kNtp2036 = 2'085'978'496;  // 2036-02-07 06:28:16, when NTP begins anew

}  // namespace

TEST_CASE("times are written as NTP has them", "[stamp]") {
  CHECK(StampTime::ntp(at(0)) == StampTime{2'208'988'800U, 0});
  CHECK(StampTime::ntp(at(0, 500'000'000)) == StampTime{2'208'988'800U, 0x80000000U});
  CHECK(StampTime::ntp(at(1'700'000'000, 250'000'000)) == StampTime{3'908'988'800U, 0x40000000U});
  CHECK(StampTime::ntp(at(1, 999'999'999)) == StampTime{2'208'988'801U, 0xfffffffcU});
  CHECK(StampTime::ntp(at(kNtp2036)) == StampTime{0, 0});
}

TEST_CASE("a time that was written reads the same to the nanosecond", "[stamp]") {
  for (const std::int64_t second : {std::int64_t{0}, std::int64_t{1'795'000'000}, kNtp2036 - 1,
                                    kNtp2036, kNtp2036 + 7, std::int64_t{4'000'000'000}}) {
    for (const std::int64_t nano : {0, 1, 2, 499'999'999, 500'000'001, 999'999'999}) {
      const WallTime time = at(second, nano);
      CHECK(wall_time(StampTime::ntp(time), false, time) == time);
      CHECK(wall_time(StampTime::ntp(time), false, time + 24h * 365) == time);
    }
  }
}

TEST_CASE("a time is of the era that has it closest", "[stamp]") {
  const StampTime begin{1, 0};
  CHECK(wall_time(begin, false, at(kNtp2036 - 10)) == at(kNtp2036 + 1));
  CHECK(wall_time(begin, false, at(-2'208'988'800)) == at(-2'208'988'799));
  const StampTime end{0xffffffffU, 0};
  CHECK(wall_time(end, false, at(kNtp2036 + 10)) == at(kNtp2036 - 1));
}

TEST_CASE("times in the PTP format read, too", "[stamp]") {
  const WallTime near = at(1'700'000'000);
  CHECK(wall_time({1'700'000'001U, 250}, true, near) == at(1'700'000'001, 250));
  CHECK(wall_time({1'700'000'001U, 999'999'999}, true, near) == at(1'700'000'001, 999'999'999));
}

TEST_CASE("an error estimate says what the kernel says, and never less", "[stamp]") {
  struct Row {
    Duration bound;
    std::uint16_t bits;
  };
  for (const Row& row :
       {Row{0us, 0x8001}, Row{1us, 0x8587}, Row{30ms, 0x8000 | (19U << 8U) | 246U},
        Row{1s, 0x8000 | (25U << 8U) | 128U}, Row{16s, 0x8000 | (29U << 8U) | 128U}}) {
    const auto estimate = ErrorEstimate::of(KernelClock{.synchronised = true, .bound = row.bound});
    CHECK(estimate.encode() == row.bits);
    CHECK(ErrorEstimate::decode(row.bits) == estimate);
    CHECK(estimate.bound() >= row.bound);
    CHECK(estimate.bound() <= row.bound + row.bound / 100 + 1us);
  }
}

TEST_CASE("a clock that nobody keeps in time does not claim to be", "[stamp]") {
  const auto loose = ErrorEstimate::of(KernelClock{.synchronised = false, .bound = 16s});
  CHECK_FALSE(loose.synchronized);
  CHECK(loose.bound() == 16s);
  const auto unknown = ErrorEstimate::of(std::nullopt);
  CHECK_FALSE(unknown.synchronized);
  CHECK(unknown.encode() == 0x3fff);
  CHECK(unknown.bound() > 24h * 365 * 10'000);
}

TEST_CASE("an error estimate's flags read", "[stamp]") {
  CHECK(ErrorEstimate::decode(0x8001).synchronized);
  CHECK_FALSE(ErrorEstimate::decode(0x8001).ptp);
  CHECK(ErrorEstimate::decode(0x4001).ptp);
  CHECK(ErrorEstimate::decode(0x0100).multiplier == 0);
}
