#include "bench.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace bench {

double percentile(std::vector<double> values, double p) {
  if (values.empty()) throw std::invalid_argument("percentile of no values");
  std::sort(values.begin(), values.end());
  const double place = p / 100 * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], place - std::floor(place));
}

Summary summarize(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {percentile(values, 25), percentile(values, 50), percentile(values, 75)};
}

}  // namespace bench
