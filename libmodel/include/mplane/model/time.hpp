#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace mplane {

/// A length of time, in whole microseconds.
using Duration = std::chrono::microseconds;

/// A point in time: UTC, whole microseconds since 1970, without leap seconds, years 1 to 9999.
using Instant = std::chrono::time_point<std::chrono::system_clock, Duration>;

/// How much of a time its text shows; the rest is cut off, never rounded (protocol, section 11).
enum class Precision : std::uint8_t { Microseconds, Seconds, Minutes, Days };

/// A value of primitive `time`: an instant, or one of the words `past`, `now` and `future`.
/// Ordered as instants, with `past` before and `future` after all of them; `now` has to be resolved
/// (`at`) before it can be ordered against anything but itself. Eight bytes. Immutable.
class Time {
 public:
  static constexpr Time past() noexcept { return Time(kPast); }
  static constexpr Time now() noexcept { return Time(kNow); }
  static constexpr Time future() noexcept { return Time(kFuture); }
  constexpr Time(Instant instant) noexcept  // NOLINT(google-explicit-constructor): a time is one
      : ticks_(instant.time_since_epoch().count()) {}

  /// `YYYY-MM-DD[ HH:MM[:SS[.f…]]]` (one to nine fraction digits, cut to six) or a word.
  /// @throws Error{Malformed} naming the text; also for second 60: there are no leap seconds here.
  static Time parse(std::string_view text);

  constexpr bool is_past() const noexcept { return ticks_ == kPast; }
  constexpr bool is_now() const noexcept { return ticks_ == kNow; }
  constexpr bool is_future() const noexcept { return ticks_ == kFuture; }
  /// Whether this is an instant rather than a word.
  constexpr bool is_definite() const noexcept { return !is_past() && !is_now() && !is_future(); }

  /// The instant. Only of a definite time.
  constexpr Instant instant() const noexcept { return Instant(Duration(ticks_)); }

  /// This time, with `now` replaced by an instant.
  constexpr Time at(Instant now) const noexcept { return is_now() ? Time(now) : *this; }

  friend constexpr bool operator==(Time, Time) noexcept = default;
  friend constexpr std::strong_ordering operator<=>(Time a, Time b) noexcept {
    return a.ticks_ <=> b.ticks_;
  }

 private:
  static constexpr std::int64_t kPast = INT64_MIN;
  static constexpr std::int64_t kNow = INT64_MIN + 1;  // sorts beside past; resolve it first
  static constexpr std::int64_t kFuture = INT64_MAX;

  explicit constexpr Time(std::int64_t ticks) noexcept : ticks_(ticks) {}

  std::int64_t ticks_;
};

/// `YYYY-MM-DD HH:MM:SS.ffffff`, cut to the precision, or the word. An instant outside the years 1
/// to 9999 is shown as the nearest inside.
std::string to_string(Time time, Precision precision = Precision::Microseconds);

/// Appends the same to `out`: the form for many values.
void append(std::string& out, Time time);

}  // namespace mplane
