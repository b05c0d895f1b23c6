#pragma once

#include "mplane/client/client_listener.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/scheduler/service.hpp"

#include <compare>
#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace mplane::detail {

/// The components, and what they call what they were asked for.
using Members = std::set<std::pair<std::string, std::string>>;

/// Who was asked for which measurement, of the newest ones. Thread-safe.
class RoundMemory {
 public:
  static constexpr std::size_t kMost = 10'000;  ///< measurements
  static constexpr std::size_t kMostMembers =
      200'000;  ///< of all; the newest has as many as it has

  /// Notes who is asked for one, somebody at least; of a repeated one for its newest run.
  void put(const Owner& client, const std::string& composition, const Specification& asked,
           Members members) MPLANE_EXCLUDES(mutex_);
  /// Who was asked for one. @throws Error{Invalid} when it is not known, or not any more.
  Members find(const Owner& client, const std::string& composition, const std::string& token) const
      MPLANE_EXCLUDES(mutex_);

 private:
  /// A measurement: whose, of which composition, with which token.
  struct Key {
    Owner client;
    std::string composition;
    std::string token;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  void drop_oldest() MPLANE_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<Key, Members> rounds_ MPLANE_GUARDED_BY(mutex_);
  std::deque<Key> order_ MPLANE_GUARDED_BY(mutex_);    ///< in which they came
  std::size_t members_ MPLANE_GUARDED_BY(mutex_) = 0;  ///< of all
};

}  // namespace mplane::detail
