#include "mplane/store/result_store.hpp"

#include "database.hpp"
#include "support/fake_clock.hpp"
#include "support/log_book.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

const Instant kNoon = Time::parse("2026-11-22 12:00:00").instant();

KeptResult result(const std::string& component, const std::string& token, const Instant begin,
                  const std::string& message = "{}", const std::string& label = "ping") {
  return {component, label, token, begin, begin + 10s, message};
}

/// Keeps one and waits until that is durable. @return why it is not.
std::optional<Error> keep(ResultStore& store, KeptResult result) {
  std::promise<std::optional<Error>> told;
  store.keep(std::move(result), [&](std::optional<Error> why) { told.set_value(std::move(why)); });
  return told.get_future().get();
}

/// The tokens of what is there, in order.
std::string tokens(const std::filesystem::path& folder, const ResultSelection& selection = {}) {
  std::string tokens;
  ResultReader(folder).each(selection, [&](const KeptResult& one) {
    tokens += one.token;
    return true;
  });
  return tokens;
}

}  // namespace

TEST_CASE("results are kept and selected by time, component and label", "[store][results]") {
  const ScratchFolder folder;
  FakeClock clock;
  {
    ResultStore store({.folder = folder.path() / "s"}, clock);
    REQUIRE_FALSE(keep(store, result("a", "1", kNoon)));
    REQUIRE_FALSE(keep(store, result("b", "3", kNoon + 2min)));
    REQUIRE_FALSE(keep(store, result("a", "2", kNoon + 1min, "{\"x\":1}", "trace")));
    CHECK(store.contents().results == 3);
    CHECK(store.contents().bytes == 11);
    CHECK(tokens(folder.path() / "s") == "123");  // also while it is written
  }
  const auto stored = folder.path() / "s";
  CHECK(tokens(stored, {.since = kNoon + 10s, .until = kNoon + 1min}) == "12");
  CHECK(tokens(stored, {.since = kNoon + 11s}) == "23");
  CHECK(tokens(stored, {.component = "a"}) == "12");
  CHECK(tokens(stored, {.label = "ping"}) == "13");
  CHECK(tokens(stored, {.component = "a", .label = "trace"}) == "2");
  CHECK(tokens(stored, {.component = "c"}).empty());
  ResultReader reader(stored);
  std::vector<KeptResult> some;
  reader.each({}, [&](const KeptResult& one) {
    some.push_back(one);
    return some.size() < 2;
  });
  REQUIRE(some.size() == 2);
  CHECK(some[1].component == "a");
  CHECK(some[1].label == "trace");
  CHECK(some[1].begin == kNoon + 1min);
  CHECK(some[1].end == kNoon + 70s);
  CHECK(some[1].message == "{\"x\":1}");
  CHECK(tokens(stored) == "123");
}

TEST_CASE("a result that comes again is the one that is there", "[store][results]") {
  const ScratchFolder folder;
  FakeClock clock;
  ResultStore store({.folder = folder.path() / "s"}, clock);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(keep(store, result("a", "1", kNoon)));
  CHECK(store.contents().results == 1);
  CHECK_FALSE(keep(store, result("b", "1", kNoon)));
  CHECK_FALSE(keep(store, result("a", "1", kNoon + 1s)));  // another run
  CHECK(store.contents().results == 3);
}

TEST_CASE("what is kept is there again after the process", "[store][results]") {
  const ScratchFolder folder;
  FakeClock clock;
  {
    ResultStore store({.folder = folder.path() / "s"}, clock);
    keep(store, result("a", "1", kNoon));
  }
  ResultStore store({.folder = folder.path() / "s"}, clock);
  CHECK(store.contents().results == 1);
  CHECK(store.contents().bytes == 2);
  keep(store, result("a", "1", kNoon));
  CHECK(store.contents().results == 1);
}

TEST_CASE("what is there is counted when a file from before is opened", "[store][results]") {
  const ScratchFolder folder;
  FakeClock clock;
  {
    ResultStore store({.folder = folder.path()}, clock);
    keep(store, result("a", "1", kNoon, "{\"x\":\"ä\"}"));
  }
  {
    detail::Database file(folder.path() / "results.db", Sync::Full);
    file.execute("DROP TABLE contents");
    file.set_schema_version(1);
  }
  ResultStore store({.folder = folder.path()}, clock);
  CHECK(store.contents().results == 1);
  CHECK(store.contents().bytes == 10);
  CHECK_FALSE(keep(store, result("a", "2", kNoon)));
  CHECK(store.contents().bytes == 12);
}

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

TEST_CASE("results over the size make way, the oldest first", "[store][results]") {
  const ScratchFolder folder;
  FakeClock clock;
  ResultStore store({.folder = folder.path() / "s", .max_bytes = 100}, clock);
  for (const std::string token : {"1", "2", "3", "4"}) {
    keep(store, result("a", token, kNoon, std::string(40, 'x')));
  }
  CHECK(tokens(folder.path() / "s") == "34");
  CHECK(store.contents().results == 2);
  CHECK(store.contents().bytes == 80);
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

TEST_CASE("where nothing was kept there is nothing to read", "[store][results]") {
  const ScratchFolder folder;
  try {
    ResultReader reader(folder.path());
    FAIL("it was opened");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Configuration);
  }
}
