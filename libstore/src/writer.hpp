#pragma once

#include "database.hpp"
#include "mplane/model/detail/mutex.hpp"

#include <cstddef>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace mplane::detail {

/// The one thread that writes to a Database. Whatever was handed over while a commit went on
/// becomes the next transaction (group commit): a lone writer waits for its own commit only, and
/// sixty-four share one. Thread-safe.
///
/// A work that throws is rolled back alone (a savepoint); a commit that fails fails all its works.
class Writer {
 public:
  using Work = std::function<void(Database&)>;
  /// Told, on the writer's thread, once the work is durable (null) or has failed.
  using Done = std::function<void(std::exception_ptr)>;

  /// The database outlives the writer, which is the only one to use it until it is gone.
  explicit Writer(Database& database);
  /// Writes what was handed over, then ends.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Hands a work over, in order, and returns at once.
  void write(Work work, Done done) MPLANE_EXCLUDES(mutex_);
  /// Hands a work over and waits until it is durable. @throws what the work or the commit threw.
  void write(Work work) MPLANE_EXCLUDES(mutex_);

  /// Works handed over and not yet durable.
  std::size_t depth() const MPLANE_EXCLUDES(mutex_);

 private:
  struct Entry {
    Work work;
    Done done;
    std::exception_ptr failure;
  };

  void run() MPLANE_EXCLUDES(mutex_);
  void commit(std::vector<Entry>& batch);
  void apply(Entry& entry);

  Database& database_;
  mutable Mutex mutex_;
  Condition arrived_;
  std::vector<Entry> queue_ MPLANE_GUARDED_BY(mutex_);
  std::size_t in_commit_ MPLANE_GUARDED_BY(mutex_) = 0;
  bool ending_ MPLANE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mplane::detail
