#include "result_summaries.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mplane {
namespace {

std::optional<double> number(const Value& value) {
  if (const auto* const natural = std::get_if<std::uint64_t>(&value.alternatives())) {
    return static_cast<double>(*natural);
  }
  if (const auto* const real = std::get_if<double>(&value.alternatives())) return *real;
  return {};
}

/// What was measured: the first parameter that is called a destination, else nothing.
std::string target_of(const Result& result) {
  for (const Element* const parameter : result.schema().parameters()) {
    if (parameter->name().starts_with("destination.")) {
      return to_string(result.value(parameter->name()));
    }
  }
  return {};
}

/// By the nearest rank. @param values at least one, sorted.
double quantile(const std::vector<double>& values, const double share) {
  const double rank = std::ceil(share * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

}  // namespace

void ResultSummaries::add(const KeptResult& kept, const Result& result) {
  const std::string target = target_of(result);
  const detail::Lock lock(mutex_);
  for (const Row row : result.rows()) {
    for (const Element* const column : result.schema().columns()) {
      const auto value = number(row.value(column->name()));
      if (!value) continue;
      const MetricsPage::Labels labels{{"component", kept.component},
                                       {"capability", kept.label},
                                       {"target", target},
                                       {"column", column->name()}};
      auto known = series_.find(labels);
      if (known == series_.end() && series_.size() >= most_) {
        ++left_out_;
        continue;
      }
      if (known == series_.end()) known = series_.emplace(labels, Series{}).first;
      Series& series = known->second;
      series.newest[series.count++ % kNewest] = *value;
      series.sum += *value;
    }
  }
}

void ResultSummaries::write(MetricsPage& page) const {
  // Who adds is not to wait until all is sorted.
  const auto [series_so_far, left_out] = [this] {
    const detail::Lock lock(mutex_);
    return std::pair(series_, left_out_);
  }();
  for (const auto& [labels, series] : series_so_far) {
    const auto size = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(series.count, kNewest));
    std::vector<double> newest(series.newest.begin(), series.newest.begin() + size);
    std::sort(newest.begin(), newest.end());
    page.summary(
        "mplane_result_value",
        "Numbers in results since the start, with quantiles of the newest 64",
        {{{0.5, quantile(newest, 0.5)}, {0.95, quantile(newest, 0.95)}}, series.count, series.sum},
        labels);
  }
  page.counter("mplane_result_values_left_out",
               "Numbers in results of which there was no summary any more",
               static_cast<double>(left_out));
}

}  // namespace mplane
