#pragma once

#include "mplane/model/error.hpp"
#include "mplane/model/time.hpp"
#include "mplane/scheduler/books.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mplane {

/// What would become of a specification if it were submitted now. A value.
struct Plan {
  /// A start that would have to make way, and for what.
  struct Conflict {
    Instant start;      ///< of ours
    std::string label;  ///< of the capability whose run is in its way
    Instant other;      ///< when that one starts, or started
    Reason reason;      ///< what the start would wait, be skipped or be refused for
  };

  std::vector<Instant> starts = {};      ///< the next ones, with their slip
  std::vector<Conflict> conflicts = {};  ///< in the order of starts, one a start
  std::optional<Error> refusal = {};     ///< why it would be refused; then there is nothing else
};

/// One line of what a scheduler has to do and has done. A value.
struct JobStatus {
  enum class State : std::uint8_t { Planned, Waiting, Running, Ended };

  std::string owner;
  std::string token;
  std::string label;  ///< of the capability
  State state;
  Instant accepted;
  std::optional<Instant> next = {};  ///< start
  Books books = {};
  std::string capability = {};  ///< its token; empty of a job restored after its end
};

}  // namespace mplane
