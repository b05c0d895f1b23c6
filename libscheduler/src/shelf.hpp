#pragma once

#include <cstddef>
#include <list>

namespace mplane::detail {

class Job;

/// The ended jobs whose results are still kept, oldest first: those that were handed over, which go
/// first when room is needed, and those that were not. One thread at a time.
class Shelf {
 public:
  void put(Job& job);
  void hand_over(Job& job);
  void take(Job& job);
  /// The one to be forgotten first, or null.
  Job* oldest() const noexcept;
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::list<Job*> handed_over_;
  std::list<Job*> kept_;
  std::size_t bytes_ = 0;
};

}  // namespace mplane::detail
