#pragma once

#include "few.hpp"
#include "mplane/scheduler/books.hpp"

#include <cstdint>

namespace mplane::detail {

/// The books of one job, in little room: most jobs have one start, that ends for one reason.
/// One thread at a time.
class Tally {
 public:
  void wait(std::uint64_t starts = 1) noexcept { waiting_ += starts; }
  void start() noexcept {
    --waiting_;
    ++running_;
  }
  void end(Reason reason, std::uint64_t starts = 1);
  /// Takes over what is known from before.
  void restore(const Books& books);

  Books books() const noexcept;

 private:
  struct Ended {
    Reason reason;
    std::uint64_t starts;
  };

  std::uint64_t waiting_ = 0;
  std::uint64_t running_ = 0;
  Few<Ended> ended_;
};

}  // namespace mplane::detail
