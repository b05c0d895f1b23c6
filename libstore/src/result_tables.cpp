#include "result_tables.hpp"

#include "mplane/model/error.hpp"

#include <limits>
#include <string>

namespace mplane::detail {
namespace {

// Messages are JSON as on the wire, instants microseconds since 1970. The names of components and
// labels stand in a table of their own: there are few of them and many results. Ids tell the order
// in which results came.
constexpr const char* kTables = R"(
  CREATE TABLE source (
    id         INTEGER PRIMARY KEY,
    component  TEXT NOT NULL,
    label      TEXT NOT NULL,
    UNIQUE (component, label)
  );
  CREATE TABLE result (
    id       INTEGER PRIMARY KEY,
    source   INTEGER NOT NULL REFERENCES source,
    token    TEXT NOT NULL,
    begin    INTEGER NOT NULL,
    end      INTEGER NOT NULL,
    came     INTEGER NOT NULL,
    message  TEXT NOT NULL
  );
  CREATE UNIQUE INDEX result_identity ON result (token, source, begin);
  CREATE INDEX result_time ON result (source, begin);
  CREATE INDEX result_begin ON result (begin);
)";

// So that nobody has to read all messages to know how many bytes they are.
constexpr const char* kContentsTable = R"(
  CREATE TABLE contents (
    results  INTEGER NOT NULL,
    bytes    INTEGER NOT NULL
  );
  INSERT INTO contents
    SELECT count(*), coalesce(sum(length(CAST(message AS BLOB))), 0) FROM result;
)";

constexpr std::string_view kInsertSource =
    "INSERT OR IGNORE INTO source (component, label) VALUES (?, ?)";
constexpr std::string_view kInsert =
    "INSERT OR IGNORE INTO result (source, token, begin, end, came, message) "
    "SELECT id, ?, ?, ?, ?, ? FROM source WHERE component = ? AND label = ? RETURNING id";
constexpr std::string_view kFirst =
    "SELECT id, came, length(CAST(message AS BLOB)) FROM result ORDER BY id LIMIT 1";
constexpr std::string_view kErase = "DELETE FROM result WHERE id = ?";
constexpr std::string_view kContents = "SELECT results, bytes FROM contents";
constexpr std::string_view kUpdateContents = "UPDATE contents SET results = ?, bytes = ?";

std::int64_t ticks(const Instant instant) { return instant.time_since_epoch().count(); }

ResultStore::Contents counted(Database& database) {
  Query query = database.prepare(kContents);
  query.start();
  query.step();
  return {static_cast<std::uint64_t>(query.integer(0)),
          static_cast<std::uint64_t>(query.integer(1))};
}

}  // namespace

ResultTables::ResultTables(const std::filesystem::path& file, const Sync sync)
    : database_(file, sync, {kTables, kContentsTable}, Sharing::Shared),
      insert_(database_.prepare(kInsert)),
      first_(database_.prepare(kFirst)),
      erase_(database_.prepare(kErase)),
      update_contents_(database_.prepare(kUpdateContents)),
      contents_(counted(database_)) {}

void ResultTables::write(const std::vector<Entry>& entries, const StoreTime& time,
                         const Duration max_age, const std::uint64_t max_bytes) {
  ResultStore::Contents contents = contents_;
  database_.begin();
  try {
    for (const Entry& entry : entries) add(entry, contents);
    remove_oldest(time, max_age, max_bytes, contents);
    update_contents_.run(static_cast<std::int64_t>(contents.results),
                         static_cast<std::int64_t>(contents.bytes));
    database_.commit();
  } catch (...) {
    database_.rollback();
    throw;
  }
  contents_ = contents;
}

void ResultTables::add(const Entry& entry, ResultStore::Contents& contents) {
  const KeptResult& result = entry.result;
  database_.prepare(kInsertSource).run(result.component, result.label);
  insert_.start(result.token, ticks(result.begin), ticks(result.end), ticks(entry.came),
                result.message, result.component, result.label);
  bool is_new = false;
  while (insert_.step()) is_new = true;
  if (!is_new) return;
  ++contents.results;
  contents.bytes += result.message.size();
}

Instant ResultTables::newest() {
  Query query = database_.prepare("SELECT came FROM result ORDER BY id DESC LIMIT 1");
  query.start();
  return query.step() ? Instant(Duration(query.integer(0))) : Instant();
}

void ResultTables::remove_oldest(const StoreTime& time, const Duration max_age,
                                 const std::uint64_t max_bytes, ResultStore::Contents& contents) {
  for (;;) {
    first_.start();
    if (!first_.step()) return;
    const std::int64_t id = first_.integer(0);
    const Instant came{Duration(first_.integer(1))};
    const bool is_too_old = time.now() - time.since(came) > max_age;
    const auto bytes = static_cast<std::uint64_t>(first_.integer(2));
    while (first_.step()) continue;
    if (!is_too_old && contents.bytes <= max_bytes) return;
    erase_.run(id);
    --contents.results;
    contents.bytes -= bytes;
  }
}

void ResultTables::each(const ResultSelection& selection,
                        const std::function<bool(const KeptResult&)>& take) {
  std::string sql =
      "SELECT component, label, token, begin, end, message FROM result JOIN source "
      "ON source.id = result.source WHERE begin <= ? AND end >= ?";
  if (selection.component) sql += " AND component = ?";
  if (selection.label) sql += " AND label = ?";
  Query query = database_.prepare(sql + " ORDER BY begin");
  const std::int64_t until =
      selection.until ? ticks(*selection.until) : std::numeric_limits<std::int64_t>::max();
  const std::int64_t since =
      selection.since ? ticks(*selection.since) : std::numeric_limits<std::int64_t>::min();
  if (selection.component && selection.label) {
    query.start(until, since, *selection.component, *selection.label);
  } else if (selection.component || selection.label) {
    query.start(until, since, selection.component ? *selection.component : *selection.label);
  } else {
    query.start(until, since);
  }
  KeptResult result;
  while (query.step()) {
    result.component = query.text(0);
    result.label = query.text(1);
    result.token = query.text(2);
    result.begin = Instant(Duration(query.integer(3)));
    result.end = Instant(Duration(query.integer(4)));
    result.message = query.text(5);
    if (!take(result)) return;
  }
}

}  // namespace mplane::detail
