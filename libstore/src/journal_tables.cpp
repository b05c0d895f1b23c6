#include "journal_tables.hpp"

#include "books_text.hpp"
#include "mplane/model/json.hpp"

#include <optional>
#include <string>
#include <utility>

namespace mplane::detail {
namespace {

// Messages are JSON as on the wire, instants microseconds since 1970, books as in books_text.hpp.
constexpr const char* kTables = R"(
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
  CREATE TABLE outcome (
    id      INTEGER PRIMARY KEY,
    job     INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    message TEXT NOT NULL
  );
  CREATE INDEX outcome_of_job ON outcome (job);
)";

constexpr std::string_view kInsert =
    "INSERT OR REPLACE INTO job (accepted, changed, next, over, handed_over, outcomes, books, "
    "owner, token, service, specification) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
constexpr std::string_view kUpdate =
    "UPDATE job SET accepted = ?, changed = ?, next = ?, over = ?, handed_over = ?, outcomes = ?, "
    "books = ? WHERE owner = ? AND token = ? RETURNING id";
constexpr std::string_view kErase = "DELETE FROM job WHERE owner = ? AND token = ?";
constexpr std::string_view kInsertOutcome = "INSERT INTO outcome (job, message) VALUES (?, ?)";
constexpr std::string_view kTrimOutcomes =
    "DELETE FROM outcome WHERE job = ?1 AND id <= "
    "(SELECT id FROM outcome WHERE job = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
constexpr std::string_view kSelect =
    "SELECT id, accepted, changed, next, over, handed_over, outcomes, books, owner, token, "
    "service, specification FROM job ORDER BY accepted, id";
constexpr std::string_view kSelectOutcomes =
    "SELECT message FROM outcome WHERE job = ? ORDER BY id";

std::int64_t to_integer(const Instant instant) { return instant.time_since_epoch().count(); }
Instant to_instant(const std::int64_t integer) { return Instant(Duration(integer)); }

JobState read_state(const Query& row) {
  JobState state;
  state.accepted = to_instant(row.integer(1));
  state.changed = to_instant(row.integer(2));
  if (!row.is_null(3)) state.next = to_instant(row.integer(3));
  state.over = row.integer(4) != 0;
  state.handed_over = row.integer(5) != 0;
  state.outcomes = static_cast<std::size_t>(row.integer(6));
  state.books = parse_books(row.bytes(7));
  return state;
}

/// Says that something in a row is of no use.
void complain(const LogSink& log, std::string what, const Query& row, const Error& error) {
  if (error.kind() == ErrorKind::Unavailable) throw error;  // the file, not the row
  mplane::log(log, {Severity::Error,
                    "journal",
                    std::move(what),
                    {{"owner", row.text(8)}, {"token", row.text(9)}, {"error", error.what()}}});
}

}  // namespace

JournalTables::JournalTables(const std::filesystem::path& file, const Sync sync)
    : database_(file, sync, {kTables}),
      insert_(database_.prepare(kInsert)),
      update_(database_.prepare(kUpdate)),
      erase_(database_.prepare(kErase)),
      insert_outcome_(database_.prepare(kInsertOutcome)),
      trim_outcomes_(database_.prepare(kTrimOutcomes)),
      select_(database_.prepare(kSelect)),
      select_outcomes_(database_.prepare(kSelectOutcomes)) {
  database_.execute("PRAGMA foreign_keys = ON");  // a job takes its outcomes with it
}

void JournalTables::write(const JobChanges& changes) {
  database_.begin();
  try {
    for (const auto& [key, change] : changes) write(key, change);
    database_.commit();
  } catch (...) {
    database_.rollback();
    throw;
  }
}

void JournalTables::write(const JobKey& key, const JobChange& change) {
  if (change.gone) return erase_.run(key.owner, key.token);
  const auto job = write_job(key, change);
  if (!job || change.outcomes.empty()) return;
  for (const auto& outcome : change.outcomes) insert_outcome_.run(*job, encode(*outcome));
  trim_outcomes_.run(*job, static_cast<std::int64_t>(change.state.outcomes));
}

/// @return the row's id; nothing when there is no such job.
std::optional<std::int64_t> JournalTables::write_job(const JobKey& key, const JobChange& change) {
  const JobState& state = change.state;
  std::optional<std::int64_t> next;
  if (state.next) next = to_integer(*state.next);
  const auto run = [&](Query& query, const auto&... more) {
    query.start(to_integer(state.accepted), to_integer(state.changed), next, state.over,
                state.handed_over, static_cast<std::int64_t>(state.outcomes), to_text(state.books),
                key.owner, key.token, more...);
    std::optional<std::int64_t> id;
    while (query.step()) id = query.integer(0);
    return id;
  };
  if (!change.specification) return run(update_);
  return run(insert_, change.service, encode(*change.specification));
}

std::vector<JobRecord> JournalTables::load(const Registry& registry, const LogSink& log) {
  std::vector<JobRecord> records;
  for (select_.start(); select_.step();) {
    try {
      records.push_back({select_.text(8), select_.text(10),
                         decode_as<Specification>(select_.bytes(11), registry), read_state(select_),
                         outcomes(registry, log)});
    } catch (const Error& error) {
      complain(log, "a job cannot be read and is left where it is", select_, error);
    }
  }
  return records;
}

/// Those of the job that is selected.
std::vector<Message> JournalTables::outcomes(const Registry& registry, const LogSink& log) {
  std::vector<Message> read;
  for (select_outcomes_.start(select_.integer(0)); select_outcomes_.step();) {
    try {
      read.push_back(decode(select_outcomes_.bytes(0), registry));
    } catch (const Error& error) {
      complain(log, "a result cannot be read and is left out", select_, error);
    }
  }
  return read;
}

}  // namespace mplane::detail
