#pragma once

#include "mplane/model/crontab.hpp"
#include "mplane/model/duration.hpp"
#include "mplane/model/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// Start and end of a scope, seen from a given now: instants, or `past` and `future` where open.
struct Interval {
  Time start;
  Time end;
  friend constexpr bool operator==(const Interval&, const Interval&) noexcept = default;
};

/// How long from now until a scope starts and ends (protocol, section 11).
struct TimerDelays {
  std::optional<Duration>
      start;                    ///< 0 when it has started; nothing when it has ended, or never does
  std::optional<Duration> end;  ///< nothing when it has ended, has no end or is a single time
  friend constexpr bool operator==(const TimerDelays&, const TimerDelays&) noexcept = default;
};

/// A temporal scope: when something can be, is to be, or was measured (protocol, section 3).
/// Immutable but for assignment.
///
///     when     = simple | repeated
///     simple   = time | range | range " / " duration
///     range    = time " ... " time | time " + " duration
///     repeated = "repeat " range (" / " duration | " cron " crontab) [" { " inner " }"]
///     inner    = "now" [" + " duration [" / " duration]]
class When {
 public:
  /// `past ... future`: no limit at all.
  When() noexcept;
  /// @throws Error{Malformed} naming the text and the place in it; also for a period of zero, an
  /// end that is before its start at whatever now, and what else is outside the grammar. One blank
  /// behind the last brace is read over: the Python SDK writes it.
  static When parse(std::string_view text);
  /// A single time.
  static When at(Time time) noexcept;
  /// From start to end. @throws Error{Malformed} when the end is before the start at whatever now.
  static When between(Time start, Time end);
  /// From start, so long. @throws Error{Malformed} unless whole seconds, 0 or more, or without end.
  static When lasting(Time start, Duration duration);
  /// This simple range with a period. @throws Error{Malformed} when it is none, or the period is
  /// not whole seconds, 1 or more.
  When every(Duration period) const;

  // What was written.
  Time start() const noexcept { return start_; }
  /// The end of `start ... end`.
  std::optional<Time> end() const noexcept { return end_; }
  /// The duration of `start + duration`; kWithoutEnd for `inf`.
  std::optional<Duration> duration() const noexcept { return duration_; }
  /// The period of a simple scope; of a repeated one the outer period, between starts of runs.
  std::optional<Duration> period() const noexcept { return period_; }
  /// The crontab of a repeated scope, or null.
  const Crontab* crontab() const noexcept { return crontab_ ? &*crontab_ : nullptr; }
  /// What each run of a repeated scope is, relative to its start: "now + 5s / 1s". Of a simple
  /// scope the scope itself.
  When inner() const noexcept;

  // Predicates, all of the outer range where a scope is repeated (protocol, section 11). A duration
  // without end ends at `future`.
  bool is_immediate() const noexcept;  ///< starts at `now`
  bool is_forever() const noexcept;    ///< ends at `future`
  bool is_future() const noexcept;     ///< `now ... future` or the single `future`
  bool is_past() const noexcept;       ///< `past ... now`
  bool is_infinite() const noexcept;   ///< `past ... future`
  bool is_definite() const noexcept;   ///< has only timestamps, and an end
  bool is_singleton() const noexcept;  ///< one time alone
  bool is_repeated() const noexcept { return repeated_; }

  // Seen from a given now.
  /// Start and end; of a single time both are that time. An end after the year 9999 is `future`. An
  /// end before its start (`now ... 2014-01-01`) is an interval that has ended and covers nothing.
  Interval interval(Instant now) const noexcept;
  /// End minus start; nothing when either is open.
  std::optional<Duration> length(Instant now) const noexcept;
  TimerDelays timer_delays(Instant now) const noexcept;
  /// 0 when `time` is inside (both ends belong to it), negative when before, positive when after:
  /// the distance to the nearer end, `Duration::min()` and `max()` where that is infinite.
  Duration distance(Time time, Instant now) const noexcept;
  bool contains(Time time, Instant now) const noexcept { return distance(time, now).count() == 0; }
  /// Whether a specification with this scope may follow from a capability with scope `capability`:
  /// both ends of this lie inside that, and the periods fit: without one there none here, with one
  /// there one at least as long here, of repeated scopes the inner ones.
  bool follows(const When& capability, Instant now) const noexcept;

  // Runs of a repeated scope. A grid is anchored at the start of the outer range; `past` as start
  // anchors it at `now`, the instant at which the scope began to apply. A run at the very end of
  // the outer range is one of them.
  /// The first start of a run at or after `from`, by computation. @param now what `now` in the
  /// scope means. Nothing when none is left, before the year 10000, or the scope is not repeated.
  std::optional<Instant> next_start(Instant from, Instant now) const noexcept;
  /// The next starts, at most `limit` of them.
  std::vector<Instant> starts(Instant from, Instant now, std::size_t limit) const;
  /// The definite scope of the run that starts then: the inner scope with `now` filled in.
  When run_at(Instant start) const noexcept;
  /// This scope with `now` filled in (`past` and `future` stay).
  /// @throws Error{Malformed} when that puts its end before its start: it has ended.
  When resolved(Instant now) const;
  /// The scope of an envelope of runs: the outer range as timestamps (`past` and `future` stay),
  /// the outer period, no `repeat`. @throws Error{Malformed} as `resolved`.
  When outer(Instant now) const;

  friend bool operator==(const When&, const When&) noexcept = default;

 private:
  friend class WhenReader;  // the grammar, in when_reader.cpp
  friend void append(std::string& out, const When& when);

  explicit When(Time start) noexcept : start_(start) {}
  bool has_no_end() const noexcept;
  std::optional<Duration> effective_period() const noexcept;

  Time start_;
  std::optional<Time> end_;
  std::optional<Duration> duration_;
  std::optional<Duration> period_;
  bool repeated_ = false;
  std::optional<Duration> inner_duration_;
  std::optional<Duration> inner_period_;
  std::optional<Crontab> crontab_;
};

/// Canonical text (protocol, section 3): reads back to an equal scope.
std::string to_string(const When& when);

/// Appends the same to `out`.
void append(std::string& out, const When& when);

}  // namespace mplane
