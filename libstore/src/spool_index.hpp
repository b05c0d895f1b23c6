#pragma once

#include "mplane/model/time.hpp"
#include "mplane/store/spool.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace mplane::detail {

/// A message that waits, as far as it has to be in memory.
struct SpoolEntry {
  std::string queue;
  std::string url;
  std::string key;
  Duration since{};  ///< by the store's time
  std::size_t bytes = 0;
  std::shared_ptr<const std::string> body = {};  ///< null when the file has it
};

/// What waits in a spool, in which order, and what has to make way. Knows no file. One thread at a
/// time.
class SpoolIndex {
 public:
  using Id = std::uint64_t;
  enum class Why : std::uint8_t { Delivered, Refused, TooOld, NoRoom };

  SpoolIndex(std::size_t max_bytes, Duration max_age) : max_bytes_(max_bytes), max_age_(max_age) {}

  /// Puts an entry at the end of its queue. @return whether it is new there.
  bool add(Id id, SpoolEntry entry);
  /// Takes one away and counts it. @return whether it was there.
  bool remove(Id id, Why why);
  /// Moves one behind all others of its queue.
  void put_back(Id id);
  /// Leaves one out of the turns until all those of its queue are brought back.
  void set_aside(Id id);
  void bring_back(std::string_view queue);

  /// Which have to go now, for the one reason or the other; the caller removes them.
  std::vector<Id> too_old(Duration now) const;
  std::optional<Id> surplus() const;

  std::optional<Id> first(std::string_view queue) const;
  SpoolEntry* find(Id id);
  std::vector<std::string> queues() const;
  const SpoolBooks& books() const noexcept { return books_; }

 private:
  struct Queue {
    std::set<std::pair<std::uint64_t, Id>> turns;  // which turn, of which message
    std::set<Id> ids;                              // the oldest first
    std::vector<Id> aside;                         // some may have gone meanwhile
    std::size_t bytes = 0;
  };
  struct Held {
    SpoolEntry entry;
    std::uint64_t turn;
  };

  static std::string known_by(const SpoolEntry& entry) { return entry.queue + '\n' + entry.key; }

  const std::size_t max_bytes_;
  const Duration max_age_;
  std::map<Id, Held> entries_;
  std::map<std::string, Queue, std::less<>> queues_;
  std::unordered_set<std::string> keys_;
  std::uint64_t turns_ = 0;
  SpoolBooks books_;
};

}  // namespace mplane::detail
