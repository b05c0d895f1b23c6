#pragma once

#include "mplane/client/client_listener.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"

#include <functional>
#include <stop_token>
#include <variant>

namespace mplane::detail {

/// What a component answered in the end: its result, or why there is none.
using Answer = std::variant<Result, Exception>;

/// What a component is asked when its supervisor is asked that: for its own capability, with the
/// values of the parameters both have, and a token that nobody else knows. A scope that a component
/// can only start now is asked from now on, since the question takes its time to get there.
/// @throws Error{Invalid} when the component does not take it, saying why.
Specification question_for(const Capability& capability, const Specification& asked, Instant now);

/// Asks one component. Calls back once, from any thread, also before it returns: with what came of
/// it; after `stop` at the latest when the component had so much time to end it.
/// @throws Error{TooMany, Unknown} as ClientListener::submit; then it does not call back.
void ask(ClientListener& below, const std::string& component, const Specification& question,
         const std::stop_token& stop, Duration patience, std::function<void(Answer)> done);

}  // namespace mplane::detail
