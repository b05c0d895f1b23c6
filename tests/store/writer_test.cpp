#include "writer.hpp"

#include "database.hpp"
#include "mplane/model/error.hpp"

#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using mplane::Error;
using mplane::ErrorKind;
using mplane::detail::Database;
using mplane::detail::Query;
using mplane::detail::Synchronous;
using mplane::detail::Writer;

namespace {

/// A folder of its own for each test, gone after it.
class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "mplane-store-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path file() const { return path_ / "test.db"; }

 private:
  std::filesystem::path path_;
};

void make_table(Database& database) {
  database.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, word TEXT)");
}

std::int64_t count(Database& database) {
  Query query = database.prepare("SELECT count(*) FROM entry");
  query.start();
  query.step();
  return query.integer(0);
}

Writer::Work insertion(const std::int64_t number, const std::string& word) {
  return [number, word](Database& database) {
    database.prepare("INSERT INTO entry VALUES (?, ?)").run(number, word);
  };
}

}  // namespace

TEST_CASE("what a query binds comes back as it was", "[database]") {
  const Folder folder;
  Database database(folder.file(), Synchronous::Full);
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

TEST_CASE("a file that is no database is refused with its name", "[database]") {
  try {
    const Database database("/nonexistent/folder/x.db", Synchronous::Full);
    FAIL("opened");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Configuration);
    CHECK(error.where() == "/nonexistent/folder/x.db");
  }
}

TEST_CASE("a work that fails takes nothing of its neighbours along", "[writer]") {
  const Folder folder;
  Database database(folder.file(), Synchronous::Full);
  make_table(database);
  {
    Writer writer(database);
    writer.write(insertion(1, "one"));
    CHECK_THROWS_AS(writer.write([](Database& inside) {
      insertion(2, "two")(inside);
      insertion(1, "again")(inside);
    }),
                    Error);
    writer.write(insertion(3, "three"));
  }
  CHECK(count(database) == 2);
}

TEST_CASE("works of many threads are all durable when they are told so", "[writer]") {
  constexpr std::int64_t kThreads = 8;
  constexpr std::int64_t kEach = 50;
  const Folder folder;
  Database database(folder.file(), Synchronous::Normal);
  make_table(database);
  {
    Writer writer(database);
    std::vector<std::thread> threads;
    for (std::int64_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&writer, thread] {
        for (std::int64_t i = 0; i < kEach; ++i) writer.write(insertion(thread * kEach + i, "x"));
      });
    }
    for (std::thread& thread : threads) thread.join();
    Database reader(folder.file(), Synchronous::Normal);
    CHECK(count(reader) == kThreads * kEach);
  }
}

TEST_CASE("what was handed over is written before the writer ends", "[writer]") {
  const Folder folder;
  Database database(folder.file(), Synchronous::Full);
  make_table(database);
  int told = 0;
  {
    Writer writer(database);
    for (int i = 0; i < 100; ++i) {
      writer.write(insertion(i, "x"),
                   [&told](const std::exception_ptr& failure) { told += failure ? 0 : 1; });
    }
  }
  CHECK(told == 100);
  CHECK(count(database) == 100);
}

TEST_CASE("a full disk fails the works and leaves the rest readable", "[writer]") {
  const Folder folder;
  Database database(folder.file(), Synchronous::Full);
  make_table(database);
  database.execute("PRAGMA max_page_count = 16");
  {
    Writer writer(database);
    writer.write(insertion(1, "small"));
    const std::string large(1 << 20, 'x');
    try {
      writer.write(insertion(2, large));
      FAIL("written");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::Unavailable);
      CHECK(error.message().find("full") != std::string::npos);
    }
    writer.write(insertion(3, "small again"));
  }
  CHECK(count(database) == 2);
}
