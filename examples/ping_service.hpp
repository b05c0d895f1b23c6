#pragma once

#include <stop_token>

#include <mplane/model.hpp>

namespace example {

/// What is measured: round-trip delay by ICMP echo, a packet each second or less often.
mplane::Capability ping_capability(const mplane::Registry& registry);

/// Measures it. A plain function from specification to result, which needs no network to be called:
/// from a test, a thread, or by a component.
mplane::Result run_ping(const mplane::Specification& specification, std::stop_token stop);

}  // namespace example
