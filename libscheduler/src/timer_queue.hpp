#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mplane::detail {

/// Something that can be due at a time. Knows its place in the queue, so that it can be taken out;
/// it has to be before it is destroyed. Guarded by whatever guards its queue.
class Timed {
 public:
  /// What it is, for who takes it off the queue.
  enum class Kind : std::uint8_t { Job, Execution, Waiter };

  explicit Timed(Kind kind) noexcept : kind_(kind) {}
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

  Kind kind() const noexcept { return kind_; }
  bool is_planned() const noexcept { return position_ != kNowhere; }

 protected:
  ~Timed() = default;

 private:
  friend class TimerQueue;
  friend class Agenda;
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  std::uint32_t position_ = kNowhere;  // in the heap of its queue
  Kind kind_;
  std::uint8_t axis_ = 0;  // of the agenda: which queue
};

/// What is due when, on one axis of time: a 4-ary heap of (ticks, pointer), sixteen bytes an entry,
/// children of a node in one cache line. One thread at a time.
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
  void reserve(std::size_t size) { heap_.reserve(size); }

 private:
  struct Entry {
    std::int64_t ticks;
    Timed* timed;
  };

  void take(std::size_t position) noexcept;
  void place(std::size_t position, const Entry& entry) noexcept;
  void sift_up(std::size_t position, const Entry& entry) noexcept;
  void sift_down(std::size_t position, const Entry& entry) noexcept;

  std::vector<Entry> heap_;
};

}  // namespace mplane::detail
