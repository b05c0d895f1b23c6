#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

struct sqlite3;

namespace yardstick {

/// What one insertion binds, in the order of its question marks.
using SqliteRow = std::vector<std::variant<std::int64_t, std::string>>;

/// An SQLite file that is written by one thread: WAL, synchronous=FULL, alone.
class SqliteBatches {
 public:
  /// Makes the file. @param tables makes its tables; @param insert writes a row.
  /// @throws std::runtime_error with SQLite's words.
  SqliteBatches(const std::string& file, const char* tables, std::string insert);
  ~SqliteBatches();
  SqliteBatches(const SqliteBatches&) = delete;
  SqliteBatches& operator=(const SqliteBatches&) = delete;

  /// Inserts rows, so many in each transaction.
  void insert(const std::vector<SqliteRow>& rows, std::size_t batch);

 private:
  void execute(const char* sql);

  const std::string insert_;
  sqlite3* connection_ = nullptr;
};

}  // namespace yardstick
