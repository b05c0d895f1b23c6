#pragma once

#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/probes/ping/report.hpp"

namespace mplane {

/// Puts a report into the columns that a specification asks for: one row of statistics, or, where
/// there is a column `time`, a row for each packet, without a delay for those that were lost. The
/// scope is from the start of the first packet to the start of the last one.
Result make_ping_result(const Specification& specification, const PingReport& report);

}  // namespace mplane
