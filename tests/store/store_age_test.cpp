// For how long the stores keep what is in them, whatever the time of day is set to.

#include "database.hpp"
#include "mplane/store/spool.hpp"
#include "store/result_helpers.hpp"
#include "support/fake_clock.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kYears = std::chrono::hours(20 * 365 * 24);

void put(Spool& spool, const std::string& queue, const std::string& key) {
  spool.put(queue, "http://" + queue + "/", key, key);
}

/// Which messages wait, the oldest first.
std::string waiting(Spool& spool, const std::string& queue) {
  std::string bodies;
  while (const auto item = spool.next(queue)) {
    if (bodies.find(item->body) != std::string::npos) break;
    bodies += item->body;
    spool.put_back(*item);
  }
  return bodies;
}

}  // namespace

TEST_CASE("old results make way", "[store][results]") {
  const ScratchFolder folder;
  FakeClock clock;
  ResultStore store({.folder = folder.path() / "s", .max_age = 1h}, clock);
  keep(store, result("a", "1", kNoon));
  clock.advance(59min);
  keep(store, result("a", "2", kNoon + 59min));
  CHECK(tokens(folder.path() / "s") == "12");
  clock.advance(2min);
  keep(store, result("a", "3", kNoon + 61min));
  CHECK(tokens(folder.path() / "s") == "23");
}

TEST_CASE("how old results are is not a matter of how the clock is set", "[store][results]") {
  const ScratchFolder folder;
  FakeClock clock(Instant(40s));  // a board without a battery comes up
  const ResultStoreOptions options{.folder = folder.path() / "s", .max_age = 1h};
  {
    ResultStore store(options, clock);
    keep(store, result("a", "1", kNoon));
    clock.step(kNoon - clock.now());
    keep(store, result("a", "2", kNoon + 1s));
    CHECK(tokens(options.folder) == "12");
  }
  ResultStore store(options, clock);
  clock.advance(59min);
  keep(store, result("a", "3", kNoon + 2s));
  CHECK(tokens(options.folder) == "123");
  clock.advance(2min);
  keep(store, result("a", "4", kNoon + 3s));
  CHECK(tokens(options.folder) == "34");
  clock.step(-24h);
  clock.advance(2h);
  keep(store, result("a", "5", kNoon + 4s));
  CHECK(tokens(options.folder) == "5");
}

TEST_CASE("a clock that is ahead when results are opened erases none", "[store][results][age]") {
  const ScratchFolder folder;
  FakeClock clock(kNoon);
  const ResultStoreOptions options{.folder = folder.path(), .max_age = 1h};
  {
    ResultStore store(options, clock);
    keep(store, result("a", "1", kNoon));
    clock.advance(40min);
    keep(store, result("a", "2", kNoon + 1s));
  }
  clock.step(kYears);
  {
    ResultStore store(options, clock);
    keep(store, result("a", "3", kNoon + 2s));
    CHECK(tokens(options.folder) == "123");
    clock.step(-kYears);
    keep(store, result("a", "4", kNoon + 3s));
    CHECK(tokens(options.folder) == "1234");
  }
  ResultStore store(options, clock);
  keep(store, result("a", "5", kNoon + 4s));
  CHECK(tokens(options.folder) == "12345");
  clock.advance(21min);
  keep(store, result("a", "6", kNoon + 5s));
  CHECK(tokens(options.folder) == "23456");
  clock.advance(40min);
  keep(store, result("a", "7", kNoon + 6s));
  CHECK(tokens(options.folder) == "67");
}

TEST_CASE("results grow old over restarts, while the store is open", "[store][results][age]") {
  const ScratchFolder folder;
  FakeClock clock(Instant(40s));  // a board without a battery comes up
  const ResultStoreOptions options{.folder = folder.path(), .max_age = 1h};
  {
    ResultStore store(options, clock);
    keep(store, result("a", "1", kNoon));
    clock.advance(10min);
  }
  clock.step(kNoon - clock.now());
  for (const std::string token : {"2", "3", "4"}) {
    ResultStore store(options, clock);
    keep(store, result("a", token, kNoon + 1s));
    CHECK(tokens(options.folder).front() == '1');
    clock.advance(19min);
  }
  {
    ResultStore store(options, clock);
    clock.advance(1min);
    keep(store, result("a", "5", kNoon + 2s));
    CHECK(tokens(options.folder) == "2345");
  }
  clock.step(kYears);
  ResultStore store(options, clock);
  clock.advance(16min);
  keep(store, result("a", "6", kNoon + 3s));
  CHECK(tokens(options.folder) == "3456");
}

TEST_CASE("dates that an older version took from a wrong clock are mended", "[store][age]") {
  const ScratchFolder folder;
  FakeClock clock(kNoon);
  const ResultStoreOptions results{.folder = folder.path(), .max_age = 1h};
  const SpoolOptions spooled{.folder = folder.path(), .max_age = 1h};
  {
    ResultStore store(results, clock);
    keep(store, result("a", "1", kNoon));
    clock.advance(20min);
    keep(store, result("a", "2", kNoon + 1s));
    Spool spool(spooled, clock);
    put(spool, "a", "1");
    clock.advance(20min);
    put(spool, "a", "2");
  }
  detail::Database(results.folder / "results.db", Sync::Full)
      .execute(
          "DROP INDEX result_long; DROP INDEX result_long_begin; DROP TABLE time;"
          "UPDATE result SET came = 40 WHERE token = '1';"
          "PRAGMA user_version = 2");
  detail::Database(spooled.folder / "spool.db", Sync::Full)
      .execute(
          "DROP TABLE IF EXISTS time; UPDATE message SET since = 40 WHERE key = '1';"
          "PRAGMA user_version = 1");
  for (const std::string token : {"3", "4"}) {
    ResultStore store(results, clock);
    Spool spool(spooled, clock);
    clock.advance(25min);
    keep(store, result("a", token, kNoon + 2s));
    put(spool, "a", token);
  }
  CHECK(tokens(results.folder) == "1234");
  ResultStore store(results, clock);
  Spool spool(spooled, clock);
  CHECK(waiting(spool, "a") == "1234");
  clock.advance(15min);
  keep(store, result("a", "5", kNoon + 3s));
  CHECK(tokens(results.folder) == "345");
  CHECK(waiting(spool, "a") == "34");
}

TEST_CASE("a clock that is ahead when a spool is opened drops nothing", "[spool][age]") {
  const ScratchFolder folder;
  FakeClock clock(kNoon);
  const SpoolOptions options{.folder = folder.path(), .max_age = 24h};
  {
    Spool spool(options, clock);
    put(spool, "a", "1");
    clock.advance(12h);
    put(spool, "a", "2");
  }
  clock.step(kYears);
  {
    Spool spool(options, clock);
    put(spool, "a", "3");
    CHECK(waiting(spool, "a") == "123");
    clock.step(-kYears);
  }
  Spool spool(options, clock);
  CHECK(waiting(spool, "a") == "123");
  clock.advance(12h + 1min);
  CHECK(waiting(spool, "a") == "23");
  clock.advance(12h);
  CHECK(waiting(spool, "a").empty());
  CHECK(spool.books().balance());
}

TEST_CASE("messages grow old over restarts, also when nothing else is left", "[spool][age]") {
  const ScratchFolder folder;
  FakeClock clock(Instant(40s));
  const SpoolOptions options{.folder = folder.path(), .max_age = 24h};
  {
    Spool spool(options, clock);
    put(spool, "a", "1");
  }
  clock.step(kNoon - clock.now());
  for (const std::string key : {"2", "3", "4"}) {
    Spool spool(options, clock);
    clock.advance(7h);
    CHECK(waiting(spool, "a") == "1");
    put(spool, "b", key);
    spool.delivered(*spool.next("b"));
  }
  Spool spool(options, clock);
  CHECK(waiting(spool, "a") == "1");
  clock.advance(4h);
  CHECK(waiting(spool, "a").empty());
  CHECK(spool.books().too_old == 1);
}
