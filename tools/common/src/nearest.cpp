#include "nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace mplane::detail {
namespace {

/// Letters to insert, drop or exchange to make one from the other (Levenshtein's distance).
std::size_t distance(const std::string_view a, const std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t exchanged = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({exchanged, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(const std::string_view written, const std::vector<std::string>& words) {
  std::string best;
  std::size_t least = std::max<std::size_t>(written.size() / 3, 1) + 1;
  for (const std::string& word : words) {
    const std::size_t far = distance(written, word);
    if (far < least) {
      least = far;
      best = word;
    }
  }
  return best;
}

}  // namespace mplane::detail
