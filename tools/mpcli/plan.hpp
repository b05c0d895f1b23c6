#pragma once

#include "mplane/model/specification.hpp"
#include "rows.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace mplane {

/// The runs of a specification if it were sent now, computed from its scope alone. A value.
struct Outlook {
  struct Run {
    Instant start;
    std::optional<Instant> end;  ///< nothing when it has none, or is a single time
  };
  std::vector<Run> runs;  ///< the next ones
  /// How many there will be altogether; nothing when they have no end, or are too many to count.
  std::optional<std::size_t> count;
};

/// @param most how many runs are listed. @throws Error{Malformed} for a scope that has ended.
Outlook outlook_of(const Specification& specification, Instant now, std::size_t most);

/// Lines for people: what is measured where and when, and how often.
std::string heading_of(const Outlook& outlook, const Specification& specification,
                       const std::string& component);

/// The runs as rows: start, end.
void write_outlook(const Outlook& outlook, RowOutput& rows);

}  // namespace mplane
