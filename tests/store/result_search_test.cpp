// Which of what is kept is found, in what order, and what it takes.

#include "mplane/store/result_store.hpp"
#include "store/result_helpers.hpp"
#include "support/fake_clock.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <cstddef>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("results come in the order of their begins, however many sent them", "[store][results]") {
  const int components = GENERATE(3, 100);
  const ScratchFolder folder;
  const FakeClock clock;
  ResultStore store({.folder = folder.path(), .sync = Sync::Normal}, clock);
  for (int i = components - 1; i >= 0; --i) {
    for (const int round : {1, 0}) {
      store.keep(
          result("c" + std::to_string(i), std::to_string(i) + " ", kNoon + 1min * round + 1ms * i),
          [](const auto&) {});
    }
  }
  KeptResult long_one = result("c0", "long ", kNoon - 50min);
  long_one.end = kNoon + 30s;
  keep(store, long_one);
  std::string round;
  for (int i = 0; i < components; ++i) round += std::to_string(i) + " ";
  CHECK(tokens(folder.path()) == "long " + round + round);
  CHECK(tokens(folder.path(), {.since = kNoon + 10s + 1ms}) == "long " + round.substr(2) + round);
  CHECK(tokens(folder.path(), {.since = kNoon + 31s}) == round);
  CHECK(tokens(folder.path(), {.until = kNoon + 59s}) == "long " + round);
  CHECK(tokens(folder.path(), {.since = kNoon + 20s, .component = "c0"}) == "long 0 ");
}

TEST_CASE("one result with a false scope makes others no harder to find", "[store][results]") {
  const int components = GENERATE(2, 100);
  CAPTURE(components);
  const ScratchFolder folder;
  const FakeClock clock;
  constexpr int kMany = 20'000;
  {
    ResultStore store({.folder = folder.path(), .sync = Sync::Normal}, clock);
    for (int i = 0; i < kMany; ++i) {
      store.keep(
          result("c" + std::to_string(i % components), std::to_string(i) + " ", kNoon + 1h * i),
          [](const auto&) {});
    }
    KeptResult liar = result("c1", "liar ", kNoon);
    liar.end = kNoon + 1h * kMany;
    keep(store, liar);
  }
  const auto found = [&](const ResultSelection& selection) {
    std::string some;
    int asked = 0;
    ResultReader(folder.path())
        .each(
            selection, [&](const KeptResult& one) { return some += one.token, true; },
            [&] { return ++asked, false; });
    CHECK(asked < 10);  // steps of SQLite's machine, by the thousand
    return some;
  };
  const Instant last = kNoon + 1h * (kMany - 1);
  CHECK(found({.since = last}) == "liar " + std::to_string(kMany - 1) + " ");
  CHECK(found({.since = last, .component = "c0"}).empty());
  CHECK(found({.since = last + 11s, .component = "c1"}) == "liar ");
}

TEST_CASE("a search ends when that is enough, also one that finds nothing", "[store][results]") {
  const ScratchFolder folder;
  const FakeClock clock;
  ResultStore store({.folder = folder.path(), .sync = Sync::Normal}, clock);
  for (int i = 0; i < 2'000; ++i) {
    store.keep(result("a", std::to_string(i), kNoon), [](const auto&) {});
  }
  KeptResult last = result("a", "last", kNoon - 1h);  // so that those may be longer, too
  last.end = kNoon + 10s;
  keep(store, last);
  ResultReader reader(folder.path());
  int asked = 0;
  std::size_t taken = 0;
  const auto take = [&](const KeptResult&) { return ++taken > 0; };
  reader.each({.since = kNoon + 5s}, take, [&] { return ++asked == 3; });
  CHECK(asked == 3);
  CHECK(taken < 2'001);
  asked = 0;
  taken = 0;
  reader.each({.since = kNoon + 11s}, take, [&] { return ++asked == 3; });
  CHECK(asked == 3);
  CHECK(taken == 0);
  reader.each({}, take);
  CHECK(taken == 2'001);
}
