#pragma once

/// The information model: what is said. Values only; no I/O, no threads, no clock.
///
/// A component offers, a client asks, the component answers:
///
///     const auto registry = Registry::core();                       // what names mean
///     const auto capability = Capability::measure("ping").when("now ... future / 1s")
///                                 .parameter("destination.ip4").result("delay.twoway.icmp.us")
///                                 .build(registry);
///     const auto specification = capability.specify("now + 3s / 1s")
///                                    .set("destination.ip4", "192.0.2.1").build();
///     const auto result = Result(specification).measured(first, last)
///                             .row({{"delay.twoway.icmp.us", 417}});
///
/// Between them go bytes: `encode(message)` on one side, on the other `decode(bytes, registry)`,
/// which gives a `Message` (ask it with `find<Result>()`), or `decode_as<Result>`.

#include "mplane/model/address.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/capability_index.hpp"
#include "mplane/model/column.hpp"
#include "mplane/model/constraint.hpp"
#include "mplane/model/crontab.hpp"
#include "mplane/model/duration.hpp"
#include "mplane/model/element.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/notification.hpp"
#include "mplane/model/primitive.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/schema.hpp"
#include "mplane/model/setting_duration.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/model/statement.hpp"
#include "mplane/model/time.hpp"
#include "mplane/model/uri.hpp"
#include "mplane/model/value.hpp"
#include "mplane/model/when.hpp"
