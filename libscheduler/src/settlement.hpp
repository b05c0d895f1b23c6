#pragma once

#include "agenda.hpp"
#include "mplane/model/message.hpp"
#include "mplane/scheduler/books.hpp"
#include "mplane/scheduler/service.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace mplane::detail {

/// What a service delivered, made fit to be sent: the last of the four checks.
struct Settlement {
  Reason reason;  ///< as seen from the outcome alone
  std::shared_ptr<const Message> message;
  std::size_t bytes;  ///< about what it takes in memory
};

/// The elements of registry/mplane.json by which a result speaks of its run.
inline constexpr std::string_view kCutShort = "schedule.cut-short";
inline constexpr std::string_view kPlanned = "schedule.planned";
inline constexpr std::string_view kLateness = "schedule.lateness.us";

/// What a result says of its run beside what was measured, if its registry has elements for it.
struct Marks {
  std::optional<Reason> cut_short = {};
  std::optional<Instant> planned = {};
  std::chrono::nanoseconds late{0};  ///< with `planned`
};

/// Gives a result its token and a definite scope, from `started` to `now` where the service did not
/// say; turns one that does not fit into an exception, and gives exceptions the token.
Settlement settle(Outcome outcome, const Specification& specification, Instant started, Instant now,
                  const Marks& marks = {});

/// One that was settled before.
Settlement settle(const Message& outcome);

/// The end of a start that never became a run.
Settlement settle(Reason reason, const Specification& specification);

}  // namespace mplane::detail
