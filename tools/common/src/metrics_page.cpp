#include "mplane/tools/metrics_page.hpp"

#include <limits>
#include <map>
#include <sstream>
#include <utility>

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

}  // namespace

struct MetricsPage::Impl {
  struct Family {
    std::string help;
    MetricType type = MetricType::Gauge;
    std::map<Labels, ClientMetric> samples = {};
  };

  /// A new sample, with its labels alone.
  ClientMetric& sample(std::string name, const std::string_view help, const MetricType type,
                       const Labels& labels) {
    const auto known = families.try_emplace(std::move(name), Family{std::string(help), type}).first;
    ClientMetric& metric = known->second.samples[labels];
    metric = {};
    for (const auto& [label, value] : labels) metric.label.push_back({label, value});
    return metric;
  }

  std::map<std::string, Family> families;
};

MetricsPage::MetricsPage() : impl_(std::make_unique<Impl>()) {}

MetricsPage::~MetricsPage() = default;

void MetricsPage::counter(const std::string_view name, const std::string_view help,
                          const double value, const Labels& labels) {
  std::string total = std::string(name) += kTotal;
  impl_->sample(std::move(total), help, MetricType::Counter, labels).counter.value = value;
}

void MetricsPage::gauge(const std::string_view name, const std::string_view help,
                        const double value, const Labels& labels) {
  impl_->sample(std::string(name), help, MetricType::Gauge, labels).gauge.value = value;
}

void MetricsPage::histogram(const std::string_view name, const std::string_view help,
                            const std::vector<Bucket>& buckets, const std::uint64_t count,
                            const double sum) {
  auto& all = impl_->sample(std::string(name), help, MetricType::Histogram, {}).histogram;
  all.sample_count = count;
  all.sample_sum = sum;
  for (const auto& [bound, up_to] : buckets) all.bucket.push_back({up_to, bound});
  all.bucket.push_back({count, std::numeric_limits<double>::infinity()});
}

void MetricsPage::summary(const std::string_view name, const std::string_view help,
                          const Summary& values, const Labels& labels) {
  auto& all = impl_->sample(std::string(name), help, MetricType::Summary, labels).summary;
  all.sample_count = values.count;
  all.sample_sum = values.sum;
  for (const auto& [share, value] : values.quantiles) all.quantile.push_back({share, value});
}

std::string MetricsPage::text() const {
  std::string page;
  for (const auto& [name, family] : impl_->families) {
    MetricFamily written{name, family.help, family.type, {}};
    for (const auto& [labels, metric] : family.samples) written.metric.push_back(metric);
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, {written});
    std::string text = out.str();
    if (family.type == MetricType::Counter) strip_total(text, name);
    page += text;
  }
  return page + "# EOF\n";
}

}  // namespace mplane
