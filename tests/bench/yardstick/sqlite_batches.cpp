#include "sqlite_batches.hpp"

#include <sqlite3.h>
#include <stdexcept>
#include <utility>

namespace yardstick {
namespace {

constexpr const char* kSetUp = R"(
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
)";

void bind(sqlite3_stmt* const statement, const SqliteRow& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int place = static_cast<int>(i) + 1;
    if (const auto* const text = std::get_if<std::string>(&row[i])) {
      sqlite3_bind_text(statement, place, text->data(), static_cast<int>(text->size()),
                        SQLITE_STATIC);
    } else {
      sqlite3_bind_int64(statement, place, std::get<std::int64_t>(row[i]));
    }
  }
}

}  // namespace

SqliteBatches::SqliteBatches(const std::string& file, const char* const tables, std::string insert)
    : insert_(std::move(insert)) {
  if (sqlite3_open(file.c_str(), &connection_) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(connection_));
  }
  execute(kSetUp);
  execute(tables);
}

SqliteBatches::~SqliteBatches() { sqlite3_close_v2(connection_); }

void SqliteBatches::insert(const std::vector<SqliteRow>& rows, const std::size_t batch) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(connection_, insert_.c_str(), -1, &statement, nullptr);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % batch == 0) execute("BEGIN IMMEDIATE");
    bind(statement, rows[i]);
    if (sqlite3_step(statement) != SQLITE_DONE) {
      throw std::runtime_error(sqlite3_errmsg(connection_));
    }
    sqlite3_reset(statement);
    if ((i + 1) % batch == 0 || i + 1 == rows.size()) execute("COMMIT");
  }
  sqlite3_finalize(statement);
}

void SqliteBatches::execute(const char* const sql) {
  if (sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(connection_));
  }
}

}  // namespace yardstick
