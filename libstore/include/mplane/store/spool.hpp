#pragma once

#include "mplane/model/log.hpp"
#include "mplane/model/time.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/store/sync.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// How a spool keeps things, and how much.
struct SpoolOptions {
  std::filesystem::path folder = {};  ///< where `spool.db` lies; empty: all is in memory
  Sync sync = Sync::Full;
  std::size_t max_bytes = std::size_t{64} << 20U;  ///< of all messages, and 256 for each
  Duration max_age = std::chrono::hours(7 * 24);   ///< of waiting while it is open
  LogSink log = {};
};

/// A message on its way to a peer. A value.
struct SpoolItem {
  std::uint64_t id = 0;
  std::string queue = {};  ///< the peer
  std::string url = {};    ///< where it is to be posted
  std::string body = {};
};

/// The account of a spool. At any moment
///
///     taken = delivered + refused + too_old + no_room + waiting
///
/// All but waiting and its bytes only grow. A value.
struct SpoolBooks {
  std::uint64_t taken = 0;      ///< put in by this process, or left by one before
  std::uint64_t delivered = 0;  ///< the peer has it
  std::uint64_t refused = 0;    ///< the peer will never take it
  std::uint64_t too_old = 0;    ///< dropped: waited longer than `max_age`
  std::uint64_t no_room = 0;    ///< dropped: more than `max_bytes`
  std::uint64_t waiting = 0;
  std::size_t bytes = 0;  ///< of what waits, as `max_bytes` counts them

  /// Whether the equation holds.
  bool balance() const noexcept {
    return taken == delivered + refused + too_old + no_room + waiting;
  }
  friend bool operator==(const SpoolBooks&, const SpoolBooks&) noexcept = default;
};

/// Messages that wait until their peer can be reached, in a queue for each peer. What is put in is
/// delivered at least once, unless it is dropped, and every drop is counted: first goes what is too
/// old, then, while all together are too large, the oldest of the queue that holds most, so that
/// one peer that never comes back takes nothing from the others. Messages age while a process has
/// the spool open, whatever the time of day is set to. In a folder it survives the end of
/// the process, by whatever signal; what was under way then is sent again.
///
/// Thread-safe, with one thread that writes. A resource that outlives who puts in and who takes
/// out. Nobody waits for the disk but who asks for the oldest message of a queue.
class Spool {
 public:
  /// Told, from any thread, whether all that was put in before is kept as well as it can be: on the
  /// disk, or delivered or dropped meanwhile; in memory where there is no folder. Must not throw.
  using Then = std::function<void(bool kept)>;

  /// Opens the spool or begins one; makes the folder, but not the one it lies in. The clock
  /// outlives it. @throws Error{Configuration} with the folder or file: it cannot be used, another
  /// process has it, or a newer version of mPlane wrote it.
  Spool(SpoolOptions options, const Clock& clock);
  /// Writes what can be written; what can't is lost, and the log says so.
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// Puts a message in. Nothing happens when one with that key waits in its queue already.
  /// @param key names the message among those of its queue.
  void put(std::string_view queue, std::string url, std::string_view key, std::string body);
  /// Calls back once.
  void when_kept(Then then);

  /// The message of a queue whose turn it is; nothing when none waits, or the disk does not give
  /// it. It stays until one of the next four is said of it.
  std::optional<SpoolItem> next(std::string_view queue);
  /// The peer has it.
  void delivered(const SpoolItem& item);
  /// The peer will never take it.
  void refused(const SpoolItem& item);
  /// Not now: all others of its queue come first.
  void put_back(const SpoolItem& item);
  /// Not this, for some time: it is left out until its queue is brought back.
  void set_aside(const SpoolItem& item);
  /// What was set aside takes its turn again, behind what waits.
  void bring_back(std::string_view queue);

  /// Those with something in them.
  std::vector<std::string> queues() const;
  SpoolBooks books() const;
  /// Whether what waits survives the process.
  bool is_durable() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
