#include "sqlite_batches.hpp"

#include <sqlite3.h>
#include <stdexcept>

namespace yardstick {
namespace {

constexpr const char* kSetUp = R"(
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE job (
    id            INTEGER PRIMARY KEY,
    owner         TEXT NOT NULL,
    token         TEXT NOT NULL,
    service       TEXT NOT NULL,
    specification TEXT NOT NULL,
    accepted      INTEGER NOT NULL,
    changed       INTEGER NOT NULL,
    next          INTEGER,
    over          INTEGER NOT NULL,
    handed_over   INTEGER NOT NULL,
    outcomes      INTEGER NOT NULL,
    books         TEXT NOT NULL,
    UNIQUE (owner, token)
  );
)";

constexpr const char* kInsert =
    "INSERT INTO job (owner, token, service, specification, accepted, changed, next, over, "
    "handed_over, outcomes, books) VALUES (?1, ?2, 'count', ?3, ?4, ?4, ?5, 0, 0, 0, '')";

void bind(sqlite3_stmt* const statement, const int place, const std::string& text) {
  sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

}  // namespace

SqliteBatches::SqliteBatches(const std::string& file) {
  if (sqlite3_open(file.c_str(), &connection_) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(connection_));
  }
  execute(kSetUp);
}

SqliteBatches::~SqliteBatches() { sqlite3_close_v2(connection_); }

void SqliteBatches::insert(const std::vector<JobRow>& rows, const std::size_t batch) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(connection_, kInsert, -1, &statement, nullptr);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % batch == 0) execute("BEGIN IMMEDIATE");
    bind(statement, 1, rows[i].owner);
    bind(statement, 2, rows[i].token);
    bind(statement, 3, rows[i].specification);
    sqlite3_bind_int64(statement, 4, rows[i].accepted);
    sqlite3_bind_int64(statement, 5, rows[i].next);
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
