#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {

/// A page of metrics in OpenMetrics' text form (version 1.0.0), which Prometheus reads, made anew
/// for each reader: in order of names, then of labels. What is added under a name again is one more
/// sample of it, or with the same labels takes the place of the one before. One thread at a time.
class MetricsPage {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  /// A histogram's bucket: its bound, and how many were not over it.
  struct Bucket {
    double bound;
    std::uint64_t up_to;
  };

  /// A summary's quantile: the share of values that are not over this one.
  struct Quantile {
    double share;
    double value;
  };
  struct Summary {
    std::vector<Quantile> quantiles = {};  ///< by rising shares; none where there are no values
    std::uint64_t count = 0;
    double sum = 0;
  };

  static constexpr std::string_view kMediaType =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  MetricsPage();
  ~MetricsPage();
  MetricsPage(const MetricsPage&) = delete;
  MetricsPage& operator=(const MetricsPage&) = delete;

  /// What only grows. @param name without "_total".
  void counter(std::string_view name, std::string_view help, double value,
               const Labels& labels = {});
  /// What goes up and down.
  void gauge(std::string_view name, std::string_view help, double value, const Labels& labels = {});
  /// @param buckets by rising bounds; the one without a bound has all `count`.
  void histogram(std::string_view name, std::string_view help, const std::vector<Bucket>& buckets,
                 std::uint64_t count, double sum);

  void summary(std::string_view name, std::string_view help, const Summary& values,
               const Labels& labels);

  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
