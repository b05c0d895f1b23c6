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

/// A column's name, which is the result's, and a number in it.
using Number = std::pair<const std::string*, double>;

std::vector<Number> numbers_of(const Result& result) {
  const auto columns = result.schema().columns();
  std::vector<Number> numbers;
  for (const Row row : result.rows()) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (const auto value = number(row.value(i)))
        numbers.emplace_back(&columns[i]->name(), *value);
    }
  }
  return numbers;
}

}  // namespace

void ResultSummaries::add(const KeptResult& kept, const Result& result) {
  const std::vector<Number> numbers = numbers_of(result);
  if (numbers.empty()) return;
  const std::string target = target_of(result);
  const detail::Lock lock(mutex_);
  ByColumn* const columns = columns_of(kept, target);
  for (const auto& [column, value] : numbers) {
    Series* const into = columns == nullptr ? nullptr : series(*columns, *column);
    if (into == nullptr) {
      ++left_out_;
      continue;
    }
    into->newest[into->count++ % kNewest] = value;
    into->sum += value;
  }
}

/// Of a subject, begun if there is room for a series of it; null if there is none.
ResultSummaries::ByColumn* ResultSummaries::columns_of(const KeptResult& kept,
                                                       const std::string& target) {
  const auto known = subjects_.find(ByNames::Names(kept.component, kept.label, target));
  if (known != subjects_.end()) return &known->second;
  if (count_ >= most_) return nullptr;
  return &subjects_[Subject{kept.component, kept.label, target}];
}

/// Of a column, begun if there is none yet; null if there are as many as there may be.
ResultSummaries::Series* ResultSummaries::series(ByColumn& columns, const std::string& column) {
  const auto known = columns.find(column);
  if (known != columns.end()) return &known->second;
  if (count_ >= most_) return nullptr;
  ++count_;
  return &columns[column];
}

void ResultSummaries::write(MetricsPage& page) const {
  // Who adds is not to wait until all is sorted.
  const auto [subjects, left_out] = [this] {
    const detail::Lock lock(mutex_);
    return std::pair(subjects_, left_out_);
  }();
  for (const auto& [subject, columns] : subjects) {
    for (const auto& [column, series] : columns) {
      write(page,
            {{"component", subject.component},
             {"capability", subject.capability},
             {"target", subject.target},
             {"column", column}},
            series);
    }
  }
  page.counter("mplane_result_values_left_out",
               "Numbers in results of which there was no summary any more",
               static_cast<double>(left_out));
}

void ResultSummaries::write(MetricsPage& page, const MetricsPage::Labels& labels,
                            const Series& series) {
  const auto size = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(series.count, kNewest));
  std::vector<double> newest(series.newest.begin(), series.newest.begin() + size);
  std::sort(newest.begin(), newest.end());
  page.summary(
      "mplane_result_value", "Numbers in results since the start, with quantiles of the newest 64",
      {{{0.5, quantile(newest, 0.5)}, {0.95, quantile(newest, 0.95)}}, series.count, series.sum},
      labels);
}

}  // namespace mplane
