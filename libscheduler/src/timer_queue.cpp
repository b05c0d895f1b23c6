#include "timer_queue.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::size_t kArity = 4;

/// The first lines of the cache that something to be done next takes.
void prefetch(const Timed* timed) noexcept {
  constexpr std::size_t kLine = 64;
  const char* const begin = reinterpret_cast<const char*>(timed);
  for (std::size_t line = 0; line < 4; ++line) __builtin_prefetch(begin + line * kLine);
}

}  // namespace

void TimerQueue::push(Timed& timed, std::int64_t ticks) {
  assert(!timed.is_planned());
  const Entry entry{ticks, take_slot(timed)};
  heap_.push_back(entry);
  sift_up(heap_.size() - 1, entry);
}

void TimerQueue::remove(Timed& timed) noexcept { take(positions_[timed.slot_]); }

Timed* TimerQueue::pop_due(std::int64_t now) noexcept {
  if (heap_.empty() || heap_.front().ticks > now) return nullptr;
  Timed* const due = timed_[heap_.front().slot];
  take(0);
  // Who is next will be asked for soon; his memory is fetched meanwhile.
  if (!heap_.empty()) prefetch(timed_[heap_.front().slot]);
  return due;
}

std::optional<std::int64_t> TimerQueue::earliest() const noexcept {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().ticks;
}

void TimerQueue::take(std::size_t position) noexcept {
  assert(position < heap_.size());
  free_slot(heap_[position].slot);
  const Entry last = heap_.back();
  heap_.pop_back();
  if (position == heap_.size()) return;
  const bool rises = position > 0 && last.ticks < heap_[(position - 1) / kArity].ticks;
  rises ? sift_up(position, last) : sift_down(position, last);
}

TimerQueue::Slot TimerQueue::take_slot(Timed& timed) {
  if (free_ == Timed::kNowhere) {
    timed.slot_ = static_cast<Slot>(timed_.size());
    timed_.push_back(&timed);
    positions_.push_back(0);
  } else {
    timed.slot_ = std::exchange(free_, positions_[free_]);
    timed_[timed.slot_] = &timed;
  }
  return timed.slot_;
}

void TimerQueue::free_slot(Slot slot) noexcept {
  timed_[slot]->slot_ = Timed::kNowhere;
  positions_[slot] = std::exchange(free_, slot);
}

void TimerQueue::place(std::size_t position, const Entry& entry) noexcept {
  heap_[position] = entry;
  positions_[entry.slot] = static_cast<std::uint32_t>(position);
}

void TimerQueue::sift_up(std::size_t position, const Entry& entry) noexcept {
  while (position > 0) {
    const std::size_t parent = (position - 1) / kArity;
    if (heap_[parent].ticks <= entry.ticks) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, entry);
}

void TimerQueue::sift_down(std::size_t position, const Entry& entry) noexcept {
  while (true) {
    const std::size_t first = position * kArity + 1;
    if (first >= heap_.size()) break;
    const std::size_t end = std::min(first + kArity, heap_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < end; ++child) {
      if (heap_[child].ticks < heap_[least].ticks) least = child;
    }
    if (heap_[least].ticks >= entry.ticks) break;
    place(position, heap_[least]);
    position = least;
  }
  place(position, entry);
}

}  // namespace mplane::detail
