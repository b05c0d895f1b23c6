#pragma once

#include "mplane/model/element.hpp"
#include "mplane/model/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mplane {

/// A metric's label, as Prometheus allows it, and as a terminal may show it.
std::pair<std::string, std::string> label_of(std::string_view name, std::string_view value);

/// What an element is as a metric, in Prometheus' base units: "delay.twoway.icmp.us.min" is
/// "mplane_delay_twoway_icmp_min_seconds", its value divided by a million.
struct Metric {
  std::string name;
  std::string help;
  double divisor = 1;
};
Metric metric_of(const Element& element);

/// A value as a number: booleans are 0 and 1, times seconds since 1970. Nothing for no value, and
/// for what is no number.
std::optional<double> number_of(const Value& value);

}  // namespace mplane
