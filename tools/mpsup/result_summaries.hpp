#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/result.hpp"
#include "mplane/store/result_store.hpp"
#include "mplane/tools/metrics_page.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace mplane {

/// What came of numbers in the results of components, for metrics: a summary for each component,
/// capability, target and column, with quantiles of the newest values. Thread-safe.
class ResultSummaries {
 public:
  /// @param most summaries; what would be one more is counted.
  explicit ResultSummaries(std::size_t most = 5'000) : most_(most) {}

  /// Adds a result that was kept; what has no numbers adds nothing.
  void add(const KeptResult& kept, const Result& result) MPLANE_EXCLUDES(mutex_);
  /// Adds `mplane_result_value`, and `mplane_result_values_left_out` of those over the limit.
  void write(MetricsPage& page) const MPLANE_EXCLUDES(mutex_);

 private:
  static constexpr std::size_t kNewest = 64;

  struct Series {
    std::uint64_t count = 0;
    double sum = 0;
    std::array<double, kNewest> newest = {};  // a ring
  };
  using ByColumn = std::map<std::string, Series, std::less<>>;
  /// What was measured, by whom and with what.
  struct Subject {
    std::string component;
    std::string capability;
    std::string target;
  };
  /// Finds by texts, so that no subject is made for each result.
  struct ByNames {
    using is_transparent = void;
    using Names = std::tuple<std::string_view, std::string_view, std::string_view>;
    static Names names(const Subject& subject) {
      return {subject.component, subject.capability, subject.target};
    }
    static const Names& names(const Names& names) { return names; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return names(a) < names(b);
    }
  };

  static void write(MetricsPage& page, const MetricsPage::Labels& labels, const Series& series);
  ByColumn* columns_of(const KeptResult& kept, const std::string& target) MPLANE_REQUIRES(mutex_);
  Series* series(ByColumn& columns, const std::string& column) MPLANE_REQUIRES(mutex_);

  const std::size_t most_;
  mutable detail::Mutex mutex_;
  std::map<Subject, ByColumn, ByNames> subjects_ MPLANE_GUARDED_BY(mutex_);
  std::size_t count_ MPLANE_GUARDED_BY(mutex_) = 0;  // of series
  std::uint64_t left_out_ MPLANE_GUARDED_BY(mutex_) = 0;
};

}  // namespace mplane
