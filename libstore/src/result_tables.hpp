#pragma once

#include "database.hpp"
#include "mplane/store/result_store.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace mplane::detail {

/// The tables of results in their file, for the one who writes. One thread at a time.
class ResultTables {
 public:
  struct Entry {
    KeptResult result;
    Duration came{};      ///< by the store's time
    bool is_new = false;  ///< said by `write`
  };

  /// @throws Error{Configuration} when the file cannot be used, or a newer version wrote it.
  ResultTables(const std::filesystem::path& file, Sync sync);

  static constexpr std::int64_t kVersion = 5;
  /// Results that are longer have indices of their own: a false scope of one must not have all
  /// others looked at before it.
  static constexpr Duration kLong = std::chrono::hours(24);

  /// Adds entries that are new, and removes those that are too old, then the oldest until no more
  /// than so many bytes are left; all or nothing. @return the kinds of which nothing is left,
  /// without samples. @throws Error{Unavailable}.
  std::vector<ResultKind> write(std::vector<Entry>& entries, Duration now, Duration max_age,
                                std::uint64_t max_bytes);
  /// The store's time when it was written last. @throws Error{Unavailable}.
  Duration time();
  ResultStore::Contents contents() const noexcept { return contents_; }

 private:
  /// The row of those that have the same component, label and schema.
  struct Source {
    std::int64_t id = 0;
    std::int64_t longest = 0;  // microseconds
  };
  using Names = std::tuple<std::string, std::string, std::string>;

  std::int64_t source_of(const KeptResult& result);
  Source find_source(const KeptResult& result);
  bool is_known(const KeptResult& result);
  void add(Entry& entry, ResultStore::Contents& contents);
  void remove_oldest(Duration now, Duration max_age, std::uint64_t max_bytes,
                     ResultStore::Contents& contents, std::vector<ResultKind>& gone);
  void remove_source(std::int64_t source, std::vector<ResultKind>& gone);

  Database database_;
  Query find_source_;
  Query insert_source_;
  Query lengthen_;
  Query find_same_;
  Query find_only_;
  Query insert_;
  Query first_;
  Query erase_;
  Query erase_source_;
  Query find_kind_;
  Query update_contents_;
  Query update_time_;
  ResultStore::Contents contents_;
  // As in the file, so that it is not asked for each result; of those that were used since it was
  // last emptied, as when a row of them is gone.
  std::map<Names, Source, std::less<>> sources_;
};

}  // namespace mplane::detail
