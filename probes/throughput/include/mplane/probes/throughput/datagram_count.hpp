#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mplane {

/// Counts numbered datagrams as they arrive: each once, those that were overtaken, and those that
/// came again. It remembers the last 65,536 numbers; what is older counts as overtaken. A value.
class DatagramCount {
 public:
  enum class Kind : std::uint8_t { Next, Overtaken, Again };

  Kind take(std::uint64_t number);

  std::uint64_t received() const noexcept { return received_; }
  std::uint64_t overtaken() const noexcept { return overtaken_; }
  std::uint64_t again() const noexcept { return again_; }

 private:
  static constexpr std::size_t kWindow = 65'536;

  void advance_to(std::uint64_t number);

  std::vector<bool> seen_ = std::vector<bool>(kWindow);
  std::uint64_t next_ = 0;  ///< one more than the greatest number so far
  std::uint64_t received_ = 0;
  std::uint64_t overtaken_ = 0;
  std::uint64_t again_ = 0;
};

}  // namespace mplane
