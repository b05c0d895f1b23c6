// Results as metrics that Prometheus reads: of each column of numbers the last row's value.

#include "mplane/tools/metrics_page.hpp"
#include "prometheus.hpp"
#include "result_output.hpp"

#include <ostream>

namespace mplane {
namespace {

bool is_number(const Primitive primitive) {
  return primitive == Primitive::Natural || primitive == Primitive::Real ||
         primitive == Primitive::Boolean || primitive == Primitive::Time;
}

class PrometheusResults final : public ResultOutput {
 public:
  explicit PrometheusResults(std::ostream& out) : out_(out) {}

  void add(const Result& result, const std::string& component) override {
    Labels labels{label_of("component", component), label_of("capability", result.label())};
    const auto parameters = result.schema().parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      labels.push_back(label_of(parameters[i]->name(), to_string(result.value(i))));
    }
    for (std::size_t row = 0; row < result.row_count(); ++row) add_row(result, row, labels);
    add_success(component, 1);
  }

  void fail(const std::string& component) override { add_success(component, 0); }

  void finish() override { out_ << metrics_.text() << std::flush; }

 private:
  using Labels = MetricsPage::Labels;

  /// What is no number tells rows apart, as a label.
  void add_row(const Result& result, const std::size_t row, Labels labels) {
    const auto elements = result.schema().columns();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const Value value = result.columns()[i].value(row);
      const bool named = !is_number(elements[i]->primitive()) && value.has_value();
      if (named) labels.push_back(label_of(elements[i]->name(), to_string(value)));
    }
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const auto number = number_of(result.columns()[i].value(row));
      if (!number) continue;
      const auto [name, help, divisor] = metric_of(*elements[i]);
      metrics_.gauge(name, help, *number / divisor, labels);
    }
  }

  void add_success(const std::string& component, const double value) {
    metrics_.gauge("mplane_success", "Whether the component yielded a result.", value,
                   {label_of("component", component)});
  }

  std::ostream& out_;
  MetricsPage metrics_;
};

}  // namespace

std::unique_ptr<ResultOutput> make_prometheus_results(std::ostream& out, const Expectation&) {
  return std::make_unique<PrometheusResults>(out);
}

}  // namespace mplane
