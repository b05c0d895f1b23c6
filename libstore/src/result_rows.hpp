#pragma once

#include "database.hpp"
#include "mplane/store/result_store.hpp"

#include <filesystem>
#include <functional>

namespace mplane::detail {

/// The rows of the tables of results, for those who read while somebody may write. One thread at a
/// time.
class ResultRows {
 public:
  /// @throws Error{Configuration} when the file cannot be read, or another version wrote it.
  explicit ResultRows(const std::filesystem::path& file);

  /// As ResultReader's. @throws Error{Unavailable}.
  void each(const ResultSelection& selection, const std::function<bool(const KeptResult&)>& take);

 private:
  Database database_;
};

}  // namespace mplane::detail
