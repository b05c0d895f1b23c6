// Figures about the rows of results: of each column of numbers, and of several components for each
// of them, a row.
//
//     [component] column  rows  loss  min  mean  p50  p90  p99  max
//
// `loss` is the share of rows without a value. Percentiles are values that there are: the smallest
// that so many percent of the values do not exceed.

#include "mplane/tools/metrics_page.hpp"
#include "prometheus.hpp"
#include "result_output.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <ostream>
#include <vector>

namespace mplane {
namespace {

struct Figures {
  const Element* element;
  std::size_t rows = 0;
  std::vector<double> values = {};

  double percentile(const double share) const {
    const double place = std::ceil(share * static_cast<double>(values.size()));
    return values[static_cast<std::size_t>(std::max(place, 1.0)) - 1];
  }
  double sum() const {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum;
  }
  double loss() const { return 1 - static_cast<double>(values.size()) / static_cast<double>(rows); }
  /// A value of the column's own primitive.
  Value own(const double value) const {
    if (element->primitive() != Primitive::Natural) return value;
    return static_cast<std::uint64_t>(value);
  }
};

double rounded(const double value, const double to) { return std::round(value * to) / to; }

class SummaryOutput final : public ResultOutput {
 public:
  SummaryOutput(const Format format, std::ostream& out, const Expectation& expected)
      : format_(format), out_(out), expected_(expected) {}

  void add(const Result& result, const std::string& component) override {
    schemas_.push_back(result.schema());  // keeps the elements
    if (heading_.empty()) heading_ = heading_of(result, component, {true, expected_.components});
    const auto columns = result.schema().columns();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Primitive primitive = columns[i]->primitive();
      if (primitive != Primitive::Natural && primitive != Primitive::Real) continue;
      add_column(figures_of(component, *columns[i]), result.columns()[i]);
    }
  }

  void finish() override {
    for (auto& [component, all] : figures_) {
      for (Figures& figures : all) std::sort(figures.values.begin(), figures.values.end());
    }
    if (format_ == Format::Prometheus) {
      out_ << metrics() << std::flush;
    } else {
      write_rows();
    }
  }

 private:
  Figures& figures_of(const std::string& component, const Element& element) {
    std::vector<Figures>& all = figures_[component];
    const auto known = std::find_if(all.begin(), all.end(), [&](const Figures& one) {
      return one.element->name() == element.name();
    });
    if (known != all.end()) return *known;
    return all.emplace_back(Figures{&element});
  }

  static void add_column(Figures& figures, const Column& column) {
    figures.rows += column.size();
    for (std::size_t row = 0; row < column.size(); ++row) {
      if (const auto number = number_of(column.value(row))) figures.values.push_back(*number);
    }
  }

  void write_rows() const {
    const auto rows = make_row_output(format_, out_, expected_.screen);
    std::vector<Heading> headings;
    if (expected_.components) headings.push_back({"component"});
    headings.push_back({"column"});
    headings.push_back({"rows", Primitive::Natural});
    for (const auto* name : {"loss", "min", "mean", "p50", "p90", "p99", "max"}) {
      headings.push_back({name, Primitive::Real});
    }
    if (format_ == Format::Table && !heading_.empty()) out_ << heading_ << '\n';
    rows->begin(headings);
    for (const auto& [component, all] : figures_) {
      for (const Figures& figures : all) rows->row(cells_of(component, figures));
    }
    rows->finish();
  }

  std::vector<Value> cells_of(const std::string& component, const Figures& figures) const {
    std::vector<Value> cells;
    if (expected_.components) cells.emplace_back(component);
    cells.emplace_back(figures.element->name());
    cells.emplace_back(figures.rows);
    cells.emplace_back(figures.rows == 0 ? Value() : Value(rounded(figures.loss(), 1e6)));
    if (figures.values.empty()) {
      cells.resize(cells.size() + 6);
      return cells;
    }
    cells.push_back(figures.own(figures.values.front()));
    const double mean = figures.sum() / static_cast<double>(figures.values.size());
    cells.emplace_back(rounded(mean, 1e3));
    for (const double share : {0.5, 0.9, 0.99}) {
      cells.push_back(figures.own(figures.percentile(share)));
    }
    cells.push_back(figures.own(figures.values.back()));
    return cells;
  }

  std::string metrics() const {
    MetricsPage page;
    for (const auto& [component, all] : figures_) {
      for (const Figures& figures : all) add_metrics(page, component, figures);
    }
    return page.text();
  }

  static void add_metrics(MetricsPage& page, const std::string& component, const Figures& figures) {
    const auto [name, help, divisor] = metric_of(*figures.element);
    const MetricsPage::Labels labels{label_of("component", component)};
    MetricsPage::Summary summary{{}, figures.values.size(), figures.sum() / divisor};
    for (const double share : {0.5, 0.9, 0.99}) {
      if (figures.values.empty()) break;
      summary.quantiles.push_back({share, figures.percentile(share) / divisor});
    }
    page.summary(name, help, summary, labels);
    if (figures.rows == 0) return;
    page.gauge(name + "_loss_ratio", "The share of rows without a value.",
               rounded(figures.loss(), 1e6), labels);
  }

  const Format format_;
  std::ostream& out_;
  const Expectation expected_;
  std::string heading_;
  std::vector<Schema> schemas_;
  std::map<std::string, std::vector<Figures>> figures_;  // by component
};

}  // namespace

std::unique_ptr<ResultOutput> make_summary(const Format format, std::ostream& out,
                                           const Expectation& expected) {
  return std::make_unique<SummaryOutput>(format, out, expected);
}

}  // namespace mplane
