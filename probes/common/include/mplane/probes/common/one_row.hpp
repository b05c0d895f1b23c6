#pragma once

#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace mplane {

/// A time as it stands in results: rounded.
std::uint64_t whole_us(std::chrono::nanoseconds time);

/// What stands in a column.
using Cell = std::function<Value(std::string_view column)>;

/// The result of one measurement that started at this time: a row, filled by the columns' names.
/// @throws what `cell` throws; Error{Mismatch} for a value that is not of its column's type.
Result one_row(const Specification& specification, Instant start, const Cell& cell);

}  // namespace mplane
