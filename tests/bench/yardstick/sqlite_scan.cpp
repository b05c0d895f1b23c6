#include "sqlite_scan.hpp"

#include <sqlite3.h>
#include <stdexcept>

namespace yardstick {
namespace {

constexpr const char* kSelect =
    "SELECT token, begin, end, message FROM result WHERE source = "
    "(SELECT id FROM source WHERE component = ?) AND begin BETWEEN ? AND ? AND end >= ? "
    "ORDER BY begin";

}  // namespace

SqliteScan::SqliteScan(const std::string& file) {
  if (sqlite3_open_v2(file.c_str(), &connection_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK ||
      sqlite3_prepare_v2(connection_, kSelect, -1, &statement_, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(connection_));
  }
}

SqliteScan::~SqliteScan() {
  sqlite3_finalize(statement_);
  sqlite3_close_v2(connection_);
}

std::size_t SqliteScan::scan(const std::string& component, const std::int64_t first,
                             const std::int64_t last) {
  sqlite3_bind_text(statement_, 1, component.data(), static_cast<int>(component.size()),
                    SQLITE_STATIC);
  sqlite3_bind_int64(statement_, 2, first);
  sqlite3_bind_int64(statement_, 3, last);
  sqlite3_bind_int64(statement_, 4, first);
  std::size_t bytes = 0;
  while (sqlite3_step(statement_) == SQLITE_ROW) {
    bytes += static_cast<std::size_t>(sqlite3_column_bytes(statement_, 0));
    bytes += static_cast<std::size_t>(sqlite3_column_int64(statement_, 1) & 1);
    bytes += static_cast<std::size_t>(sqlite3_column_int64(statement_, 2) & 1);
    if (sqlite3_column_blob(statement_, 3) == nullptr) throw std::runtime_error("no message");
    bytes += static_cast<std::size_t>(sqlite3_column_bytes(statement_, 3));
  }
  sqlite3_reset(statement_);
  return bytes;
}

}  // namespace yardstick
