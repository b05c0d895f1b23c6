#include "spool_tables.hpp"

#include "mplane/model/error.hpp"

namespace mplane::detail {
namespace {

// Bodies are JSON as on the wire. Since when a message waits is by the store's own time
// (StoreTime), in microseconds. Numbers tell the order in which messages came.
constexpr const char* kTables = R"(
  CREATE TABLE message (
    id     INTEGER PRIMARY KEY,
    queue  TEXT NOT NULL,
    url    TEXT NOT NULL,
    key    TEXT NOT NULL,
    since  INTEGER NOT NULL,
    bytes  INTEGER NOT NULL,
    body   TEXT NOT NULL
  );
)";

// Versions before took `since` from the time of day, right or wrong: what waits ages anew.
constexpr const char* kTimeTable = R"(
  CREATE TABLE time (now INTEGER NOT NULL);
  INSERT INTO time VALUES (0);
  UPDATE message SET since = 0;
)";

constexpr std::string_view kInsert =
    "INSERT INTO message (id, queue, url, key, since, bytes, body) VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kErase = "DELETE FROM message WHERE id = ?";
constexpr std::string_view kSelect =
    "SELECT id, queue, url, key, since, bytes FROM message ORDER BY id";
constexpr std::string_view kSelectBody = "SELECT body FROM message WHERE id = ?";

std::int64_t to_integer(const std::uint64_t id) { return static_cast<std::int64_t>(id); }

}  // namespace

SpoolTables::SpoolTables(const std::filesystem::path& file, const Sync sync)
    : database_(file, sync, {kTables, kTimeTable}),
      insert_(database_.prepare(kInsert)),
      erase_(database_.prepare(kErase)),
      select_(database_.prepare(kSelect)),
      update_time_(database_.prepare("UPDATE time SET now = ?")),
      select_body_(database_.prepare(kSelectBody)) {}

void SpoolTables::write(const std::map<Id, SpoolEntry>& added, const std::vector<Id>& removed,
                        const Duration now) {
  const Lock lock(mutex_);
  database_.begin();
  try {
    for (const auto& [id, entry] : added) {
      insert_.run(to_integer(id), entry.queue, entry.url, entry.key,
                  std::int64_t{entry.since.count()}, static_cast<std::int64_t>(entry.bytes),
                  *entry.body);
    }
    for (const Id id : removed) erase_.run(to_integer(id));
    update_time_.run(std::int64_t{now.count()});
    database_.commit();
  } catch (...) {
    database_.rollback();
    throw;
  }
}

std::map<SpoolTables::Id, SpoolEntry> SpoolTables::load() {
  const Lock lock(mutex_);
  std::map<Id, SpoolEntry> entries;
  for (select_.start(); select_.step();) {
    SpoolEntry entry;
    entry.queue = select_.text(1);
    entry.url = select_.text(2);
    entry.key = select_.text(3);
    entry.since = Duration(select_.integer(4));
    entry.bytes = static_cast<std::size_t>(select_.integer(5));
    entries.emplace(static_cast<Id>(select_.integer(0)), std::move(entry));
  }
  return entries;
}

Duration SpoolTables::time() {
  const Lock lock(mutex_);
  Query query = database_.prepare("SELECT now FROM time");
  query.start();
  query.step();
  return Duration(query.integer(0));
}

std::optional<std::string> SpoolTables::body(const Id id) {
  const Lock lock(mutex_);
  select_body_.start(to_integer(id));
  if (!select_body_.step()) return {};
  std::string text = select_body_.text(0);
  while (select_body_.step()) {
  }
  return text;
}

}  // namespace mplane::detail
