#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/file_descriptor.hpp"

#include <vector>

namespace mplane::detail {

/// Tasks on their way from any thread to an engine's loop, and the request to stop. Thread-safe.
class Inbox {
 public:
  using Task = Engine::Task;

  /// @throws Error{Unavailable} when the system has no descriptor left.
  Inbox();

  /// False, and the task destroyed, once closed.
  bool put(Task task);
  /// What has come since, oldest first.
  std::vector<Task> take();
  /// Takes no more from now on; what is inside stays for `take`. True for the first to close it.
  bool close() noexcept;
  bool closed() const noexcept;

  /// Readable while there is something to take or the inbox was closed after the last `take`.
  int descriptor() const noexcept { return event_.number(); }

 private:
  void ring() const noexcept;

  const FileDescriptor event_;
  mutable Mutex mutex_;
  std::vector<Task> tasks_ MPLANE_GUARDED_BY(mutex_);
  bool closed_ MPLANE_GUARDED_BY(mutex_) = false;
};

}  // namespace mplane::detail
