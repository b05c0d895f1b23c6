#include "mplane/tools/metrics_page.hpp"

#include <algorithm>
#include <limits>
#include <sstream>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace mplane {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::string_view kTotal = "_total";

/// The serializer writes Prometheus' older form, where a counter's family is called like its
/// samples; OpenMetrics has the suffix at the samples alone.
void strip_total(std::string& text, const std::string& name) {
  for (const std::string_view line : {"# HELP ", "# TYPE "}) {
    const std::size_t at = text.find(std::string(line) + name);
    if (at != std::string::npos) {
      text.erase(at + line.size() + name.size() - kTotal.size(), kTotal.size());
    }
  }
}

ClientMetric sample(const MetricsPage::Labels& labels) {
  ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

}  // namespace

struct MetricsPage::Impl {
  MetricFamily& family(std::string name, const std::string_view help, const MetricType type) {
    const auto known = std::find_if(families.begin(), families.end(),
                                    [&](const auto& one) { return one.name == name; });
    if (known != families.end()) return *known;
    families.push_back({std::move(name), std::string(help), type, {}});
    return families.back();
  }

  std::vector<MetricFamily> families;
};

MetricsPage::MetricsPage() : impl_(std::make_unique<Impl>()) {}

MetricsPage::~MetricsPage() = default;

void MetricsPage::counter(const std::string_view name, const std::string_view help,
                          const double value, const Labels& labels) {
  ClientMetric metric = sample(labels);
  metric.counter.value = value;
  impl_->family(std::string(name) += kTotal, help, MetricType::Counter).metric.push_back(metric);
}

void MetricsPage::gauge(const std::string_view name, const std::string_view help,
                        const double value, const Labels& labels) {
  ClientMetric metric = sample(labels);
  metric.gauge.value = value;
  impl_->family(std::string(name), help, MetricType::Gauge).metric.push_back(metric);
}

void MetricsPage::histogram(const std::string_view name, const std::string_view help,
                            const std::vector<Bucket>& buckets, const std::uint64_t count,
                            const double sum) {
  ClientMetric metric;
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = sum;
  for (const auto& [bound, up_to] : buckets) metric.histogram.bucket.push_back({up_to, bound});
  metric.histogram.bucket.push_back({count, std::numeric_limits<double>::infinity()});
  impl_->family(std::string(name), help, MetricType::Histogram).metric.push_back(metric);
}

std::string MetricsPage::text() const {
  std::string page;
  for (const MetricFamily& family : impl_->families) {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, {family});
    std::string text = out.str();
    if (family.type == MetricType::Counter) strip_total(text, family.name);
    page += text;
  }
  return page + "# EOF\n";
}

}  // namespace mplane
