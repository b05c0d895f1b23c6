#include "mplane/scheduler/books.hpp"

namespace mplane {
namespace {

constexpr std::array<ReasonTraits, kReasons> kTraits{{
    {"completed", "it completed", Ending::Done},
    {"scope-ended", "its scope ended", Ending::Done},
    {"service-failed", "the service failed", Ending::Failed},
    {"abandoned", "the service abandoned it", Ending::Failed},
    {"wrong-result", "the service's result does not fit the specification", Ending::Failed},
    {"interrupted", "it was interrupted", Ending::Interrupted},
    {"shut-down", "the component was shut down", Ending::Interrupted},
    {"stop-ignored", "it still ran when the component was shut down", Ending::Lost},
    {"crashed", "it ran when the component died", Ending::Lost},
    {"overlap", "the run before it still went on", Ending::Skipped},
    {"interrupted-before-start", "it was interrupted before it started", Ending::Skipped},
    {"shut-down-before-start", "the component was shut down before it started", Ending::Skipped},
    {"late", "its time passed while the component stood still", Ending::Missed},
    {"clock-step", "its time was left out when the clock was set", Ending::Missed},
    {"scope-passed", "its scope ended before it could start", Ending::Missed},
    {"down", "its time passed while the component was down", Ending::Missed},
    {"owner-limit", "no more runs of this client fit", Ending::Refused},
    {"service-limit", "no more runs of this service fit", Ending::Refused},
    {"run-limit", "no more runs fit", Ending::Refused},
    {"worker-limit", "no worker is free", Ending::Refused},
    {"not-kept", "it could not be written to the journal", Ending::Refused},
}};

std::uint64_t& counter(Books& books, Ending ending) noexcept {
  switch (ending) {
    case Ending::Done:
      return books.done;
    case Ending::Failed:
      return books.failed;
    case Ending::Interrupted:
      return books.interrupted;
    case Ending::Lost:
      return books.lost;
    case Ending::Skipped:
      return books.skipped;
    case Ending::Missed:
      return books.missed;
    case Ending::Refused:
      break;
  }
  return books.refused;
}

}  // namespace

ReasonTraits traits(Reason reason) noexcept { return kTraits[static_cast<std::size_t>(reason)]; }

bool Books::balance() const noexcept {
  Books sums;
  for (std::size_t i = 0; i < kReasons; ++i) counter(sums, kTraits[i].ending) += reasons[i];
  return planned == started + skipped + missed + refused + waiting &&
         started == done + failed + interrupted + lost + running && sums.done == done &&
         sums.failed == failed && sums.interrupted == interrupted && sums.lost == lost &&
         sums.skipped == skipped && sums.missed == missed && sums.refused == refused;
}

void Books::wait(std::uint64_t starts) noexcept {
  planned += starts;
  waiting += starts;
}

void Books::start(std::uint64_t starts) noexcept {
  waiting -= starts;
  started += starts;
  running += starts;
}

void Books::end(Reason reason, std::uint64_t starts) noexcept {
  const Ending ending = kTraits[static_cast<std::size_t>(reason)].ending;
  (is_of_run(ending) ? running : waiting) -= starts;
  counter(*this, ending) += starts;
  reasons[static_cast<std::size_t>(reason)] += starts;
}

Books& Books::operator+=(const Books& other) noexcept {
  planned += other.planned;
  started += other.started;
  done += other.done;
  failed += other.failed;
  interrupted += other.interrupted;
  lost += other.lost;
  running += other.running;
  skipped += other.skipped;
  missed += other.missed;
  refused += other.refused;
  waiting += other.waiting;
  for (std::size_t i = 0; i < kReasons; ++i) reasons[i] += other.reasons[i];
  return *this;
}

}  // namespace mplane
