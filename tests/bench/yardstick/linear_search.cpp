#include "linear_search.hpp"

namespace yardstick {

std::size_t count_equal(const std::vector<std::string>& keys, const std::string_view wanted) {
  std::size_t count = 0;
  for (const std::string& key : keys) {
    if (key == wanted) ++count;
  }
  return count;
}

}  // namespace yardstick
