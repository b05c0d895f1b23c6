#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/error.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <thread>
#include <vector>

namespace mplane::detail {

/// The one thread that makes things durable, for all who wait for it at a time (group commit).
/// Thread-safe.
///
/// While it is busy others gather. Those whom one commit lets go usually come back together, so
/// the next one waits a little for as many as there were: half of what a commit takes, 5 ms at
/// most, no longer than they take to come, and not at all for a lone one. Otherwise the first to
/// come would take a commit for itself, and all others would wait for two.
class Committer {
 public:
  using Milliseconds = std::chrono::milliseconds;
  /// Makes durable what there is. What it throws is what those who wait are told.
  using Commit = std::function<void()>;
  /// Told, on the committer's thread, how a commit that began later ended. Must not throw.
  using Then = std::function<void(std::optional<Error>)>;

  static constexpr Milliseconds kMostGathering{5};
  static constexpr Milliseconds kRetry{1'000};

  /// @param retry after a commit that failed another one is tried so much later, if nobody asks
  /// for one before.
  /// @param name of the thread: 15 characters at most.
  /// @param most as many as are worth waiting for.
  explicit Committer(Commit commit, Milliseconds retry = kRetry,
                     const char* name = "mplane-journal",
                     std::size_t most = std::numeric_limits<std::size_t>::max());
  /// Commits once more if somebody waits, then ends.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// There is something to commit.
  void ask(Then then) MPLANE_EXCLUDES(mutex_);

 private:
  using Clock = std::chrono::steady_clock;

  void run() MPLANE_EXCLUDES(mutex_);
  bool wait(std::vector<Then>& asked) MPLANE_EXCLUDES(mutex_);
  void gather(Lock& lock) MPLANE_REQUIRES(mutex_);
  std::optional<Error> commit();

  const Commit commit_;
  const Milliseconds retry_;
  const char* const name_;
  const std::size_t most_;
  Mutex mutex_;
  Condition changed_;
  std::vector<Then> asked_ MPLANE_GUARDED_BY(mutex_);
  std::size_t expected_ MPLANE_GUARDED_BY(mutex_) = 0;  // as many as the last commit let go
  bool ending_ MPLANE_GUARDED_BY(mutex_) = false;
  // Of the thread alone.
  Clock::duration taken_{0};  // by the last commit
  bool failed_ = false;       // did it
  std::thread thread_;
};

}  // namespace mplane::detail
