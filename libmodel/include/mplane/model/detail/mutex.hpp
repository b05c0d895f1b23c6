#pragma once

#include <condition_variable>
#include <mutex>

// Annotations for clang's -Wthread-safety; nothing under other compilers. The standard library's
// own mutex carries none in libstdc++, hence the two small classes below.
#if defined(__clang__)
#define MPLANE_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define MPLANE_THREAD_ANNOTATION(x)
#endif

/// A member that may only be touched while `x`, a Mutex, is held.
#define MPLANE_GUARDED_BY(x) MPLANE_THREAD_ANNOTATION(guarded_by(x))
/// A member that points to what may only be touched while `x` is held.
#define MPLANE_PT_GUARDED_BY(x) MPLANE_THREAD_ANNOTATION(pt_guarded_by(x))
/// A function, or a lambda between its parameters and its body, that is called with the mutex held.
#define MPLANE_REQUIRES(...) MPLANE_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
/// A function that takes the mutex itself, so must be called without it.
#define MPLANE_EXCLUDES(...) MPLANE_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))

namespace mplane::detail {

/// A std::mutex that clang's analysis understands. Thread-safe.
class MPLANE_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() MPLANE_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() MPLANE_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  friend class Event;
  std::mutex mutex_;
};

/// Holds a mutex of ours for a scope; may be let go early and taken again. One thread at a time.
template <typename AnyMutex>
class MPLANE_THREAD_ANNOTATION(scoped_lockable) LockOf {
 public:
  explicit LockOf(AnyMutex& mutex) MPLANE_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~LockOf() MPLANE_THREAD_ANNOTATION(release_capability()) {
    if (held_) mutex_.unlock();
  }
  LockOf(const LockOf&) = delete;
  LockOf& operator=(const LockOf&) = delete;

  void lock() MPLANE_THREAD_ANNOTATION(acquire_capability()) {
    mutex_.lock();
    held_ = true;
  }
  void unlock() MPLANE_THREAD_ANNOTATION(release_capability()) {
    held_ = false;
    mutex_.unlock();
  }

 private:
  friend class Event;
  AnyMutex& mutex_;
  bool held_ = true;
};

using Lock = LockOf<Mutex>;

/// Waits on a Lock, for an event, a deadline or a stop request:
///
///     Lock lock(mutex_);
///     condition_.wait(lock, stop, [this]() MPLANE_REQUIRES(mutex_) { return !queue_.empty(); });
using Condition = std::condition_variable_any;

/// Waits on a Lock for an event alone, at less than half the price of a Condition. Thread-safe.
class Event {
 public:
  void notify_one() noexcept { changed_.notify_one(); }
  void notify_all() noexcept { changed_.notify_all(); }
  template <typename Predicate>
  void wait(Lock& lock, const Predicate& it_happened) {
    std::unique_lock<std::mutex> held(lock.mutex_.mutex_, std::adopt_lock);
    changed_.wait(held, it_happened);
    held.release();
  }

 private:
  std::condition_variable changed_;
};

}  // namespace mplane::detail
