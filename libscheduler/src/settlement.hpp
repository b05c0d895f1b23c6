#pragma once

#include "agenda.hpp"
#include "mplane/model/message.hpp"
#include "mplane/scheduler/books.hpp"
#include "mplane/scheduler/service.hpp"

#include <cstddef>
#include <memory>

namespace mplane::detail {

/// What a service delivered, made fit to be sent: the last of the four checks.
struct Settlement {
  Reason reason;  ///< as seen from the outcome alone
  std::shared_ptr<const Message> message;
  std::size_t bytes;  ///< about what it takes in memory
};

/// Gives a result its token and a definite scope, from `started` to `now` where the service did not
/// say; turns one that does not fit into an exception, and gives exceptions the token.
Settlement settle(Outcome outcome, const Specification& specification, Instant started,
                  Instant now);

/// One that was settled before.
Settlement settle(const Message& outcome);

/// The end of a start that never became a run.
Settlement settle(Reason reason, const Specification& specification);

}  // namespace mplane::detail
