#pragma once

#include "database.hpp"
#include "job_changes.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/registry.hpp"

#include <filesystem>
#include <vector>

namespace mplane::detail {

/// The tables of a journal: a row for each job that is not forgotten, and its newest outcomes. One
/// thread at a time.
class JournalTables {
 public:
  /// Opens the file or makes it. @throws Error{Configuration} when it cannot be used, or a newer
  /// version made it.
  JournalTables(const std::filesystem::path& file, Sync sync);

  /// Writes all changes in one transaction, or none. @throws Error{Unavailable} with SQLite's
  /// words.
  void write(const JobChanges& changes);
  /// All jobs; of those that can't be read the log tells. @throws Error{Unavailable}.
  std::vector<JobRecord> load(const Registry& registry, const LogSink& log);

 private:
  void write(const JobKey& key, const JobChange& change);
  std::optional<std::int64_t> write_job(const JobKey& key, const JobChange& change);
  std::vector<Message> outcomes(const Registry& registry, const LogSink& log);

  Database database_;
  Query insert_;
  Query update_;
  Query erase_;
  Query insert_outcome_;
  Query trim_outcomes_;
  Query select_;
  Query select_outcomes_;
};

}  // namespace mplane::detail
