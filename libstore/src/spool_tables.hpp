#pragma once

#include "database.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "spool_index.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mplane::detail {

/// The file of a spool: a row for each message. Thread-safe: the thread that writes and those that
/// read bodies take turns.
class SpoolTables {
 public:
  using Id = SpoolIndex::Id;

  /// Opens the file or makes it. @throws Error{Configuration} when it cannot be used, or a newer
  /// version made it.
  SpoolTables(const std::filesystem::path& file, Sync sync);

  /// Writes and erases in one transaction. @throws Error{Unavailable} with SQLite's words.
  /// @param now by the store's time.
  void write(const std::map<Id, SpoolEntry>& added, const std::vector<Id>& removed, Duration now)
      MPLANE_EXCLUDES(mutex_);
  /// The store's time when it was written last. @throws Error{Unavailable}.
  Duration time() MPLANE_EXCLUDES(mutex_);
  /// All there are, without their bodies. @throws Error{Unavailable}.
  std::map<Id, SpoolEntry> load() MPLANE_EXCLUDES(mutex_);
  /// A message; nothing when the file has none of that number. @throws Error{Unavailable}.
  std::optional<std::string> body(Id id) MPLANE_EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  Database database_ MPLANE_GUARDED_BY(mutex_);
  Query insert_ MPLANE_GUARDED_BY(mutex_);
  Query erase_ MPLANE_GUARDED_BY(mutex_);
  Query select_ MPLANE_GUARDED_BY(mutex_);
  Query update_time_ MPLANE_GUARDED_BY(mutex_);
  Query select_body_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
