#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/message.hpp"
#include "mplane/session/identity.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_set>

namespace mplane {

/// The metadata in which a result says its `delivery_key`, if its registry has that element
/// (registry/mplane.json).
inline constexpr const char* kDeliveryId = "delivery.id";

/// What makes a message that is delivered at least once the same as one that came before, from the
/// same peer (protocol, section 8): the token of a result, which of a repeated specification names
/// the run, and the scope that it is about; the token and the words of an exception.
std::string delivery_key(const Message& message);

/// Tells messages that come again from new ones, of the newest so many. Thread-safe. In the flow:
/// where results arrive.
class Duplicates {
 public:
  explicit Duplicates(std::size_t remembered = 100'000) : remembered_(remembered) {}

  /// Whether the peer has not sent this message before. Remembers it.
  bool is_new(const Identity& peer, const Message& message);
  /// Forgets one that could not be dealt with, so that it is new when it comes again.
  void forget(const Identity& peer, const Message& message);

 private:
  const std::size_t remembered_;
  detail::Mutex mutex_;
  std::unordered_set<std::string> known_ MPLANE_GUARDED_BY(mutex_);
  std::deque<std::string> order_ MPLANE_GUARDED_BY(mutex_);  // in which they came
};

}  // namespace mplane
