#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/message.hpp"
#include "mplane/session/identity.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
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

/// Sees to it that what is delivered at least once is dealt with once: knows the newest so many
/// messages. Thread-safe. In the flow: where results arrive.
class Duplicates {
 public:
  explicit Duplicates(std::size_t remembered = 100'000) : remembered_(remembered) {}

  /// Deals with a message unless the same one of this peer has been dealt with. If that throws, the
  /// message is new when it comes again. @throws whatever `deal` does; Error{Unavailable} while the
  /// same message is being dealt with, of which nobody knows yet how that ends.
  void once(const Identity& peer, const Message& message, const std::function<void()>& deal)
      MPLANE_EXCLUDES(mutex_);

  /// The same for what is dealt with later. @return what to call `end` with, once; nothing when it
  /// has been dealt with. @throws Error{Unavailable} while the same message is being dealt with.
  std::optional<std::string> begin(const Identity& peer, const Message& message)
      MPLANE_EXCLUDES(mutex_);
  void end(const std::string& begun, bool is_dealt_with) MPLANE_EXCLUDES(mutex_);

 private:
  const std::size_t remembered_;
  detail::Mutex mutex_;
  std::unordered_set<std::string> under_way_ MPLANE_GUARDED_BY(mutex_);
  std::unordered_set<std::string> known_ MPLANE_GUARDED_BY(mutex_);
  std::deque<std::string> order_ MPLANE_GUARDED_BY(mutex_);  // in which they came
};

}  // namespace mplane
