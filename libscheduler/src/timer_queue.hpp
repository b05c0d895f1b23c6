#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mplane::detail {

/// Something that can be due at a time. Knows its slot in the queue, so that it can be taken out;
/// it has to be before it is destroyed. Guarded by whatever guards its queue.
class Timed {
 public:
  /// What it is, for who takes it off the queue.
  enum class Kind : std::uint8_t { Job, Execution, Waiter };

  explicit Timed(Kind kind) noexcept : kind_(kind) {}
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

  Kind kind() const noexcept { return kind_; }
  bool is_planned() const noexcept { return slot_ != kNowhere; }

 protected:
  ~Timed() = default;

 private:
  friend class TimerQueue;
  friend class Agenda;
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  std::uint32_t slot_ = kNowhere;  // of its queue
  Kind kind_;
  std::uint8_t axis_ = 0;  // of the agenda: which queue
};

/// What is due when, on one axis of time. A million entries in one heap would miss the cache at
/// each step; so only what is due now lies in one, the few hundred of them that come first. What is
/// to come lies unsorted in bags, each for a span of time, the longer the further away it is, and
/// is sorted into smaller ones when its time draws near. Entries are sixteen bytes; where they lie
/// is kept beside them and not in what is due, which is strewn over all memory.
/// One thread at a time.
class TimerQueue {
 public:
  /// Only of something that is in no queue.
  void push(Timed& timed, std::int64_t ticks);
  /// Only of something that is in this queue.
  void remove(Timed& timed) noexcept;
  /// Takes out what is due first, if that is not after `now`; else null.
  Timed* pop_due(std::int64_t now);
  /// When something is due first; or, where that was taken out, a time before.
  std::optional<std::int64_t> earliest() const noexcept;
  std::size_t size() const noexcept { return size_; }

 private:
  using Slot = std::uint32_t;
  using Ticks = std::uint64_t;  // shifted, so that negative times come first

  struct Entry {
    Ticks ticks;
    Slot slot;
  };
  /// Entries of one span of time.
  struct Bag {
    std::vector<Entry> entries;
    Ticks first = 0;  // no entry is before
  };
  /// What a slot is for, and where its entry lies.
  struct Place {
    Timed* timed;
    std::uint32_t bag;       // or kNear
    std::uint32_t position;  // of a free slot: the next free one
  };

  // A time is a number of digits. What is to come is not before the horizon: the bag of a time goes
  // by the highest digit that differs from the horizon's, its level, and by that digit. So those of
  // lower levels are for earlier times, of one level those of lower digits.
  static constexpr std::size_t kDigitBits = 6;
  static constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  static constexpr std::size_t kLevels = 64 / kDigitBits + 1;
  static constexpr std::uint32_t kNear = kDigits * kLevels;

  void put_near(const Entry& entry);
  void put_in_bag(const Entry& entry);
  void put_all(const std::vector<Entry>& entries, bool near);
  std::size_t bag_of(Ticks ticks) const noexcept;
  std::optional<std::size_t> first_bag() const noexcept;
  void draw_near(Ticks now);
  void take_from_bag(const Place& place) noexcept;

  // The heap of what is near.
  void take_near(std::size_t position) noexcept;
  void place_near(std::size_t position, const Entry& entry) noexcept;
  void sift_up(std::size_t position, const Entry& entry) noexcept;
  void sift_down(std::size_t position, const Entry& entry) noexcept;

  Slot take_slot(Timed& timed);
  void free_slot(Slot slot) noexcept;

  std::size_t size_ = 0;
  Ticks horizon_ = 0;  // nothing that is near is after it
  std::vector<Entry> near_;
  std::array<Bag, kDigits * kLevels> bags_;
  std::array<std::uint64_t, kLevels> filled_{};  // a bit for each bag that is not empty
  std::vector<Place> places_;                    // of slots
  Slot free_ = Timed::kNowhere;                  // the first that is
};

}  // namespace mplane::detail
