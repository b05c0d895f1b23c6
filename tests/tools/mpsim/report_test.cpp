#include "report.hpp"

#include "histogram.hpp"

#include <catch2/catch.hpp>

namespace mplane {
namespace {

using namespace std::chrono_literals;

Tally tally_of(const std::uint64_t registered) {
  Tally tally;
  tally.of(Seen::Registered) = registered;
  tally.of(Seen::Registrations) = registered;
  tally.began = Tally::Clock::time_point(10s);
  tally.registered_by = Tally::Clock::time_point(12s);
  tally.note_status(200);
  return tally;
}

TEST_CASE("a histogram tells times within 4 percent, and never too short") {
  for (const auto time :
       {0us, 1us, 31us, 32us, 63us, 64us, 100us, 1'000us, 12'345us, 9'999'999us}) {
    CAPTURE(time.count());
    Histogram one;
    one.add(time);
    CHECK(one.at(0.5) >= time);
    CHECK(static_cast<double>(one.at(0.5).count()) <= static_cast<double>(time.count()) * 1.04);
  }
}

TEST_CASE("so much of all is at or below a percentile") {
  Histogram all;
  for (int i = 0; i < 98; ++i) all.add(10us);
  Histogram slow;
  slow.add(5ms);
  slow.add(24h);
  all.add(slow);
  CHECK(all.count() == 100);
  CHECK(all.at(0.5) == 10us);
  CHECK(all.at(0.98) == 10us);
  CHECK(all.at(0.99) >= 5ms);
  CHECK(all.at(0.99) < 6ms);
  CHECK(all.at(1) > 1h);
  CHECK(Histogram().at(0.99) == 0us);
}

TEST_CASE("what several workers saw is one tally") {
  Tally all = tally_of(30);
  Tally other = tally_of(10);
  other.began = Tally::Clock::time_point(8s);
  other.note(Trouble::Cut);
  all += other;
  CHECK(all.of(Seen::Registered) == 40);
  CHECK(all.of(Trouble::Cut) == 1);
  CHECK(all.statuses[200] == 2);
  const Report report{40, 2, all};
  CHECK(report.took() == 4s);
  CHECK(report.per_second() == 10);
}

TEST_CASE("a report tells counts, latencies, answers and errors by kind") {
  Report report{50, 1, tally_of(40)};
  report.tally.result.add(10us);
  report.tally.note(Trouble::NoPort);
  report.tally.note_status(503);
  const std::string text = to_text(report);
  CHECK_THAT(text, Catch::Contains("40 of 50 registered"));
  CHECK_THAT(text, Catch::Contains("after 2.00 s, 20 a second"));
  CHECK_THAT(text, Catch::Contains("200: 1, 503: 1"));
  CHECK_THAT(text, Catch::Contains("1 no port left at a source address"));
  CHECK_THAT(text, !Catch::Contains("handshake"));
  const std::string json = to_json(report);
  CHECK_THAT(json, Catch::Contains(R"("registered":40)"));
  CHECK_THAT(json, Catch::Contains(R"("registered-after":2.000)"));
  CHECK_THAT(json, Catch::Contains(R"("result":{"count":1,"p50":10,"p99":10})"));
  CHECK_THAT(json, Catch::Contains(R"("statuses":{"200":1,"503":1})"));
}

TEST_CASE("the exit code tells whether all, some or none registered") {
  CHECK(exit_code({40, 1, tally_of(40)}) == 0);
  CHECK(exit_code({50, 1, tally_of(40)}) == 6);
  CHECK(exit_code({50, 1, tally_of(0)}) == 3);
  CHECK(exit_code({50, 1, {}}) == 5);
}

}  // namespace
}  // namespace mplane
