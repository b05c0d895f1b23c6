#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace yardstick {

/// Reads the rows of one source and time from a table of results, and nothing else.
class SqliteScan {
 public:
  /// Opens the file. @throws std::runtime_error with SQLite's words.
  explicit SqliteScan(const std::string& file);
  ~SqliteScan();
  SqliteScan(const SqliteScan&) = delete;
  SqliteScan& operator=(const SqliteScan&) = delete;

  /// Steps through the rows of a component that begin in a span. @return the bytes of messages.
  std::size_t scan(const std::string& component, std::int64_t first, std::int64_t last);

 private:
  sqlite3* connection_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace yardstick
