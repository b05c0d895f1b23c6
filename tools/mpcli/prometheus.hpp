#pragma once

#include "mplane/model/element.hpp"
#include "mplane/model/value.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {

/// Names and values of a metric's labels, in the order in which they are written.
using Labels = std::vector<std::pair<std::string, std::string>>;

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

/// Metrics in Prometheus' text format. One thread at a time.
class Exposition {
 public:
  /// What samples have in common.
  struct Family {
    std::string name;
    std::string type;  ///< "gauge", "summary"
    std::string help;
  };

  /// A sample; one with the same name and labels that was there is replaced.
  /// @param suffix behind the family's name, as "_count".
  void add(const Family& family, double value, const Labels& labels, std::string_view suffix = {});
  /// All of it, families in order of their names.
  std::string to_string() const;

 private:
  struct Entry {
    Family family;
    std::map<std::string, double> samples;  // by name and labels
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace mplane
