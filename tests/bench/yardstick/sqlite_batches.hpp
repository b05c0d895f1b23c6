#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct sqlite3;

namespace yardstick {

/// A job as it lies in a journal.
struct JobRow {
  std::string owner;
  std::string token;
  std::string specification;
  std::int64_t accepted;
  std::int64_t next;
};

/// An SQLite file with a table of jobs, written by one thread: WAL, synchronous=FULL, alone.
class SqliteBatches {
 public:
  /// Makes the file. @throws std::runtime_error with SQLite's words.
  explicit SqliteBatches(const std::string& file);
  ~SqliteBatches();
  SqliteBatches(const SqliteBatches&) = delete;
  SqliteBatches& operator=(const SqliteBatches&) = delete;

  /// Inserts rows, so many in each transaction.
  void insert(const std::vector<JobRow>& rows, std::size_t batch);

 private:
  void execute(const char* sql);

  sqlite3* connection_ = nullptr;
};

}  // namespace yardstick
