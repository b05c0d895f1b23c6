#include "bench.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::duration<double> kRound{0.05};

constexpr double kBeyondMeasure = 1e6;  // the ratio to a figure of 0

double seconds_of(const Work& work, std::size_t first, std::size_t count) {
  const auto begin = Clock::now();
  work(first, count);
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Turns work into a measurement of its rate, in rounds of a number of operations that is found by
/// the first one.
class Rate {
 public:
  explicit Rate(Work work) : work_(std::move(work)) {}

  std::vector<double> operator()() {
    if (count_ == 0) calibrate();
    const auto count = static_cast<double>(count_);
    return {count / run()};
  }

 private:
  void calibrate() {
    count_ = 1;
    for (double seconds = run(); seconds < kRound.count() / 2; seconds = run()) {
      const double growth = std::min(kRound.count() / std::max(seconds, 1e-9), 100.0);
      count_ = static_cast<std::size_t>(static_cast<double>(count_) * growth) + 1;
    }
  }
  double run() { return seconds_of(work_, std::exchange(next_, next_ + count_), count_); }

  Work work_;
  std::size_t count_ = 0;  // operations a round, 0 before it is known
  std::size_t next_ = 0;   // the number of the next operation
};

std::vector<double> take(const Measure& measure, const std::vector<Figure>& figures) {
  std::vector<double> values = measure();
  if (values.size() != figures.size()) {
    throw std::logic_error("a measurement has " + std::to_string(values.size()) + " figures, not " +
                           std::to_string(figures.size()));
  }
  return values;
}

double ratio(const Figure& figure, double ours, double yardstick) {
  if (ours == yardstick) return 1;
  const double value = figure.better == Better::Higher ? ours / yardstick : yardstick / ours;
  return std::min(value, kBeyondMeasure);
}

std::string in_words(const std::vector<double>& values) {
  const Summary summary = summarize(values);
  std::ostringstream text;
  text << std::setprecision(4) << summary.median << " [" << summary.low << " … " << summary.high
       << "]";
  return text.str();
}

}  // namespace

Suite::Suite(int argc, const char* const* argv) try : options_(Options::parse(argc, argv)) {
} catch (const std::invalid_argument& error) {
  std::cerr << argv[0] << ": " << error.what() << "\n";
  std::exit(2);
}

bool Suite::wants(std::string_view name, const std::vector<Figure>& figures) const {
  if (options_.list) {
    for (const Figure& figure : figures) std::cout << name << figure.suffix << "\n";
    return false;
  }
  const auto& names = options_.names;
  const auto asked = [&](const std::string& row) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& start) {
      return row == start || row.compare(0, start.size() + 1, start + "-") == 0;
    });
  };
  return names.empty() || asked(std::string(name)) ||
         std::any_of(figures.begin(), figures.end(), [&](const Figure& figure) {
           return asked(std::string(name) + figure.suffix);
         });
}

void Suite::rates(std::string_view name, Work ours, Work yardstick) {
  const std::vector<Figure> figures{{.unit = "1/s", .better = Better::Higher}};
  if (wants(name, figures)) {
    compare(name, figures, Rate(std::move(ours)), Rate(std::move(yardstick)));
  }
}

void Suite::compare(std::string_view name, const std::vector<Figure>& figures, const Measure& ours,
                    const Measure& yardstick) try {
  if (!wants(name, figures)) return;
  using Samples = std::vector<std::vector<double>>;  // by figure, by round
  std::pair<Samples, Samples> samples{figures.size(), figures.size()};
  const auto measure = [&](const Measure& side, Samples& into, bool counts) {
    const auto values = take(side, figures);
    for (std::size_t i = 0; counts && i < values.size(); ++i) into[i].push_back(values[i]);
  };
  for (std::size_t round = 0; round <= options_.rounds; ++round) {
    const bool counts = round > 0;
    if (round % 2 == 0) measure(ours, samples.first, counts);
    measure(yardstick, samples.second, counts);
    if (round % 2 == 1) measure(ours, samples.first, counts);
  }
  for (std::size_t i = 0; i < figures.size(); ++i) {
    print(std::string(name) + figures[i].suffix, figures[i], samples.first[i], samples.second[i]);
  }
} catch (const std::exception& error) {
  std::cerr << name << ": " << error.what() << "\n";
  failed_ = true;
}

void Suite::limit(std::string_view name, const std::vector<Figure>& figures,
                  const std::vector<double>& limits, const Measure& ours) {
  compare(name, figures, ours, [&] { return limits; });
}

void Suite::print(const std::string& name, const Figure& figure, const std::vector<double>& ours,
                  const std::vector<double>& yardstick) const {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    ratios.push_back(ratio(figure, ours[i], yardstick[i]));
  }
  const double middle = summarize(ratios).median;
  if (options_.json) {
    std::cout << std::setprecision(6) << R"({"name": ")" << name << R"(", "ours": )"
              << summarize(ours).median << R"(, "yardstick": )" << summarize(yardstick).median
              << R"(, "unit": ")" << figure.unit << R"(", "ratio": )" << middle << "}" << std::endl;
  } else {
    std::cout << std::left << std::setw(28) << name << " ratio " << std::setw(8)
              << std::setprecision(3) << middle << " ours " << in_words(ours) << "  yardstick "
              << in_words(yardstick) << " " << figure.unit << std::endl;
  }
}

}  // namespace bench
