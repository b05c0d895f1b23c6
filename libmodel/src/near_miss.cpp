#include "mplane/model/near_miss.hpp"

#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <vector>

namespace mplane {
namespace {

constexpr std::size_t kLongest = 200;  // what is longer is no mistyped name

// The distance of Damerau and Levenshtein, with each letter touched once (optimal string
// alignment).
std::size_t distance(const std::string_view a, const std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

NearMiss::NearMiss(const std::string_view word) noexcept
    : word_(word), nearest_(std::min<std::size_t>(word.size() / 3 + 2, 5)) {}

void NearMiss::consider(const std::string_view candidate) {
  if (word_.size() > kLongest || candidate.size() > kLongest) return;
  const std::size_t difference =
      std::max(word_.size(), candidate.size()) - std::min(word_.size(), candidate.size());
  if (difference >= nearest_) return;
  const std::size_t found = distance(word_, candidate);
  if (found >= nearest_ || found >= candidate.size()) return;
  nearest_ = found;
  best_ = candidate;
}

std::string NearMiss::hint() const {
  return best_.empty() ? std::string() : "; did you mean " + quoted(best_) + "?";
}

}  // namespace mplane
