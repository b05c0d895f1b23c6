#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mplane {

/// Why a start ended the way it did. Each start that was due ends with exactly one of these; the
/// list is closed.
enum class Reason : std::uint8_t {
  // Done.
  Completed,   ///< the service returned a result
  ScopeEnded,  ///< it returned one when it was stopped at the end of its scope
  // Failed.
  ServiceFailed,  ///< the service said that it could not
  Abandoned,      ///< the service dropped the run without a word
  WrongResult,    ///< the service's result does not fit the specification
  // Interrupted.
  Interrupted,  ///< its owner stopped it
  ShutDown,     ///< it was stopped because the scheduler was
  // Lost.
  StopIgnored,  ///< it still ran when the scheduler had to go
  Crashed,      ///< it ran when the process died
  // Skipped.
  Overlap,                 ///< the run before it still went on
  InterruptedBeforeStart,  ///< its owner stopped it while it waited
  ShutDownBeforeStart,     ///< the scheduler was stopped while it waited
  // Missed.
  Late,         ///< its time passed while the process or the machine stood still
  ClockStep,    ///< its time was left out when the clock was set
  ScopePassed,  ///< its scope ended while it waited
  Down,         ///< its time passed while the process was not there
  // Refused.
  OwnerLimit,    ///< its owner's runs have no room
  ServiceLimit,  ///< its service's runs have no room
  RunLimit,      ///< all runs together have no room, or an exclusive one takes it
  WorkerLimit,   ///< no worker is free
  NotKept,       ///< the journal could not make its acceptance durable
};

inline constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::NotKept) + 1;

/// The part of the books that a reason belongs to.
enum class Ending : std::uint8_t { Done, Failed, Interrupted, Lost, Skipped, Missed, Refused };

/// Whether it is the end of a run, and not of a start that became none.
constexpr bool is_of_run(Ending ending) noexcept { return ending <= Ending::Lost; }

/// What a reason is called, and what it belongs to.
struct ReasonTraits {
  std::string_view name;  ///< for machines: "scope-ended"
  std::string_view text;  ///< for people: why the run is not there, as the end of a sentence
  Ending ending;
};

/// The one table of reasons.
ReasonTraits traits(Reason reason) noexcept;

/// The account of a specification's starts, or of all. At any moment
///
///     planned = started + skipped + missed + refused + waiting
///     started = done + failed + interrupted + lost + running
///
/// where planned are the starts that were due up to now. All but waiting and running only grow.
/// A value.
struct Books {
  std::uint64_t planned = 0;
  std::uint64_t started = 0;
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t interrupted = 0;
  std::uint64_t lost = 0;
  std::uint64_t running = 0;
  std::uint64_t skipped = 0;
  std::uint64_t missed = 0;
  std::uint64_t refused = 0;
  std::uint64_t waiting = 0;
  std::array<std::uint64_t, kReasons> reasons{};  ///< how many ended for each reason

  std::uint64_t count(Reason reason) const noexcept {
    return reasons[static_cast<std::size_t>(reason)];
  }
  /// Whether the equations hold, and the reasons add up to their endings.
  bool balance() const noexcept;

  // What happens to a start, in this order.
  /// It is due and waits.
  void wait(std::uint64_t starts = 1) noexcept;
  /// It waits no more: it runs.
  void start(std::uint64_t starts = 1) noexcept;
  /// It waits or runs no more, and ended so. An ending without a run is of one that waited.
  void end(Reason reason, std::uint64_t starts = 1) noexcept;

  /// The account of both.
  Books& operator+=(const Books& other) noexcept;

  friend bool operator==(const Books&, const Books&) noexcept = default;
};

}  // namespace mplane
