#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/time.hpp"

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace mplane {

/// What the user wants who ends a wait.
enum class Wish : std::uint8_t {
  Nothing,    ///< to go on waiting
  Interrupt,  ///< that it is stopped what is waited for
  Leave,      ///< to wait no longer
};

/// Watches the time and the keyboard while the program waits: ends the waiting when its time is
/// over, or on SIGINT and SIGTERM, unless those are ignored: it takes them for the whole program as
/// long as it lives. On a terminal it may ask first what is wanted. It shows how far things are,
/// too, a line that is written over each second. Thread-safe; owns a thread. Made before any other
/// thread is, so that they all leave the signals to it.
class Watch {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param unasked what the first signal means; @param asks if SIGINT on a terminal asks instead.
  explicit Watch(Wish unasked = Wish::Interrupt, bool asks = false);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Requested at the first signal, or when the time is over.
  std::stop_token stop() const noexcept { return stop_.get_token(); }
  /// Requested at the second signal: to leave at once.
  std::stop_token give_up() const noexcept { return give_up_.get_token(); }

  /// The time is over so long after the watch was made; kWithoutEnd is never.
  void limit(Duration at_most);
  /// How long ago it was made.
  Duration passed() const { return std::chrono::duration_cast<Duration>(Clock::now() - begin_); }
  /// Whether SIGTERM came, which means the whole program.
  bool is_terminated() const;
  /// What the first signal meant, or was said to mean; nothing before there was one.
  Wish wish() const;

  /// Shows on standard error, when that is a terminal, what is waited for, how long already, and
  /// how long it takes if that is known; until it is told to stop.
  void show(std::string what, std::optional<Duration> takes);
  void show_nothing();

 private:
  void run();
  void wait_for_event();
  void take_signals();
  void take_signal(int signal);
  void ask();
  void take_answer();
  void decide(Wish wish);
  void check_time();
  void draw();
  void wake() const;

  const Clock::time_point begin_ = Clock::now();
  const Wish unasked_;
  const bool on_terminal_;
  const bool asks_;
  sigset_t before_{};
  int signals_ = -1;  // a signalfd
  int wakeup_ = -1;   // an eventfd
  std::stop_source stop_;
  std::stop_source give_up_;

  mutable detail::Mutex mutex_;
  std::optional<Clock::time_point> deadline_ MPLANE_GUARDED_BY(mutex_);
  std::string what_ MPLANE_GUARDED_BY(mutex_);
  std::optional<Duration> takes_ MPLANE_GUARDED_BY(mutex_);
  bool drawn_ MPLANE_GUARDED_BY(mutex_) = false;
  bool time_over_ MPLANE_GUARDED_BY(mutex_) = false;
  bool asking_ MPLANE_GUARDED_BY(mutex_) = false;
  bool terminated_ MPLANE_GUARDED_BY(mutex_) = false;
  Wish wish_ MPLANE_GUARDED_BY(mutex_) = Wish::Nothing;

  std::jthread thread_;
};

}  // namespace mplane
