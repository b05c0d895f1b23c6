#include "mplane/scheduler/lateness.hpp"

#include <catch2/catch.hpp>

using mplane::Lateness;
using namespace std::chrono_literals;

TEST_CASE("lateness is counted in buckets that double", "[lateness]") {
  Lateness lateness;
  for (const auto late : {-5ns, 0ns, 1000ns, 1001ns, 2000ns, 2001ns, 4000ns}) lateness.record(late);
  lateness.record(24h);
  CHECK(lateness.count() == 8);
  CHECK(lateness.bucket(0) == 3);
  CHECK(lateness.bucket(1) == 2);
  CHECK(lateness.bucket(2) == 2);
  CHECK(lateness.bucket(Lateness::kBuckets - 1) == 1);
  CHECK(lateness.max() == 24h);
  CHECK(lateness.sum() == 24h + 10002ns);
}

TEST_CASE("bounds are those of the buckets", "[lateness]") {
  CHECK(Lateness::bound(0) == 1us);
  CHECK(Lateness::bound(10) == 1024us);
  CHECK(Lateness::bound(Lateness::kBuckets - 2) == 67'108'864us);
  CHECK(Lateness::bound(Lateness::kBuckets - 1) == std::chrono::nanoseconds::max());
}

TEST_CASE("a quantile is the bound of its bucket, and no more than the latest", "[lateness]") {
  Lateness lateness;
  CHECK(lateness.quantile(0.5) == 0ns);
  for (int i = 0; i < 98; ++i) lateness.record(30us);
  lateness.record(3ms);
  lateness.record(5ms);
  CHECK(lateness.quantile(0.5) == 32us);
  CHECK(lateness.quantile(0.98) == 32us);
  CHECK(lateness.quantile(0.99) == 4096us);
  CHECK(lateness.quantile(1.0) == 5ms);
}
