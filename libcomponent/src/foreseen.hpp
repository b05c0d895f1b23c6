#pragma once

#include "mplane/model/message.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/scheduler/plan.hpp"

#include <functional>
#include <string_view>

namespace mplane::detail {

/// A plan as a message (protocol, section 7): an envelope that has for each start a message with
/// the token of that run, which is a receipt, or the exception that says what is in the way.
/// @param may_know whether the peer may be told of the capability with that label.
Envelope foreseen(const Specification& specification, const Plan& plan,
                  const std::function<bool(std::string_view)>& may_know);

}  // namespace mplane::detail
