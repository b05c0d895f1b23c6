#pragma once

#include "agenda.hpp"
#include "firings.hpp"
#include "mplane/model/specification.hpp"

#include <cstdint>
#include <optional>

namespace mplane::detail {

/// When the runs of one specification start: the place up to which its scope has been worked off.
/// A simple scope has one start. Starts are named by their nominal instant, the one that the scope
/// says; starts relative to the acceptance are due on the steady clock, timestamps and crontabs on
/// the wall's. Each start is given out once, whatever the clock does. A value.
class Schedule {
 public:
  /// @param slip is added to starts that are not at once.
  /// @throws Error{Invalid} when the scope has ended, or never starts.
  Schedule(const Specification& specification, const Now& accepted, Duration slip);

  /// Goes on with one that was accepted then, before the process started, from a start on.
  static Schedule resume(const Specification& specification, Instant accepted,
                         std::optional<Instant> next, const Now& now, Duration slip);

  /// The same for one that is not repeated, from its start on, though that was begun.
  static Schedule begin_again(const Specification& specification, Instant accepted, const Now& now,
                              Duration slip);

  bool is_repeated() const noexcept { return repeated_; }
  /// When it was accepted: what `now` in its scope means.
  Instant accepted() const noexcept { return accepted_.wall; }
  /// The nominal instant of the next start, if there is one.
  std::optional<Instant> next() const noexcept;
  /// By how much starts are put off, and the ends of absolute scopes with them.
  Duration slip() const noexcept { return slip_; }
  /// When the next start is due. Only if there is one.
  Due due() const noexcept { return due(next_); }
  /// When a start is, or was, due.
  Due due(Instant nominal) const noexcept;

  /// Goes on to the start after the next.
  void advance(const When& when) noexcept;
  struct Passed {
    std::uint64_t count = 0;
    Instant last{};  // nominal; only if there were any
  };
  /// Leaves out all starts that are more than `tolerance` late.
  Passed skip_late(const When& when, const Now& now, Duration tolerance) noexcept;
  /// Leaves out all there are.
  void finish() noexcept { next_ = kNone; }

  /// What the run that starts there is: of a repeated scope the inner one, definite.
  Specification run(const Specification& specification, Instant nominal, const Now& now) const;
  /// When the scope of a run that starts now ends; nothing when that is open, or a single time.
  std::optional<Due> end(const Specification& specification, const Now& now) const noexcept;

 private:
  static constexpr Instant kNone = Instant::max();

  Schedule(const Specification& specification, const Now& accepted) noexcept;

  /// The starts that are late, if the next is by so much: counted, not gone through.
  Firings late_starts(const When& when, Duration late) const noexcept;
  std::optional<Due> end_of_simple(const When& when, const Now& now) const noexcept;

  Now accepted_;
  Instant next_ = kNone;
  Duration slip_{0};
  bool repeated_ = false;
  bool relative_ = false;
};

/// Whether a specification is about what already is, and so runs at once over any scope.
bool runs_at_once(const Specification& specification) noexcept;

}  // namespace mplane::detail
