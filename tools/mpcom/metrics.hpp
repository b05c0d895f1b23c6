#pragma once

#include "mplane/component/status.hpp"
#include "mplane/probe/kernel_clock.hpp"
#include "mplane/session/tls.hpp"
#include "mplane/tools/metrics_page.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mplane {

/// What a component's metrics are made of. A value.
struct Measures {
  ComponentStatus component = {};
  std::vector<TlsEnding> endings = {};
  std::optional<KernelClock> clock = {};
  double resident_bytes = 0;
  double cpu_seconds = 0;
};

/// Puts the metrics on a page.
void add_metrics(MetricsPage& page, const Measures& measures);
/// The metrics as a page in OpenMetrics' text form.
std::string metrics_page(const Measures& measures);

}  // namespace mplane
