#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace mplane {

/// How long something took, many times: counted in classes of which each is 3 % wide, from a
/// microsecond to an hour. A value, of plain bytes, so that processes can hand it on.
class Histogram {
 public:
  void add(std::chrono::nanoseconds time) noexcept;
  void add(const Histogram& other) noexcept;

  std::uint64_t count() const noexcept;
  /// The upper end of the class that so much of them is at or below (0.99: all but a hundredth);
  /// zero without any.
  std::chrono::microseconds at(double part) const noexcept;

 private:
  static constexpr std::size_t kFineBits = 5;  // a power of two is divided into 32
  static constexpr std::size_t kPowers = 28;
  std::array<std::uint64_t, (kPowers + 1) << kFineBits> classes_{};
};

}  // namespace mplane
