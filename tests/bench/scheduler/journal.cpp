// Submissions that are durable before their receipt: 64 clients at once, whose acceptances share
// commits, and one alone, against SQLite writing the same rows with the same pragmas, 64 or one in
// a transaction. Both files lie in the folder for temporary files, which should be on a real disk.

#include "bench.hpp"
#include "jobs.hpp"
#include "mplane/scheduler.hpp"
#include "mplane/store.hpp"
#include "sqlite_batches.hpp"
#include "submitters.hpp"
#include "support/scratch.hpp"

#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using mplane::Specification;

constexpr std::size_t kMany = 64;
constexpr std::size_t kBatches = 16;  // a round

// As in the journal's file.
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
)";
constexpr const char* kInsert =
    "INSERT INTO job (owner, token, service, specification, accepted, changed, next, over, "
    "handed_over, outcomes, books) VALUES (?1, ?2, 'count', ?3, ?4, ?4, ?5, 0, 0, 0, '')";

/// What clients ask for: something in a year, so that nothing but its acceptance is written.
class Asked {
 public:
  explicit Asked(const std::size_t clients) : clients_(clients) {
    for (std::size_t i = 0; i < clients; ++i) owners_.push_back("client-" + std::to_string(i));
  }

  std::vector<Specification> next() {
    const std::size_t count = clients_ * kBatches;
    return bench::specifications(capability_, when_, std::exchange(first_, first_ + count), count);
  }
  const std::string& owner(std::size_t client) const { return owners_[client]; }
  const mplane::Capability& capability() const noexcept { return capability_; }
  std::int64_t start() const { return when_.start().instant().time_since_epoch().count(); }

 private:
  const std::size_t clients_;
  const mplane::Capability capability_ = bench::counting_capability();
  const mplane::When when_ = mplane::When::at(
      std::chrono::time_point_cast<mplane::Duration>(std::chrono::system_clock::now()) +
      std::chrono::hours(24 * 365));
  std::vector<std::string> owners_;
  std::size_t first_ = 0;
};

class Journaled {
 public:
  Journaled(const std::filesystem::path& folder, const std::size_t clients)
      : clients_(clients),
        asked_(clients),
        journal_(folder, {}),
        scheduler_(clock_, options(journal_), {}) {
    scheduler_.offer({asked_.capability(), [](const auto&, auto, auto) {}});
  }

  std::vector<double> rate() {
    const auto specifications = asked_.next();
    return {bench::rate_of_threads(clients_, kBatches, [&](std::size_t client, std::size_t i) {
      scheduler_.submit(asked_.owner(client), specifications[client * kBatches + i]);
    })};
  }

 private:
  static mplane::SchedulerOptions options(mplane::Journal& journal) {
    mplane::SchedulerOptions options;
    options.journal = &journal;
    return options;
  }

  const std::size_t clients_;
  Asked asked_;
  const mplane::SystemClock clock_;
  mplane::JournalFile journal_;
  mplane::Scheduler scheduler_;
};

class Plain {
 public:
  Plain(const std::filesystem::path& folder, const std::size_t clients)
      : clients_(clients), asked_(clients), file_(folder / "yardstick.db", kTables, kInsert) {}

  std::vector<double> rate() {
    std::vector<yardstick::SqliteRow> rows;
    for (const Specification& specification : asked_.next()) {
      rows.push_back({asked_.owner(rows.size() % clients_), specification.token(),
                      mplane::encode(specification), asked_.start(), asked_.start()});
    }
    return {bench::rate_of_threads(
                1, 1, [&](std::size_t, std::size_t) { file_.insert(rows, clients_); }) *
            static_cast<double>(rows.size())};
  }

 private:
  const std::size_t clients_;
  Asked asked_;
  yardstick::SqliteBatches file_;
};

void row(bench::Suite& suite, const char* name, const std::size_t clients) {
  const mplane::test::ScratchFolder folder;
  Journaled ours(folder.path(), clients);
  Plain plain(folder.path(), clients);
  suite.compare(
      name, {{"", "1/s", bench::Better::Higher}}, [&] { return ours.rate(); },
      [&] { return plain.rate(); });
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  row(suite, "journal", kMany);
  row(suite, "journal-1", 1);
  return suite.finish();
}
