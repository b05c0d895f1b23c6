#pragma once

#include "database.hpp"
#include "mplane/store/result_store.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mplane::detail {

/// The rows of the tables of results, for those who read while somebody may write. One thread at a
/// time.
class ResultRows {
 public:
  /// @throws Error{Configuration} when the file cannot be read, or another version wrote it.
  explicit ResultRows(const std::filesystem::path& file);

  /// As ResultReader's. @throws Error{Unavailable}.
  void each(const ResultSelection& selection, const std::function<bool(const KeptResult&)>& take,
            const std::function<bool()>& is_enough);
  std::vector<ResultKind> kinds();

 private:
  using Take = std::function<bool(const KeptResult&)>;

  /// Results of one component, label and schema.
  struct Source {
    std::string component;
    std::string label;
    std::string schema;
  };
  using Sources = std::unordered_map<std::int64_t, Source>;

  /// Begins and ends that are looked for. Of begins there are both bounds.
  struct Span {
    std::int64_t first_begin;
    std::int64_t last_begin;
    std::int64_t first_end;
  };

  void read_each(const ResultSelection& selection, const Take& take);
  Sources sources(const ResultSelection& selection, std::int64_t& longest);
  // Whether all were taken.
  bool each_of_few(const Sources& sources, std::string_view sql, const Span& span,
                   const Take& take);
  bool each_of_many(const Sources& sources, std::string_view sql, const Span& span,
                    const Take& take);

  Database database_;
};

}  // namespace mplane::detail
