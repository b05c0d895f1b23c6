#pragma once

#include "mplane/model/log.hpp"
#include "mplane/probe/unique_function.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

namespace mplane {

/// When something is due on the engine: CLOCK_MONOTONIC, in nanoseconds, untouched by steps of the
/// system's time.
using SteadyTime = std::chrono::steady_clock::time_point;

/// So much later than a time, not before it; what is later than can be counted (three centuries) is
/// never due.
template <typename Rep, typename Period>
constexpr SteadyTime later(const SteadyTime time, const std::chrono::duration<Rep, Period> delay) {
  using Given = std::chrono::duration<Rep, Period>;
  constexpr auto kMost = std::chrono::duration_cast<Given>(std::chrono::nanoseconds::max());
  const std::chrono::nanoseconds known = std::clamp(delay, Given::zero(), kMost);
  const bool countable = time.time_since_epoch() <= std::chrono::nanoseconds::max() - known;
  return countable ? time + known : SteadyTime::max();
}

/// What a watched descriptor can be waited for, and what it was found to be.
struct Readiness {
  bool readable = false;
  bool writable = false;
  bool failed =
      false;  ///< an error, a hang-up, or an error queue with something in it; always told

  friend bool operator==(const Readiness&, const Readiness&) = default;
};

class Engine;

/// Holds a timer: when it goes, or is assigned to, a timer that has not fired never will. Only on
/// the engine's loop, or after the engine stopped; outlived by the engine.
class Timer {
 public:
  Timer() noexcept = default;
  Timer(Timer&& other) noexcept;
  Timer& operator=(Timer&& other) noexcept;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  void cancel() noexcept;

 private:
  friend Engine;
  Timer(Engine* engine, std::uint64_t id) noexcept : engine_(engine), id_(id) {}
  Engine* engine_ = nullptr;
  std::uint64_t id_ = 0;
};

/// Holds the watch over a descriptor; when it goes, the handler is called no more. It has to go
/// before the descriptor is closed. Thread rule as Timer.
class Watch {
 public:
  Watch() noexcept = default;
  Watch(Watch&& other) noexcept;
  Watch& operator=(Watch&& other) noexcept;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { cancel(); }

  /// Waits for something else from now on; nothing but failures if neither flag is set.
  void want(Readiness interest);
  void cancel() noexcept;

 private:
  friend Engine;
  Watch(Engine* engine, std::uint64_t id) noexcept : engine_(engine), id_(id) {}
  Engine* engine_ = nullptr;
  std::uint64_t id_ = 0;
};

/// The probe engine: one thread that runs one event loop of timers, descriptors and posted tasks,
/// so that ten thousand measurements in flight need no thread each.
///
/// Thread rule: `post`, `start`, `stop` and `on_loop` may be called from any thread. All else, and
/// everything a handler touches, belongs to the loop: come by `post`. Handlers run one at a time,
/// must not block, and what they throw is logged and ends only that call.
///
/// In the flow: asynchronous services start their work here and finish it here.
class Engine {
 public:
  using Task = UniqueFunction<void()>;
  using Handler = UniqueFunction<void(Readiness)>;

  /// @throws Error{Unavailable} when the system has no descriptor left.
  explicit Engine(LogSink log = {});
  /// Stops.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Starts the thread. Nothing happens when it runs already, or was stopped: stopping is final.
  void start();

  /// Ends the loop after the handler that runs now, then destroys all tasks and handlers left,
  /// uncalled, on the loop's thread. Waits for that, unless called on the loop itself. Idempotent.
  void stop() noexcept;

  /// Has the task run on the loop, in the order of posting, never within this call. Tasks posted
  /// before `start` wait for it. False, and the task destroyed uncalled, once stopped.
  bool post(Task task);

  /// Whether the caller is the loop's thread.
  bool on_loop() const noexcept;

  /// Runs the task once at an absolute time; at once (but not within this call) when that has
  /// passed. Those due at the same time run in the order in which they were set. An engine that is
  /// stopping takes no more: the task is destroyed uncalled.
  [[nodiscard]] Timer at(SteadyTime when, Task task);
  /// The same, so much `later` than now; a negative delay is none.
  template <typename Rep, typename Period>
  [[nodiscard]] Timer after(std::chrono::duration<Rep, Period> delay, Task task) {
    return at(later(std::chrono::steady_clock::now(), delay), std::move(task));
  }

  /// Calls the handler whenever the descriptor is found ready for what is wanted (level-triggered).
  /// The descriptor stays the caller's. @throws Error{Internal} if it cannot be watched.
  [[nodiscard]] Watch watch(int descriptor, Readiness interest, Handler handler);

 private:
  friend Timer;
  friend Watch;
  class Loop;

  std::unique_ptr<Loop> loop_;
};

}  // namespace mplane
