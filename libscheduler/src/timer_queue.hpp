#pragma once

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

/// What is due when, on one axis of time: a 4-ary heap of (ticks, slot), sixteen bytes an entry,
/// children of a node in one cache line. The places of slots in the heap are kept beside it and not
/// in what is due, since a million of those are strewn over all memory, and each step in the heap
/// would have to fetch another one. One thread at a time.
class TimerQueue {
 public:
  /// Only of something that is in no queue.
  void push(Timed& timed, std::int64_t ticks);
  /// Only of something that is in this queue.
  void remove(Timed& timed) noexcept;
  /// Takes out what is due first, if that is not after `now`; else null.
  Timed* pop_due(std::int64_t now) noexcept;
  /// When something is due first.
  std::optional<std::int64_t> earliest() const noexcept;
  std::size_t size() const noexcept { return heap_.size(); }

 private:
  using Slot = std::uint32_t;
  struct Entry {
    std::int64_t ticks;
    Slot slot;
  };

  void take(std::size_t position) noexcept;
  void place(std::size_t position, const Entry& entry) noexcept;
  void sift_up(std::size_t position, const Entry& entry) noexcept;
  void sift_down(std::size_t position, const Entry& entry) noexcept;

  Slot take_slot(Timed& timed);
  void free_slot(Slot slot) noexcept;

  std::vector<Entry> heap_;
  std::vector<std::uint32_t> positions_;  // of a slot, in the heap; of a free one, the next free
  std::vector<Timed*> timed_;             // of a slot
  Slot free_ = Timed::kNowhere;           // the first that is
};

}  // namespace mplane::detail
