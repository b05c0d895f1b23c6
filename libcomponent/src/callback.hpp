#pragma once

#include "mplane/component/supervisor_options.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/model/specification.hpp"

#include <optional>

namespace mplane::detail {

/// The capability by which a component lets a supervisor say when to come back (protocol, section
/// 8). Not for `CallbackForm::None`.
Capability callback_capability(const Registry& registry, CallbackForm form);

/// Whether a specification says when to come back, in either form.
bool is_callback(const Specification& specification);

/// When: at the start of its scope, or, if that is now or has passed, at its end, which is what the
/// old SDK means. Nothing for a scope that says neither. At most a day from now.
std::optional<Instant> next_poll(const Specification& callback, Instant now);

}  // namespace mplane::detail
