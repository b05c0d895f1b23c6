#include "database.hpp"

#include <sqlite3.h>

namespace mplane::detail {
namespace {

constexpr int kBusyMilliseconds = 1'000;  // who had it before us may be about to end
constexpr int kStepsBetween = 1'000;      // of SQLite's machine, between questions: some 10 us

std::string_view pragma(const Sync sync) { return sync == Sync::Full ? "FULL" : "NORMAL"; }

std::string wrote_it(const std::int64_t version, const std::int64_t known) {
  return " wrote it: its tables have version " + std::to_string(version) + ", this program knows " +
         std::to_string(known);
}

}  // namespace

Query::Query(sqlite3* const connection, const std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  statement_.reset(statement);
  if (code != SQLITE_OK) {
    throw Error(ErrorKind::Internal, "store",
                std::string(sqlite3_errmsg(connection)) + " in " + std::string(sql));
  }
}

void Query::Finalize::operator()(sqlite3_stmt* const statement) const noexcept {
  sqlite3_finalize(statement);
}

bool Query::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail();
  reset();
  return false;
}

std::int64_t Query::integer(const int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Query::bytes(const int column) const {
  const void* const data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(data), data == nullptr ? 0 : static_cast<std::size_t>(size)};
}

std::string Query::text(const int column) const { return std::string(bytes(column)); }

bool Query::is_null(const int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Query::reset() noexcept { sqlite3_reset(statement_.get()); }

void Query::bind(const int place, const std::int64_t value) {
  if (sqlite3_bind_int64(statement_.get(), place, value) != SQLITE_OK) fail();
}

void Query::bind(const int place, const std::string_view value) {
  // Copied by SQLite: the caller's text need not outlive the step.
  const char* const data = value.data() == nullptr ? "" : value.data();
  if (sqlite3_bind_text64(statement_.get(), place, data, value.size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8) != SQLITE_OK) {
    fail();
  }
}

void Query::bind_null(const int place) {
  if (sqlite3_bind_null(statement_.get(), place) != SQLITE_OK) fail();
}

void Query::fail() const {
  sqlite3* const connection = sqlite3_db_handle(statement_.get());
  const std::string words = sqlite3_errmsg(connection);
  sqlite3_reset(statement_.get());
  throw Error(ErrorKind::Unavailable, "store", words);
}

Database::Database(const std::filesystem::path& file, const Sync sync, const Tables tables,
                   const Sharing sharing)
    : file_(file.string()) {
  open(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  try {
    set_up(sync, sharing);
    if (tables.size() > 0) bring_up_to_date(tables);
  } catch (const Error& error) {
    refuse(error);
  }
}

Database::Database(const std::filesystem::path& file, const ToRead tables) : file_(file.string()) {
  open(SQLITE_OPEN_READONLY);
  try {
    const std::int64_t version = schema_version();
    if (version == tables.version) return;
    throw Error(ErrorKind::Configuration, file_,
                (version < tables.version ? "an older version" : "a newer version") +
                    wrote_it(version, tables.version));
  } catch (const Error& error) {
    refuse(error);
  }
}

void Database::open(const int flags) {
  sqlite3* connection = nullptr;
  const int code =
      sqlite3_open_v2(file_.c_str(), &connection, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  connection_.reset(connection);
  if (code != SQLITE_OK) {
    throw Error(ErrorKind::Configuration, file_,
                connection == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(connection));
  }
  sqlite3_busy_timeout(connection, kBusyMilliseconds);
}

void Database::set_up(const Sync sync, const Sharing sharing) {
  if (sharing == Sharing::Alone) execute("PRAGMA locking_mode = EXCLUSIVE");
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA synchronous = " + std::string(pragma(sync)));
}

/// All steps in one transaction, so that of those that open a file at once one does it.
void Database::bring_up_to_date(const Tables tables) {
  const auto known = static_cast<std::int64_t>(tables.size());
  begin();
  const std::int64_t version = schema_version();
  if (version > known) {
    throw Error(ErrorKind::Configuration, file_, "a newer version" + wrote_it(version, known));
  }
  for (std::int64_t step = version; step < known; ++step) execute(tables.begin()[step]);
  if (version < known) set_schema_version(known);
  commit();
}

void Database::refuse(const Error& error) {
  const bool busy = sqlite3_errcode(connection_.get()) == SQLITE_BUSY;
  throw Error(ErrorKind::Configuration, file_, busy ? "another process has it" : error.message());
}

void Database::Close::operator()(sqlite3* const connection) const noexcept {
  sqlite3_close_v2(connection);
}

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw Error(ErrorKind::Unavailable, file_, sqlite3_errmsg(connection_.get()));
  }
}

void Database::ask_whether_enough(const std::function<bool()>* const is_enough) noexcept {
  const auto ask = [](void* const asked) {
    return (*static_cast<const std::function<bool()>*>(asked))() ? 1 : 0;
  };
  int (*const handler)(void*) = ask;
  sqlite3_progress_handler(connection_.get(), kStepsBetween,
                           is_enough == nullptr ? nullptr : handler,
                           const_cast<std::function<bool()>*>(is_enough));
}

void Database::rollback() noexcept {
  // SQLite may have rolled back by itself (disk full): then there is nothing left to do.
  if (sqlite3_get_autocommit(connection_.get()) == 0) {
    sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

std::int64_t Database::schema_version() {
  Query query = prepare("PRAGMA user_version");
  query.start();
  return query.step() ? query.integer(0) : 0;
}

void Database::set_schema_version(const std::int64_t version) {
  execute("PRAGMA user_version = " + std::to_string(version));
}

}  // namespace mplane::detail
