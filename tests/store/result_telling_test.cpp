#include "database.hpp"
#include "mplane/store/result_store.hpp"
#include "store/result_helpers.hpp"
#include "support/comes_true.hpp"
#include "support/fake_clock.hpp"
#include "support/log_book.hpp"
#include "support/scratch.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("who watches a store is told once of what is new and durable", "[store][results]") {
  const ScratchFolder folder;
  const FakeClock clock;
  std::string told;
  {
    ResultStoreOptions options{.folder = folder.path()};
    options.watch = [&](const KeptResult& one) {
      if (tokens(folder.path()).find(one.token) != std::string::npos) told += one.token;
    };
    ResultStore store(options, clock);
    keep(store, result("a", "1", kNoon));
    keep(store, result("a", "2", kNoon));
    keep(store, result("a", "1", kNoon));
  }
  CHECK(told == "12");
}

TEST_CASE("a result that cannot be kept is told, and can be kept later", "[store][results]") {
  std::signal(SIGXFSZ, SIG_IGN);
  const ScratchFolder folder;
  FakeClock clock;
  LogBook log;
  ResultStore store({.folder = folder.path() / "s", .log = log.sink()}, clock);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit full = before;
  full.rlim_cur = 64 * 1024;
  setrlimit(RLIMIT_FSIZE, &full);
  const auto why = keep(store, result("a", "1", kNoon, std::string(256 * 1024, 'x')));
  setrlimit(RLIMIT_FSIZE, &before);
  REQUIRE(why);
  CHECK(why->kind() == ErrorKind::Unavailable);
  CHECK_FALSE(log.wait_for("results cannot be kept").empty());
  CHECK_FALSE(keep(store, result("a", "1", kNoon)));
  CHECK_FALSE(log.wait_for("results are kept again").empty());
}

TEST_CASE("what a transaction was to bring is not taken for there when it failed",
          "[store][results]") {
  const ScratchFolder folder;
  const FakeClock clock;
  { const ResultStore store({.folder = folder.path()}, clock); }
  detail::Database(folder.path() / "results.db", Sync::Normal)
      .execute(
          "CREATE TRIGGER bad BEFORE INSERT ON result WHEN new.token = 'bad' "
          "BEGIN SELECT raise(ABORT, 'a bad one'); END");
  ResultStore store({.folder = folder.path()}, clock);
  CHECK(keep(store, result("a", "bad", kNoon)));
  CHECK_FALSE(keep(store, result("a", "good", kNoon)));  // of the same component and label
  CHECK(tokens(folder.path()) == "good");
}

TEST_CASE("results that come at once are told in their order, after a transaction for so many",
          "[store][results]") {
  constexpr std::size_t kMany = 1'000;
  const ScratchFolder folder;
  const FakeClock clock;
  { const ResultStore store({.folder = folder.path()}, clock); }
  const auto name = folder.path() / "results.db";
  detail::Database(name, Sync::Normal)
      .execute(
          "CREATE TABLE transactions (results); "
          "CREATE TRIGGER tally AFTER UPDATE ON contents WHEN new.results > old.results "
          "BEGIN INSERT INTO transactions VALUES (new.results - old.results); END");
  std::vector<std::size_t> told;
  {
    ResultStore store({.folder = folder.path()}, clock);  // writes the first while others come
    for (std::size_t i = 0; i < kMany; ++i) {
      store.keep(result("a", std::to_string(i), kNoon), [&told, i](const auto& failure) {
        if (!failure) told.push_back(i);
      });
    }
  }
  std::vector<std::size_t> in_order(kMany);
  std::iota(in_order.begin(), in_order.end(), std::size_t{0});
  CHECK(told == in_order);
  detail::Database file(name, detail::ToRead{5});
  detail::Query most = file.prepare("SELECT max(results), sum(results) FROM transactions");
  most.start();
  REQUIRE(most.step());
  CHECK(most.integer(0) <= static_cast<std::int64_t>(ResultStore::kMostAtOnce));
  CHECK(most.integer(1) == kMany);
}

TEST_CASE("the next transaction does not wait for what follows from the last", "[store][results]") {
  const ScratchFolder folder;
  const FakeClock clock;
  ResultStore store({.folder = folder.path()}, clock);
  std::promise<void> go_on;
  std::promise<void> told;
  store.keep(result("a", "1", kNoon), [&](const auto&) { go_on.get_future().wait(); });
  store.keep(result("a", "2", kNoon), [&](const auto&) { told.set_value(); });
  CHECK(comes_true([&] { return tokens(folder.path()) == "12"; }));
  go_on.set_value();
  told.get_future().wait();
}

TEST_CASE("who throws when he is told costs nobody else his word", "[store][results]") {
  const ScratchFolder folder;
  const FakeClock clock;
  LogBook log;
  ResultStoreOptions options{.folder = folder.path(), .log = log.sink()};
  options.watch = [](const KeptResult&) { throw std::runtime_error("not for me"); };
  ResultStore store(options, clock);
  store.keep(result("a", "1", kNoon), [](const auto&) { throw std::runtime_error("nor for me"); });
  CHECK_FALSE(keep(store, result("a", "2", kNoon)));
  CHECK_THAT(log.wait_for("nor for me"), Catch::Contains("who was told of a result threw"));
}

TEST_CASE("who is told that a result is durable finds it there", "[store][results]") {
  const ScratchFolder folder;
  const FakeClock clock;
  const ResultStoreOptions options{.folder = folder.path(), .sync = Sync::Normal};
  { const ResultStore store(options, clock); }
  detail::Database(folder.path() / "results.db", Sync::Normal)
      .execute(
          "CREATE TRIGGER bad BEFORE INSERT ON result WHEN new.token = 'bad' "
          "BEGIN SELECT raise(ABORT, 'a bad one'); END");
  constexpr std::size_t kMany = 20'000;
  std::vector<std::atomic<bool>> durable(kMany);
  std::atomic<bool> ended = false;
  std::size_t failures = 0;
  {
    ResultStore store(options, clock);
    const std::jthread many([&] {
      for (std::size_t i = 0; i < kMany; ++i) {
        store.keep(result("a", std::to_string(i), kNoon),
                   [&durable, i](const auto& failure) { durable[i] = !failure; });
        if (i % 64 == 63) keep(store, result("a", "pause", kNoon));
      }
      ended = true;
    });
    while (!ended) {  // every other commit fails
      if (keep(store, result("a", "bad", kNoon))) ++failures;
      keep(store, result("a", "good", kNoon));
    }
  }
  CHECK(failures > 0);
  std::set<std::string> there;
  ResultReader(folder.path()).each({}, [&](const KeptResult& one) {
    there.insert(one.token);
    return true;
  });
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < kMany; ++i) {
    if (durable[i] != there.contains(std::to_string(i))) ++wrong;
  }
  CHECK(there.size() > 1);
  CHECK(wrong == 0);
}
