#pragma once

#include "mplane/scheduler/books.hpp"
#include "mplane/scheduler/policy.hpp"

#include <cstddef>
#include <list>

namespace mplane::detail {

class Execution;

/// Lets so many runs through at a time and has the others wait, first come first served, background
/// last. What is exclusive goes through alone. One thread at a time.
class Gate {
 public:
  /// @param reason what a run is refused for where it cannot wait.
  Gate(std::size_t limit, Reason reason) noexcept : limit_(limit), reason_(reason) {}

  /// Whether it went through; else it waits here from now on.
  bool enter(Execution& execution, JobClass job_class);
  /// What went through comes out again.
  void leave(JobClass job_class) noexcept;
  /// Lets through the next of those that wait; null when none can.
  Execution* admit_next() noexcept;
  /// Takes out one of those that wait here.
  void forget(Execution& execution) noexcept;

  Reason reason() const noexcept { return reason_; }
  std::size_t inside() const noexcept { return inside_; }
  std::size_t waiting() const noexcept { return first_.size() + last_.size(); }

 private:
  struct Guest {
    Execution* execution;
    JobClass job_class;
  };

  bool has_room_for(JobClass job_class) const noexcept;
  void let_in(JobClass job_class) noexcept;

  std::size_t limit_;
  Reason reason_;
  std::size_t inside_ = 0;
  bool exclusive_inside_ = false;
  std::list<Guest> first_;
  std::list<Guest> last_;  // background
};

}  // namespace mplane::detail
