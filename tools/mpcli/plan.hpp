#pragma once

#include "mplane/client/foreseen_start.hpp"
#include "mplane/model/specification.hpp"
#include "rows.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace mplane {

/// The runs of a specification if it were sent now. A value.
struct Outlook {
  struct Run {
    Instant start;
    std::optional<Instant> end;  ///< nothing when it has none, or is a single time
    std::string in_its_way = {};
  };
  std::vector<Run> runs;  ///< the next ones
  /// How many there will be altogether; nothing when they have no end, or are too many to count.
  std::optional<std::size_t> count;

  /// Takes over what the component says of the same runs, if it does.
  void heed(const std::optional<std::vector<ForeseenStart>>& foreseen);
  /// A sentence about what is in their way.
  std::string remark() const;

  bool told = false;  ///< whether it did
};

/// What its scope alone says. @param most how many runs are listed. @throws Error{Malformed} for a
/// scope that has ended.
Outlook outlook_of(const Specification& specification, Instant now, std::size_t most);

/// Lines for people: what is measured where and when, and how often.
std::string heading_of(const Outlook& outlook, const Specification& specification,
                       const std::string& component);

/// The runs as rows: start, end, in-the-way.
void write_outlook(const Outlook& outlook, RowOutput& rows);

}  // namespace mplane
