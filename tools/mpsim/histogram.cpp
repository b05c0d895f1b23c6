#include "histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace mplane {

void Histogram::add(const std::chrono::nanoseconds time) noexcept {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 0));
  // Below 2^kFineBits a class a value, above as many classes for each power of two.
  const auto width = static_cast<std::size_t>(64 - std::countl_zero(value));
  const std::size_t shift = width > kFineBits ? width - kFineBits - 1 : 0;
  const auto within = std::size_t{value >> shift};
  const std::size_t place = (shift << kFineBits) + within;
  ++classes_[std::min(place, classes_.size() - 1)];
}

void Histogram::add(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < classes_.size(); ++i) classes_[i] += other.classes_[i];
}

std::uint64_t Histogram::count() const noexcept {
  return std::accumulate(classes_.begin(), classes_.end(), std::uint64_t{0});
}

std::chrono::microseconds Histogram::at(const double part) const noexcept {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count())));
  std::uint64_t passed = 0;
  for (std::size_t place = 0; place < classes_.size() && wanted > 0; ++place) {
    passed += classes_[place];
    if (passed < wanted) continue;
    const std::size_t shift = place < (2U << kFineBits) ? 0 : (place >> kFineBits) - 1;
    const std::uint64_t within = place - (shift << kFineBits);
    return std::chrono::microseconds(((within + 1) << shift) - 1);
  }
  return {};
}

}  // namespace mplane
