#include "database.hpp"

#include "mplane/model/error.hpp"
#include "support/scratch.hpp"

#include <cstdint>
#include <latch>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using mplane::Error;
using mplane::ErrorKind;
using mplane::Sync;
using mplane::detail::Database;
using mplane::detail::Query;
using mplane::detail::Sharing;
using mplane::test::ScratchFolder;

namespace {

void make_table(Database& database) {
  database.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, word TEXT)");
}

std::int64_t count(Database& database) {
  Query query = database.prepare("SELECT count(*) FROM entry");
  query.start();
  query.step();
  return query.integer(0);
}

}  // namespace

TEST_CASE("what a query binds comes back as it was", "[database]") {
  const ScratchFolder folder;
  Database database(folder.path() / "test.db", Sync::Full);
  make_table(database);
  const std::string word("a\0b\xc3\xa4", 5);
  database.prepare("INSERT INTO entry VALUES (?, ?)").run(std::int64_t{-7}, word);
  database.prepare("INSERT INTO entry VALUES (?, ?)").run(8, std::optional<std::string>());

  Query query = database.prepare("SELECT number, word FROM entry ORDER BY number");
  query.start();
  REQUIRE(query.step());
  CHECK(query.integer(0) == -7);
  CHECK(query.text(1) == word);
  REQUIRE(query.step());
  CHECK(query.is_null(1));
  CHECK_FALSE(query.step());
}

TEST_CASE("a file that cannot be opened is refused with its name", "[database]") {
  try {
    const Database database("/nonexistent/folder/x.db", Sync::Full);
    FAIL("opened");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Configuration);
    CHECK(error.where() == "/nonexistent/folder/x.db");
  }
}

TEST_CASE("a file that is no database is refused", "[database]") {
  const ScratchFolder folder;
  const std::string file = folder.write("test.db", std::string(5000, 'x'));
  CHECK_THROWS_WITH(Database(file, Sync::Full), Catch::Contains("not a database"));
}

TEST_CASE("a file is open once at a time", "[database]") {
  const ScratchFolder folder;
  const auto file = folder.path() / "test.db";
  {
    const Database first(file, Sync::Normal);
    CHECK_THROWS_WITH(Database(file, Sync::Normal), Catch::Contains("another process has it"));
  }
  CHECK_NOTHROW(Database(file, Sync::Normal));
}

TEST_CASE("tables are made once, however many open a file", "[database]") {
  const ScratchFolder folder;
  const auto file = folder.path() / "test.db";
  { const Database empty(file, Sync::Normal); }
  // It takes long enough for all to come.
  const Database::Tables tables = {
      "CREATE TABLE entry AS WITH RECURSIVE count (number) AS "
      "(SELECT 1 UNION ALL SELECT number + 1 FROM count LIMIT 100000) SELECT number FROM count",
      "UPDATE entry SET number = number + 1"};
  std::mutex mutex;
  std::string errors;
  {
    std::latch all(3);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        all.arrive_and_wait();
        try {
          const Database database(file, Sync::Normal, tables, Sharing::Shared);
        } catch (const Error& error) {
          const std::lock_guard lock(mutex);
          errors += error.message() + '\n';
        }
      });
    }
  }
  CHECK(errors.empty());
  Database database(file, Sync::Normal, tables);
  CHECK(count(database) == 100'000);
  Query least = database.prepare("SELECT min(number) FROM entry");
  least.start();
  REQUIRE(least.step());
  CHECK(least.integer(0) == 2);
}

TEST_CASE("tables that cannot be brought up to date stay as they are", "[database]") {
  const ScratchFolder folder;
  const auto file = folder.path() / "test.db";
  const Database::Tables tables = {"CREATE TABLE entry (number INTEGER)", "nonsense"};
  try {
    const Database database(file, Sync::Normal, tables);
    FAIL("opened");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Configuration);
    CHECK(error.where() == file.string());
  }
  Database database(file, Sync::Normal);
  CHECK(database.schema_version() == 0);
  CHECK_THROWS_WITH(count(database), Catch::Contains("no such table"));
}

TEST_CASE("a full disk fails a transaction and leaves what was there", "[database]") {
  const ScratchFolder folder;
  Database database(folder.path() / "test.db", Sync::Full);
  make_table(database);
  database.execute("PRAGMA max_page_count = 16");
  Query insert = database.prepare("INSERT INTO entry VALUES (?, ?)");
  insert.run(1, "small");
  database.begin();
  try {
    insert.run(2, std::string(1 << 20, 'x'));
    FAIL("written");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Unavailable);
    CHECK(error.message().find("full") != std::string::npos);
  }
  database.rollback();
  insert.run(3, "small again");
  CHECK(count(database) == 2);
}
