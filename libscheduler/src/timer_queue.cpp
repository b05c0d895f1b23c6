#include "timer_queue.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::size_t kArity = 4;
constexpr std::size_t kFew = 512;  // entries that a heap has in the first level of the cache

constexpr std::uint64_t kShift = std::uint64_t{1} << 63U;

std::uint64_t shifted(std::int64_t ticks) noexcept {
  return static_cast<std::uint64_t>(ticks) ^ kShift;
}
std::int64_t unshifted(std::uint64_t ticks) noexcept {
  return static_cast<std::int64_t>(ticks ^ kShift);
}

/// The first lines of the cache that something to be done next takes.
void prefetch(const Timed* timed) noexcept {
  constexpr std::size_t kLine = 64;
  const char* const begin = reinterpret_cast<const char*>(timed);
  for (std::size_t line = 0; line < 4; ++line) __builtin_prefetch(begin + line * kLine);
}

}  // namespace

void TimerQueue::push(Timed& timed, std::int64_t ticks) {
  assert(!timed.is_planned());
  const Entry entry{shifted(ticks), take_slot(timed)};
  entry.ticks < horizon_ ? put_near(entry) : put_in_bag(entry);
  ++size_;
}

void TimerQueue::remove(Timed& timed) noexcept {
  const Slot slot = timed.slot_;
  const Place place = places_[slot];
  place.bag == kNear ? take_near(place.position) : take_from_bag(place);
  free_slot(slot);
  --size_;
}

Timed* TimerQueue::pop_due(std::int64_t now) {
  if (near_.empty()) draw_near(shifted(now));
  if (near_.empty() || near_.front().ticks > shifted(now)) return nullptr;
  Timed* const due = places_[near_.front().slot].timed;
  remove(*due);
  return due;
}

std::optional<std::int64_t> TimerQueue::earliest() const noexcept {
  if (!near_.empty()) return unshifted(near_.front().ticks);
  const auto bag = first_bag();
  if (!bag) return std::nullopt;
  return unshifted(bags_[*bag].first);
}

void TimerQueue::put_near(const Entry& entry) {
  near_.push_back(entry);
  places_[entry.slot].bag = kNear;
  sift_up(near_.size() - 1, entry);
}

void TimerQueue::put_in_bag(const Entry& entry) {
  const std::size_t number = bag_of(entry.ticks);
  Bag& bag = bags_[number];
  bag.first = bag.entries.empty() ? entry.ticks : std::min(bag.first, entry.ticks);
  places_[entry.slot].bag = static_cast<std::uint32_t>(number);
  places_[entry.slot].position = static_cast<std::uint32_t>(bag.entries.size());
  bag.entries.push_back(entry);
  filled_[number / kDigits] |= std::uint64_t{1} << number % kDigits;
}

std::size_t TimerQueue::bag_of(Ticks ticks) const noexcept {
  const auto highest = static_cast<std::size_t>(63 - std::countl_zero((ticks ^ horizon_) | 1U));
  const std::size_t level = highest / kDigitBits;
  return level * kDigits + (ticks >> level * kDigitBits) % kDigits;
}

std::optional<std::size_t> TimerQueue::first_bag() const noexcept {
  for (std::size_t level = 0; level < kLevels; ++level) {
    if (filled_[level] == 0) continue;
    return level * kDigits + static_cast<std::size_t>(std::countr_zero(filled_[level]));
  }
  return std::nullopt;
}

/// Sorts what comes first until what is due of it is near, or some of that where it is much.
void TimerQueue::draw_near(Ticks now) {
  while (near_.empty()) {
    const auto number = first_bag();
    if (!number || bags_[*number].first > now) return;
    const auto entries = std::exchange(bags_[*number].entries, {});
    const std::size_t level = *number / kDigits;
    filled_[level] &= ~(std::uint64_t{1} << *number % kDigits);
    // The bag is for the times that begin with the same digits.
    const Ticks others = (Ticks{1} << level * kDigitBits) - 1;
    const Ticks last = entries.front().ticks | others;
    const bool all_come_near = last <= now && (entries.size() <= kFew || level == 0);
    horizon_ = all_come_near ? last : last - others;
    put_all(entries, all_come_near);
  }
}

void TimerQueue::put_all(const std::vector<Entry>& entries, bool near) {
  constexpr std::size_t kAhead = 16;  // entries whose memory is fetched meanwhile
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + kAhead < entries.size()) __builtin_prefetch(&places_[entries[i + kAhead].slot], 1);
    if (near) prefetch(places_[entries[i].slot].timed);  // it will be asked for soon
    near ? put_near(entries[i]) : put_in_bag(entries[i]);
  }
}

void TimerQueue::take_from_bag(const Place& place) noexcept {
  auto& entries = bags_[place.bag].entries;
  const Entry last = entries.back();
  entries.pop_back();
  if (entries.empty()) {
    filled_[place.bag / kDigits] &= ~(std::uint64_t{1} << place.bag % kDigits);
  }
  if (place.position == entries.size()) return;
  entries[place.position] = last;
  places_[last.slot].position = place.position;
}

void TimerQueue::take_near(std::size_t position) noexcept {
  const Entry last = near_.back();
  near_.pop_back();
  if (position == near_.size()) return;
  const bool rises = position > 0 && last.ticks < near_[(position - 1) / kArity].ticks;
  rises ? sift_up(position, last) : sift_down(position, last);
}

TimerQueue::Slot TimerQueue::take_slot(Timed& timed) {
  if (free_ == Timed::kNowhere) {
    timed.slot_ = static_cast<Slot>(places_.size());
    places_.push_back({&timed, kNear, 0});
  } else {
    timed.slot_ = std::exchange(free_, places_[free_].position);
    places_[timed.slot_].timed = &timed;
  }
  return timed.slot_;
}

void TimerQueue::free_slot(Slot slot) noexcept {
  places_[slot].timed->slot_ = Timed::kNowhere;
  places_[slot].position = std::exchange(free_, slot);
}

void TimerQueue::place_near(std::size_t position, const Entry& entry) noexcept {
  near_[position] = entry;
  places_[entry.slot].position = static_cast<std::uint32_t>(position);
}

void TimerQueue::sift_up(std::size_t position, const Entry& entry) noexcept {
  while (position > 0) {
    const std::size_t parent = (position - 1) / kArity;
    if (near_[parent].ticks <= entry.ticks) break;
    place_near(position, near_[parent]);
    position = parent;
  }
  place_near(position, entry);
}

void TimerQueue::sift_down(std::size_t position, const Entry& entry) noexcept {
  while (true) {
    const std::size_t first = position * kArity + 1;
    if (first >= near_.size()) break;
    const std::size_t end = std::min(first + kArity, near_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < end; ++child) {
      if (near_[child].ticks < near_[least].ticks) least = child;
    }
    if (near_[least].ticks >= entry.ticks) break;
    place_near(position, near_[least]);
    position = least;
  }
  place_near(position, entry);
}

}  // namespace mplane::detail
