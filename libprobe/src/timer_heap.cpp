#include "timer_heap.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::size_t kArity = 4;

}  // namespace

std::uint64_t TimerHeap::add(SteadyTime when, Task task) {
  if (free_.empty()) {
    slots_.emplace_back();
    free_.reserve(slots_.capacity());  // so that giving a slot back never allocates
    free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
  }
  heap_.emplace_back();
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot].task = std::move(task);
  ++slots_[slot].generation;
  sift_up(heap_.size() - 1, Entry{when, next_order_++, slot});
  return (std::uint64_t{slots_[slot].generation} << 32U) | slot;
}

TimerHeap::Task TimerHeap::remove(std::uint64_t id) noexcept {
  const auto slot = static_cast<std::uint32_t>(id);
  const auto generation = static_cast<std::uint32_t>(id >> 32U);
  const bool in_use = generation % 2 == 1;
  if (!in_use || slot >= slots_.size() || slots_[slot].generation != generation) return {};
  return take(slots_[slot].position);
}

std::optional<SteadyTime> TimerHeap::earliest() const noexcept {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

TimerHeap::Task TimerHeap::pop_due(SteadyTime now, std::uint64_t mark) noexcept {
  if (heap_.empty() || heap_.front().when > now || heap_.front().order >= mark) return {};
  return take(0);
}

TimerHeap::Task TimerHeap::pop_any() noexcept {
  return heap_.empty() ? Task() : take(heap_.size() - 1);
}

TimerHeap::Task TimerHeap::take(std::size_t position) noexcept {
  const std::uint32_t slot = heap_[position].slot;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (position < heap_.size()) {
    const bool rises = position > 0 && last.before(heap_[(position - 1) / kArity]);
    rises ? sift_up(position, last) : sift_down(position, last);
  }
  Task task = std::exchange(slots_[slot].task, Task());
  ++slots_[slot].generation;
  free_.push_back(slot);
  return task;
}

void TimerHeap::place(std::size_t position, const Entry& entry) noexcept {
  heap_[position] = entry;
  slots_[entry.slot].position = static_cast<std::uint32_t>(position);
}

void TimerHeap::sift_up(std::size_t position, const Entry& entry) noexcept {
  while (position > 0) {
    const std::size_t parent = (position - 1) / kArity;
    if (!entry.before(heap_[parent])) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, entry);
}

void TimerHeap::sift_down(std::size_t position, const Entry& entry) noexcept {
  for (;;) {
    const std::size_t first = position * kArity + 1;
    if (first >= heap_.size()) break;
    const std::size_t end = std::min(first + kArity, heap_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < end; ++child) {
      if (heap_[child].before(heap_[least])) least = child;
    }
    if (!heap_[least].before(entry)) break;
    place(position, heap_[least]);
    position = least;
  }
  place(position, entry);
}

}  // namespace mplane::detail
