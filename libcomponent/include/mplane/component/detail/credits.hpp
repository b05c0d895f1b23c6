#pragma once

#include "mplane/component/credits.hpp"
#include "mplane/component/detail/hourly_count.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/scheduler/service.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mplane::detail {

/// Keeps account of what clients have had, and refuses what is more. Thread-safe. In the flow:
/// asked by the scheduler, before it plans a specification and before each run.
class Credits {
 public:
  /// So many clients are told apart; those beyond share what one may have.
  static constexpr std::size_t kClients = 4096;

  /// The clock outlives it.
  Credits(CreditOptions options, const Clock& clock);

  /// Has the client's specifications and runs of a service looked at, if anybody's are limited.
  /// `this` outlives the service's jobs.
  Service limited(Service service);

  /// Counts a specification, until that is given back. @param packets of one run; nothing when it
  /// has no end. @throws Error{TooMany} naming the limit, what is used, and when there is room.
  Admission admit(const Owner& client, const Specification& specification,
                  std::optional<std::uint64_t> packets) MPLANE_EXCLUDES(mutex_);
  /// Counts the packets of a run that is about to start. @throws the same.
  void charge(const Owner& client, std::optional<std::uint64_t> packets) MPLANE_EXCLUDES(mutex_);

 private:
  struct Account {
    HourlyCount specifications = {};
    HourlyCount packets = {};
  };

  const Credit* find(std::string_view client) const noexcept;
  bool counts_packets(std::string_view client) const noexcept;
  Packets cost_of(const Service& service) const;
  const Owner& holder(const Owner& client) MPLANE_REQUIRES(mutex_);
  void give_back(const Owner& holder, HourlyCount::Time then) MPLANE_EXCLUDES(mutex_);
  void check_packets(Account& account, const Credit& credit, const Owner& client,
                     std::optional<std::uint64_t> packets, bool starts_now) const
      MPLANE_REQUIRES(mutex_);

  const CreditOptions options_;
  const Clock& clock_;
  Mutex mutex_;
  std::map<Owner, Account, std::less<>> accounts_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
