#include "mplane/probes/throughput/datagram_count.hpp"

#include <algorithm>

namespace mplane {

DatagramCount::Kind DatagramCount::take(const std::uint64_t number) {
  if (number >= next_) {
    advance_to(number);
    ++received_;
    return Kind::Next;
  }
  const bool remembered = next_ - number <= kWindow;
  if (remembered && seen_[number % kWindow]) {
    ++again_;
    return Kind::Again;
  }
  if (remembered) seen_[number % kWindow] = true;
  ++received_;
  ++overtaken_;
  return Kind::Overtaken;
}

void DatagramCount::advance_to(const std::uint64_t number) {
  const std::uint64_t skipped = std::min<std::uint64_t>(number - next_, kWindow);
  for (std::uint64_t n = number - skipped; n < number; ++n) seen_[n % kWindow] = false;
  seen_[number % kWindow] = true;
  next_ = number + 1;
}

}  // namespace mplane
