#pragma once

#include "database.hpp"
#include "mplane/store/result_store.hpp"
#include "store_time.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace mplane::detail {

/// The table of results in its file. One thread at a time.
class ResultTables {
 public:
  struct Entry {
    KeptResult result;
    Instant came;
  };

  /// @throws Error{Configuration} when the file cannot be used, or a newer version wrote it.
  ResultTables(const std::filesystem::path& file, Sync sync);

  /// Adds entries that are new, and removes those that are too old, then the oldest until no more
  /// than so many bytes are left; all or nothing. @throws Error{Unavailable}.
  void write(const std::vector<Entry>& entries, const StoreTime& time, Duration max_age,
             std::uint64_t max_bytes);
  /// When the newest came; long ago if there is none. @throws Error{Unavailable}.
  Instant newest();
  ResultStore::Contents contents() const noexcept { return contents_; }

  void each(const ResultSelection& selection, const std::function<bool(const KeptResult&)>& take);

 private:
  void add(const Entry& entry, ResultStore::Contents& contents);
  void remove_oldest(const StoreTime& time, Duration max_age, std::uint64_t max_bytes,
                     ResultStore::Contents& contents);

  Database database_;
  Query insert_;
  Query first_;
  Query erase_;
  Query update_contents_;
  ResultStore::Contents contents_;
};

}  // namespace mplane::detail
