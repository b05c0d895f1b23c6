#pragma once

#include "mplane/model/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mplane {

/// The six fields of a crontab scope, in UTC (protocol, section 3). It fires at every whole second
/// that all six fields match: unlike cron(8), day of month and day of week both have to. Immutable.
///
///     crontab = second " " minute " " hour " " day-of-month " " day-of-week " " month
///     field   = "*" | number | number "-" number | number *("," number)
///
/// One list outside the grammar is read: hours 0 to 59 in full, which the Python SDK writes for
/// `*`.
class Crontab {
 public:
  /// @throws Error{Malformed} naming the field and what is wrong with it.
  static Crontab parse(std::string_view text);

  /// The first instant at or after `from` that matches, by computation: a sparse crontab costs
  /// microseconds. Nothing when it never fires (31 February) or not before the year 10000.
  std::optional<Instant> next(Instant from) const noexcept;
  bool matches(Instant instant) const noexcept;

  friend bool operator==(const Crontab&, const Crontab&) noexcept = default;
  friend void append(std::string& out, const Crontab& crontab);

 private:
  friend class CrontabReader;  // the grammar

  Crontab() noexcept = default;
  std::optional<std::chrono::seconds> next_in_day(std::chrono::seconds from) const noexcept;
  std::uint64_t days_in(int year, unsigned month) const noexcept;
  bool ever_fires() const noexcept;

  // Bit n is set when n matches; a Sunday is 0, or 7, or both, as it was written.
  std::uint64_t seconds_ = 0;
  std::uint64_t minutes_ = 0;
  std::uint32_t hours_ = 0;
  std::uint32_t days_ = 0;
  std::uint16_t months_ = 0;
  std::uint8_t weekdays_ = 0;
};

/// Canonical text: `*` as the full list, every field a sorted list.
std::string to_string(const Crontab& crontab);

/// Appends the same to `out`.
void append(std::string& out, const Crontab& crontab);

}  // namespace mplane
