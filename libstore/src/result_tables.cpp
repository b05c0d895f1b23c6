#include "result_tables.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace mplane::detail {
namespace {

// Messages are JSON as on the wire, instants microseconds since 1970, but `came` is by the store's
// own time (StoreTime), in microseconds. The names of components and labels stand in a table of
// their own: there are few of them and many results. Ids tell the order in which results came.
constexpr const char* kTables = R"(
  CREATE TABLE source (
    id         INTEGER PRIMARY KEY,
    component  TEXT NOT NULL,
    label      TEXT NOT NULL,
    UNIQUE (component, label)
  );
  CREATE TABLE result (
    id       INTEGER PRIMARY KEY,
    source   INTEGER NOT NULL,
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

// Versions before took `came` from the time of day, right or wrong: what is there ages anew.
constexpr const char* kTimeTable = R"(
  CREATE TABLE time (now INTEGER NOT NULL);
  INSERT INTO time VALUES (0);
  UPDATE result SET came = 0;
)";

// Results of one kind are found by their schema, and those of a time by how long the longest takes:
// else who asks for a day would have to read all before it.
constexpr const char* kKindsTable = R"(
  CREATE TABLE kind_source (
    id         INTEGER PRIMARY KEY,
    component  TEXT NOT NULL,
    label      TEXT NOT NULL,
    schema     TEXT NOT NULL,
    longest    INTEGER NOT NULL,
    UNIQUE (component, label, schema)
  );
  INSERT INTO kind_source SELECT id, component, label, '',
    (SELECT coalesce(max(end - begin), 0) FROM result WHERE result.source = source.id) FROM source;
  DROP TABLE source;
  ALTER TABLE kind_source RENAME TO source;
)";

// kLong, of all others; whoever looks for one has to say it in the same words.
constexpr const char* kLongTable = R"(
  CREATE INDEX result_long ON result (source, begin, end) WHERE end - begin > 86400000000;
  CREATE INDEX result_long_begin ON result (begin, end) WHERE end - begin > 86400000000;
  DELETE FROM source WHERE NOT EXISTS (SELECT 1 FROM result WHERE result.source = source.id);
)";

constexpr std::string_view kFindSource =
    "SELECT id, longest FROM source WHERE component = ? AND label = ? AND schema = ?";
constexpr std::string_view kInsertSource =
    "INSERT INTO source (component, label, schema, longest) VALUES (?, ?, ?, 0) RETURNING id";
constexpr std::string_view kLengthen = "UPDATE source SET longest = ? WHERE id = ?";
// Of whatever schema: versions before had none, and it is what was measured that counts.
constexpr std::string_view kFindSame =
    "SELECT 1 FROM result INDEXED BY result_identity WHERE token = ? AND begin = ? AND source IN "
    "(SELECT id FROM source WHERE component = ? AND label = ?) LIMIT 1";
// Of one that is the only one also at another time; its token is nobody else's.
constexpr std::string_view kFindOnly =
    "SELECT 1 FROM result INDEXED BY result_identity CROSS JOIN source ON source.id = "
    "result.source "
    "WHERE token = ? AND component = ? AND label = ? AND (schema = ? OR begin = ?) LIMIT 1";
constexpr std::string_view kInsert =
    "INSERT INTO result (source, token, begin, end, came, message) VALUES (?, ?, ?, ?, ?, ?)";
constexpr std::string_view kFirst =
    "SELECT id, came, length(CAST(message AS BLOB)), source FROM result ORDER BY id LIMIT 1";
constexpr std::string_view kErase = "DELETE FROM result WHERE id = ?";
constexpr std::string_view kEraseSource =
    "DELETE FROM source WHERE id = ? AND NOT EXISTS "
    "(SELECT 1 FROM result WHERE result.source = source.id) RETURNING label, schema";
constexpr std::string_view kFindKind =
    "SELECT 1 FROM source WHERE label = ? AND schema = ? LIMIT 1";
constexpr std::string_view kContents = "SELECT results, bytes FROM contents";
constexpr std::string_view kUpdateContents = "UPDATE contents SET results = ?, bytes = ?";

constexpr std::size_t kMostSources = 10'000;  // in memory

std::int64_t ticks(const Instant instant) { return instant.time_since_epoch().count(); }

std::uint64_t less(const std::uint64_t from, const std::uint64_t what) {
  return from - std::min(from, what);
}

ResultStore::Contents counted(Database& database) {
  Query query = database.prepare(kContents);
  query.start();
  query.step();
  return {static_cast<std::uint64_t>(query.integer(0)),
          static_cast<std::uint64_t>(query.integer(1))};
}

}  // namespace

static_assert(ResultTables::kVersion == 5, "as many as there are tables' steps below");

ResultTables::ResultTables(const std::filesystem::path& file, const Sync sync)
    : database_(file, sync, {kTables, kContentsTable, kTimeTable, kKindsTable, kLongTable},
                Sharing::Shared),
      find_source_(database_.prepare(kFindSource)),
      insert_source_(database_.prepare(kInsertSource)),
      lengthen_(database_.prepare(kLengthen)),
      find_same_(database_.prepare(kFindSame)),
      find_only_(database_.prepare(kFindOnly)),
      insert_(database_.prepare(kInsert)),
      first_(database_.prepare(kFirst)),
      erase_(database_.prepare(kErase)),
      erase_source_(database_.prepare(kEraseSource)),
      find_kind_(database_.prepare(kFindKind)),
      update_contents_(database_.prepare(kUpdateContents)),
      update_time_(database_.prepare("UPDATE time SET now = ?")),
      contents_(counted(database_)) {}

std::vector<ResultKind> ResultTables::write(std::vector<Entry>& entries, const Duration now,
                                            const Duration max_age, const std::uint64_t max_bytes) {
  ResultStore::Contents contents = contents_;
  std::vector<ResultKind> gone;
  database_.begin();
  try {
    for (Entry& entry : entries) add(entry, contents);
    remove_oldest(now, max_age, max_bytes, contents, gone);
    update_contents_.run(static_cast<std::int64_t>(contents.results),
                         static_cast<std::int64_t>(contents.bytes));
    update_time_.run(std::int64_t{now.count()});
    database_.commit();
  } catch (...) {
    database_.rollback();
    sources_.clear();
    throw;
  }
  contents_ = contents;
  return gone;
}

/// The row of those like it, which then tells how long the longest of them takes.
std::int64_t ResultTables::source_of(const KeptResult& result) {
  const auto names = std::tie(result.component, result.label, result.schema);
  auto known = sources_.find(names);
  if (known == sources_.end()) {
    if (sources_.size() >= kMostSources) sources_.clear();
    known = sources_.emplace(names, find_source(result)).first;
  }
  Source& source = known->second;
  const std::int64_t length = ticks(result.end) - ticks(result.begin);
  if (length > source.longest) {
    lengthen_.run(length, source.id);
    source.longest = length;
  }
  return source.id;
}

/// Made if there is none yet.
ResultTables::Source ResultTables::find_source(const KeptResult& result) {
  Source source;
  for (find_source_.start(result.component, result.label, result.schema); find_source_.step();) {
    source = {find_source_.integer(0), find_source_.integer(1)};
  }
  if (source.id != 0) return source;
  insert_source_.start(result.component, result.label, result.schema);
  while (insert_source_.step()) source.id = insert_source_.integer(0);
  return source;
}

bool ResultTables::is_known(const KeptResult& result) {
  Query& find = result.is_only ? find_only_ : find_same_;
  if (result.is_only) {
    find.start(result.token, result.component, result.label, result.schema, ticks(result.begin));
  } else {
    find.start(result.token, ticks(result.begin), result.component, result.label);
  }
  bool known = false;
  while (find.step()) known = true;
  return known;
}

void ResultTables::add(Entry& entry, ResultStore::Contents& contents) {
  const KeptResult& result = entry.result;
  entry.is_new = !is_known(result);
  if (!entry.is_new) return;
  insert_.run(source_of(result), result.token, ticks(result.begin), ticks(result.end),
              std::int64_t{entry.came.count()}, result.message);
  ++contents.results;
  contents.bytes += result.message.size();
}

Duration ResultTables::time() {
  Query query = database_.prepare("SELECT now FROM time");
  query.start();
  query.step();
  return Duration(query.integer(0));
}

void ResultTables::remove_oldest(const Duration now, const Duration max_age,
                                 const std::uint64_t max_bytes, ResultStore::Contents& contents,
                                 std::vector<ResultKind>& gone) {
  for (;;) {
    first_.start();
    if (!first_.step()) return;
    const std::int64_t id = first_.integer(0);
    const bool is_too_old = now - Duration(first_.integer(1)) > max_age;
    const auto bytes = static_cast<std::uint64_t>(first_.integer(2));
    const std::int64_t source = first_.integer(3);
    while (first_.step()) continue;
    if (!is_too_old && contents.bytes <= max_bytes) return;
    erase_.run(id);
    remove_source(source, gone);
    // No less than nothing, whatever the file's own count says: the rest must not go for it.
    contents = {less(contents.results, 1), less(contents.bytes, bytes)};
  }
}

/// Unless it still has results.
void ResultTables::remove_source(const std::int64_t source, std::vector<ResultKind>& gone) {
  std::optional<ResultKind> kind;
  for (erase_source_.start(source); erase_source_.step();) {
    kind = {erase_source_.text(0), erase_source_.text(1)};
  }
  if (kind) sources_.clear();
  if (!kind || kind->schema.empty()) return;
  bool is_left = false;
  find_kind_.start(kind->label, kind->schema);
  while (find_kind_.step()) is_left = true;
  if (!is_left) gone.push_back(std::move(*kind));
}

}  // namespace mplane::detail
