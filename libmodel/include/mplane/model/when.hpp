#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mplane/model/crontab.hpp"
#include "mplane/model/duration.hpp"
#include "mplane/model/time.hpp"

namespace mplane {

/// Start and end of a scope, seen from a given now: instants, or `past` and `future` where open.
struct Interval {
  Time start;
  Time end;
  friend constexpr bool operator==(const Interval&, const Interval&) noexcept = default;
};

/// How long from now until a scope starts and ends (protocol, section 11).
struct TimerDelays {
  std::optional<Duration> start;  ///< 0 when it has started; nothing when it has ended
  std::optional<Duration> end;    ///< nothing when it has ended, is without end or a single time
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
  /// end before its start where both are definite, and whatever else is outside the grammar.
  static When parse(std::string_view text);
  /// A single time.
  static When at(Time time);
  /// From start to end. @throws Error{Malformed} when both are definite and reversed.
  static When between(Time start, Time end);
  /// From start, so long. @throws Error{Malformed} when negative.
  static When lasting(Time start, Duration duration);
  /// This range with a period. @throws Error{Malformed} when it is no range, or the period not > 0.
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
  const Crontab* crontab() const noexcept { return crontab_.get(); }
  /// What each run of a repeated scope is, relative to its start: "now + 5s / 1s". Of a simple
  /// scope the scope itself.
  When inner() const;

  // Predicates, all of the outer range where a scope is repeated (protocol, section 11).
  bool is_immediate() const noexcept;  ///< starts at `now`
  bool is_forever() const noexcept;    ///< ends at `future`
  bool is_future() const noexcept;     ///< `now ... future` or the single `future`
  bool is_past() const noexcept;       ///< `past ... now` or the single `past`
  bool is_infinite() const noexcept;   ///< `past ... future`
  bool is_definite() const noexcept;   ///< has only timestamps
  bool is_singleton() const noexcept;  ///< one time alone
  bool is_repeated() const noexcept { return repeated_; }

  // Seen from a given now.
  /// Start and end; of a single time both are that time.
  Interval interval(Instant now) const noexcept;
  /// End minus start; nothing when either is open.
  std::optional<Duration> length(Instant now) const noexcept;
  TimerDelays timer_delays(Instant now) const noexcept;
  /// 0 when `time` is inside (both ends belong to it), negative when before, positive when after:
  /// the distance to the nearer end, `Duration::min()` and `max()` where that is infinite.
  Duration distance(Time time, Instant now) const noexcept;
  bool contains(Time time, Instant now) const noexcept { return distance(time, now).count() == 0; }
  /// Whether a specification with this scope may follow from a capability with scope `capability`:
  /// every instant of this lies inside that, and the periods fit.
  bool follows(const When& capability, Instant now) const noexcept;

  // Runs of a repeated scope. A grid is anchored at the start of the outer range; `past` as start
  // anchors it at `now`, the instant at which the scope began to apply.
  /// The first start of a run at or after `from`. @param now what `now` in the scope means.
  std::optional<Instant> next_start(Instant from, Instant now) const noexcept;
  /// The next starts, at most `limit` of them.
  std::vector<Instant> starts(Instant from, Instant now, std::size_t limit) const;
  /// The definite scope of the run that starts then: the inner scope with `now` filled in.
  When run_at(Instant start) const;
  /// This scope with `now` filled in (`past` and `future` stay).
  When resolved(Instant now) const;
  /// The scope of an envelope of runs: the outer range resolved, the outer period, no `repeat`.
  When outer(Instant now) const;

  friend bool operator==(const When& a, const When& b) noexcept;

 private:
  friend class WhenReader;  // the grammar, in when_reader.cpp

  Time start_;
  std::optional<Time> end_;
  std::optional<Duration> duration_;
  std::optional<Duration> period_;
  bool repeated_ = false;
  std::optional<Duration> inner_duration_;
  std::optional<Duration> inner_period_;
  std::shared_ptr<const Crontab> crontab_;
};

/// Canonical text (protocol, section 3): reads back to an equal scope.
std::string to_string(const When& when);
void append(std::string& out, const When& when);

}  // namespace mplane
