#include "mplane/store/result_store.hpp"

#include "database.hpp"
#include "store/result_helpers.hpp"
#include "support/fake_clock.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <csignal>
#include <latch>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

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
  CHECK_FALSE(keep(store, result("a", "1", kNoon, "{}", "trace")));
  CHECK_FALSE(keep(store, result("a", "1", kNoon, "{}", "trace")));
  CHECK(store.contents().results == 4);
}

TEST_CASE("a result that is the only one of its token is kept once, whenever it began",
          "[store][results]") {
  const ScratchFolder folder;
  FakeClock clock;
  ResultStore store({.folder = folder.path() / "s"}, clock);
  for (const Instant begin : {kNoon, kNoon + 1s, kNoon}) {
    KeptResult only = result("a", "1", begin);
    only.is_only = true;
    CHECK_FALSE(keep(store, only));
  }
  CHECK(store.contents().results == 1);
  KeptResult of_another = result("b", "1", kNoon + 1s);
  of_another.is_only = true;
  CHECK_FALSE(keep(store, of_another));
  CHECK(store.contents().results == 2);
  KeptResult of_another_kind = result("a", "1", kNoon + 2s);
  of_another_kind.is_only = true;
  of_another_kind.schema = "x";
  CHECK_FALSE(keep(store, of_another_kind));
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

TEST_CASE("a result that comes again in another shape is the same", "[store][results]") {
  const bool is_only = GENERATE(false, true);
  const ScratchFolder folder;
  const FakeClock clock;
  ResultStore store({.folder = folder.path()}, clock);
  const auto keep_as = [&](const std::string& schema) {
    KeptResult one = result("a", "1", kNoon);
    one.schema = schema;
    one.is_only = is_only;
    CHECK_FALSE(keep(store, one));
  };
  keep_as("");  // by a version that did not know of schemas
  keep_as("s1");
  keep_as("s2");
  CHECK(store.contents().results == 1);
}

TEST_CASE("a store tells what kinds of results it has", "[store][results]") {
  const ScratchFolder folder;
  const FakeClock clock;
  ResultStore store({.folder = folder.path()}, clock);
  const auto keep_one = [&](const std::string& component, const std::string& label,
                            const std::string& schema) {
    KeptResult one = result(component, "t" + schema, kNoon, label + schema, label);
    one.schema = schema;
    keep(store, one);
  };
  keep_one("a", "ping", "s1");
  keep_one("b", "ping", "s1");
  keep_one("b", "ping", "s2");
  keep_one("b", "trace", "s1");
  keep_one("c", "broken", "");
  std::string kinds;
  for (const ResultKind& kind : ResultReader(folder.path()).kinds()) {
    CHECK(kind.sample == kind.label + kind.schema);
    kinds += kind.sample + " ";
  }
  CHECK(kinds == "pings1 pings2 traces1 ");
  std::string components;
  ResultReader(folder.path()).each({.label = "ping", .schema = "s1"}, [&](const auto& one) {
    components += one.component;
    return true;
  });
  CHECK(components == "ab");
}

TEST_CASE("a store of the version before is taken over", "[store][results]") {
  const ScratchFolder folder;
  detail::Database(folder.path() / "results.db", Sync::Full)
      .execute(
          "CREATE TABLE source (id INTEGER PRIMARY KEY, component TEXT NOT NULL, "
          "label TEXT NOT NULL, UNIQUE (component, label));"
          "CREATE TABLE result (id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES source, "
          "token TEXT NOT NULL, begin INTEGER NOT NULL, end INTEGER NOT NULL, "
          "came INTEGER NOT NULL, message TEXT NOT NULL);"
          "CREATE UNIQUE INDEX result_identity ON result (token, source, begin);"
          "CREATE INDEX result_time ON result (source, begin);"
          "CREATE INDEX result_begin ON result (begin);"
          "CREATE TABLE contents (results INTEGER NOT NULL, bytes INTEGER NOT NULL);"
          "CREATE TABLE time (now INTEGER NOT NULL);"
          "INSERT INTO source VALUES (7, 'a', 'ping');"
          "INSERT INTO result VALUES (1, 7, '1', 5000000, 65000000, 0, '{}');"
          "INSERT INTO contents VALUES (1, 2); INSERT INTO time VALUES (0); "
          "PRAGMA user_version = 3");
  const FakeClock clock;
  ResultStore store({.folder = folder.path()}, clock);
  CHECK_FALSE(keep(store, result("a", "2", kNoon)));
  CHECK(tokens(folder.path(), {.component = "a", .label = "ping"}) == "12");
  CHECK(tokens(folder.path(), {.since = Instant(64s), .until = Instant(64s)}) == "1");
  CHECK(ResultReader(folder.path()).kinds().empty());
}

TEST_CASE("a store forgets whose results made way, and tells of it", "[store][results]") {
  const ScratchFolder folder;
  const FakeClock clock;
  std::string gone;
  ResultStoreOptions options{.folder = folder.path(), .max_bytes = 100};
  options.gone = [&](const ResultKind& kind) { gone += kind.label + kind.schema + " "; };
  ResultStore store(options, clock);
  const auto keep_one = [&](const std::string& component, const std::string& token) {
    KeptResult one = result(component, token, kNoon, std::string(40, 'x'));
    one.schema = token.substr(0, 1);
    keep(store, one);
  };
  const auto sources = [&] {
    detail::Database file(folder.path() / "results.db", detail::ToRead{5});
    detail::Query query = file.prepare("SELECT component, schema FROM source ORDER BY id");
    std::string all;
    for (query.start(); query.step();) all += query.text(0) + query.text(1) + " ";
    return all;
  };
  keep_one("a", "x1");
  keep_one("b", "x2");
  CHECK(sources() == "ax bx ");
  keep_one("b", "y1");  // takes the place of that of a
  CHECK(sources() == "bx by ");
  CHECK(gone.empty());
  keep_one("a", "y2");
  CHECK(sources() == "by ay ");
  CHECK(gone == "pingx ");
  CHECK(tokens(folder.path()) == "y1y2");
  keep_one("a", "x3");  // as if it had never been there
  CHECK(sources() == "ay ax ");
  CHECK(tokens(folder.path()) == "y2x3");
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
    file.execute(
        "DROP INDEX result_long; DROP INDEX result_long_begin; DROP TABLE time; "
        "DROP TABLE contents");
    file.set_schema_version(1);
  }
  ResultStore store({.folder = folder.path()}, clock);
  CHECK(store.contents().results == 1);
  CHECK(store.contents().bytes == 10);
  CHECK_FALSE(keep(store, result("a", "2", kNoon)));
  CHECK(store.contents().bytes == 12);
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

TEST_CASE("a folder has one store, and readers", "[store][results]") {
  const ScratchFolder folder;
  const FakeClock clock;
  const ResultStoreOptions options{.folder = folder.path(), .max_bytes = 100};
  {
    ResultStore store(options, clock);
    keep(store, result("a", "1", kNoon));
    try {
      ResultStore another(options, clock);
      keep(another, result("a", "2", kNoon, std::string(90, 'x')));
      keep(store, result("a", "3", kNoon + 1s, std::string(99, 'x')));
      FAIL("both wrote, and left: " + tokens(folder.path()));
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::Configuration);
      CHECK(error.message() == "another process has it");
    }
    keep(store, result("a", "2", kNoon));
    CHECK(tokens(folder.path()) == "12");
  }
  CHECK_NOTHROW(ResultStore(options, clock));
}

TEST_CASE("the store of a process that died can be had and read", "[store][results]") {
  const ScratchFolder folder;
  const FakeClock clock;
  const ResultStoreOptions options{.folder = folder.path()};
  const pid_t child = ::fork();
  if (child == 0) {
    ResultStore store(options, clock);
    if (!keep(store, result("a", "1", kNoon))) ::kill(::getpid(), SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  CHECK(tokens(folder.path()) == "1");
  ResultStore store(options, clock);
  CHECK_FALSE(keep(store, result("a", "2", kNoon)));
  CHECK(tokens(folder.path()) == "12");
}

TEST_CASE("one of those that begin a store at once has it", "[store][results]") {
  const FakeClock clock;
  for (int round = 0; round < 20; ++round) {
    const ScratchFolder folder;
    std::string refusals;
    std::mutex mutex;
    {
      std::list<std::optional<ResultStore>> stores(3);
      std::latch all(3);
      std::vector<std::jthread> threads;
      for (auto& store : stores) {
        threads.emplace_back([&] {
          all.arrive_and_wait();
          try {
            store.emplace(ResultStoreOptions{.folder = folder.path() / "s"}, clock);
          } catch (const Error& error) {
            const std::lock_guard lock(mutex);
            refusals += error.message() + "\n";
          }
        });
      }
      threads.clear();
    }
    CHECK(refusals == "another process has it\nanother process has it\n");
  }
}

TEST_CASE("too low a count of bytes does not erase what has room", "[store][results]") {
  const ScratchFolder folder;
  const FakeClock clock;
  {
    ResultStore store({.folder = folder.path()}, clock);
    keep(store, result("a", "1", kNoon, std::string(500, 'x')));
  }
  detail::Database(folder.path() / "results.db", Sync::Full)
      .execute("UPDATE contents SET results = 0, bytes = 0");
  ResultStore store({.folder = folder.path(), .max_bytes = 100}, clock);
  keep(store, result("a", "2", kNoon + 1s, std::string(60, 'x')));
  keep(store, result("a", "3", kNoon + 2s, std::string(60, 'x')));
  CHECK(tokens(folder.path()) == "23");
  keep(store, result("a", "4", kNoon + 3s, std::string(10, 'x')));
  CHECK(tokens(folder.path()) == "234");
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

namespace {

/// That a folder's results are not read, and why, and that the file stays as it is.
void check_not_read(const ScratchFolder& folder, const std::string& reason) {
  const auto file = folder.path() / "results.db";
  const std::string before = read_file(file);
  try {
    const ResultReader reader(folder.path());
    FAIL("it was opened");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Configuration);
    CHECK(error.where() == file.string());
    CHECK_THAT(error.message(), Catch::Contains(reason));
  }
  CHECK(read_file(file) == before);
}

}  // namespace

TEST_CASE("what holds no results of this version is not read, nor changed", "[store][results]") {
  const ScratchFolder folder;
  const auto file = folder.path() / "results.db";
  SECTION("an empty file") {
    folder.write("results.db", "");
    check_not_read(folder, "no results were kept here");
  }
  SECTION("a file of an older version") {
    const FakeClock clock;
    { const ResultStore store({.folder = folder.path()}, clock); }
    detail::Database(file, Sync::Full).set_schema_version(1);
    check_not_read(folder, "an older version");
  }
  SECTION("a file of a newer version") {
    detail::Database(file, Sync::Full).set_schema_version(99);
    check_not_read(folder, "a newer version");
  }
  SECTION("something else") {
    folder.write("results.db", std::string(5'000, 'x'));
    check_not_read(folder, "not a database");
  }
}
