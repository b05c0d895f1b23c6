#include "binary_heap.hpp"

#include <functional>
#include <queue>
#include <utility>

namespace yardstick {

std::size_t insert_and_expire(const std::vector<std::int64_t>& times) {
  using Entry = std::pair<std::int64_t, const void*>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap;
  for (const std::int64_t& time : times) heap.emplace(time, &time);
  std::size_t in_order = 0;
  for (std::int64_t last = heap.top().first; !heap.empty(); heap.pop()) {
    if (heap.top().first >= last) ++in_order;
    last = heap.top().first;
  }
  return in_order;
}

}  // namespace yardstick
