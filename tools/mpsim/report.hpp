#pragma once

#include "tally.hpp"

#include <cstddef>
#include <string>

namespace mplane {

/// What a fleet saw.
struct Report {
  std::size_t components = 0;
  std::size_t workers = 0;
  Tally tally = {};

  /// From the first connection to the last first registration.
  std::chrono::duration<double> took() const noexcept;
  /// Registrations a second meanwhile; 0 without any.
  double per_second() const noexcept;
};

/// For people, a line each.
std::string to_text(const Report& report);
/// A JSON object on one line; times in microseconds but for `registered-after` in seconds.
std::string to_json(const Report& report);
/// 0 all registered, 6 some, 3 none though they were heard, 5 none was heard.
int exit_code(const Report& report) noexcept;

}  // namespace mplane
