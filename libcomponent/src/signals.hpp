#pragma once

#include "mplane/model/detail/mutex.hpp"

#include <pthread.h>

namespace mplane::detail {

/// What `run` waits for: a call of `raise` from any thread, SIGINT or SIGTERM. Stays raised.
/// Thread-safe, but only one thread at a time may wait.
class StopSignal {
 public:
  void raise() noexcept;
  /// Both signals have to be blocked in every thread of the program.
  void wait() noexcept;

 private:
  Mutex mutex_;
  bool raised_ MPLANE_GUARDED_BY(mutex_) = false;
  bool waiting_ MPLANE_GUARDED_BY(mutex_) = false;
  pthread_t waiter_ MPLANE_GUARDED_BY(mutex_) = {};
};

}  // namespace mplane::detail
