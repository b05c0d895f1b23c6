#pragma once

#include "mplane/model/result.hpp"
#include "mplane/probe/round_trip.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mplane {

/// What a run found when it started, and what its figures are worth therefore: the state of the
/// clock, and what ran beside it (RFC 7679 section 3.7 asks for the error with each report). How
/// late it started is the scheduler's to say. A value.
struct Conditions {
  bool clock_synchronized = false;                   ///< the kernel believes so (adjtimex)
  std::optional<std::uint64_t> clock_error_us = {};  ///< its bound
  std::optional<std::uint64_t> clock_error_estimated_us = {};  ///< its estimate
  std::optional<double> load = {};  ///< processes that want a processor, for each of them there is
  std::uint64_t runs_beside = 0;

  /// Reads them; a matter of microseconds.
  static Conditions now(std::size_t runs_beside);
};

/// Adds them to a result as metadata, as far as its registry has elements for them.
void annotate(Result& result, const Conditions& conditions);

/// Adds one thing to a result, if its registry has an element for it.
void annotate(Result& result, std::string_view element, const Value& value);

/// "kernel", "kernel-receive", "user", or "mixed" of counts by DelayStamps; empty of none.
std::string_view stamps_text(const std::array<std::uint32_t, 3>& stamps) noexcept;

}  // namespace mplane
