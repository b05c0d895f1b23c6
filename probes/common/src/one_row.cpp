#include "mplane/probes/common/one_row.hpp"

#include <vector>

namespace mplane {

std::uint64_t whole_us(const std::chrono::nanoseconds time) {
  return static_cast<std::uint64_t>(std::chrono::round<std::chrono::microseconds>(time).count());
}

Result one_row(const Specification& specification, const Instant start, const Cell& cell) {
  Result result(specification);
  result.measured(start, start);
  std::vector<Value> row;
  for (const Element* const column : result.schema().columns()) row.push_back(cell(column->name()));
  result.row(row);
  return result;
}

}  // namespace mplane
