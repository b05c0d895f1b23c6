#pragma once

#include "mplane/probe/engine.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mplane::detail {

/// The pending timers of an engine, in a 4-ary heap of small entries: setting and cancelling among
/// 100,000 costs tens of nanoseconds, and a cancelled timer leaves nothing behind. It knows no
/// clock. One thread at a time.
class TimerHeap {
 public:
  using Task = Engine::Task;

  /// Sets a timer. Its id is never 0, and is not given again before its slot
  /// was used 2^31 times.
  std::uint64_t add(SteadyTime when, Task task);

  /// Takes a timer out; its task is handed back so that the caller decides where it dies. Empty if
  /// the timer has fired or was cancelled before.
  Task remove(std::uint64_t id) noexcept;

  /// The earliest deadline, if any.
  std::optional<SteadyTime> earliest() const noexcept;

  /// Takes out the earliest timer if it is due at `now` and was set before the mark; else an empty
  /// task. The mark keeps a handler that sets due timers from holding up everything else.
  Task pop_due(SteadyTime now, std::uint64_t mark) noexcept;
  /// All timers set so far are before this mark.
  std::uint64_t mark() const noexcept { return next_order_; }

  /// Takes out any one timer; an empty task when none is left.
  Task pop_any() noexcept;

  std::size_t size() const noexcept { return heap_.size(); }

 private:
  struct Entry {
    SteadyTime when;
    std::uint64_t order;  // of setting: breaks ties
    std::uint32_t slot;

    bool before(const Entry& other) const noexcept {
      return when != other.when ? when < other.when : order < other.order;
    }
  };
  struct Slot {
    Task task;
    std::uint32_t position = 0;    // in the heap
    std::uint32_t generation = 0;  // odd while in use, so that an old id finds nothing
  };

  Task take(std::size_t position) noexcept;
  void place(std::size_t position, const Entry& entry) noexcept;
  void sift_up(std::size_t position, const Entry& entry) noexcept;
  void sift_down(std::size_t position, const Entry& entry) noexcept;

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t next_order_ = 0;
};

}  // namespace mplane::detail
