#pragma once

#include <cstddef>
#include <list>

namespace mplane::detail {

class Job;

/// The jobs whose results are kept, oldest first: ended ones that were handed over, which go first
/// when room is needed, those that were not, and at last jobs that go on, which lose an outcome
/// each in turn. One thread at a time.
class Shelf {
 public:
  /// A job that goes on has another outcome; all took so many bytes before.
  void grow(Job& job, std::size_t bytes_before);
  /// Makes a job that goes on lose its oldest outcome, but no job its newest that is spared.
  /// Whether there was one.
  bool drop_outcome(const Job& spared);
  /// A job has ended.
  void put(Job& job);
  void hand_over(Job& job);
  void take(Job& job);
  /// The one to be forgotten first, or null.
  Job* oldest() const noexcept;
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::list<Job*> handed_over_;
  std::list<Job*> kept_;
  std::list<Job*> going_on_;
  std::size_t bytes_ = 0;
};

}  // namespace mplane::detail
