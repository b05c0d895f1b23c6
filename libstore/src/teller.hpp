#pragma once

#include "mplane/model/detail/mutex.hpp"

#include <functional>
#include <thread>
#include <vector>

namespace mplane::detail {

/// A thread that makes calls in the order in which it is given them, so that who writes to the disk
/// goes on while what was written has its consequences. Thread-safe.
class Teller {
 public:
  /// Must not throw.
  using Call = std::function<void()>;

  /// @param name of the thread: 15 characters at most.
  explicit Teller(const char* name);
  /// Makes all the calls that it was given.
  ~Teller();
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  void tell(Call call) MPLANE_EXCLUDES(mutex_);

 private:
  void run() MPLANE_EXCLUDES(mutex_);

  const char* const name_;
  Mutex mutex_;
  Condition changed_;
  std::vector<Call> calls_ MPLANE_GUARDED_BY(mutex_);
  bool ending_ MPLANE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mplane::detail
