#include "preview.hpp"

#include <algorithm>

namespace mplane::detail {
namespace {

/// When a run ends that starts then, put off by a slip.
Instant end_of_run(const When& when, Instant start, Duration slip) {
  const When run = when.inner();
  if (run.is_singleton()) return start;
  if (!when.is_repeated() && run.start().is_definite()) {
    const Time end = run.interval(start).end;
    return end.is_definite() ? std::max(start, end.instant() + slip) : Instant::max();
  }
  const auto length = run.length(start);
  return length ? start + *length : Instant::max();
}

/// Whether the service's runs at that time leave no room for one more; then the first of them.
const Span* find_full(const Span& run, std::size_t limit, const std::vector<Occupant>& others,
                      const std::string*& label) {
  const Span* met = nullptr;
  std::size_t count = 0;
  for (const Occupant& other : others) {
    if (!other.same_service) continue;
    for (const Span& span : other.runs) {
      if (!run.meets(span)) continue;
      ++count;
      if (met != nullptr && met->start <= span.start) continue;
      met = &span;
      label = &other.label;
    }
  }
  return count >= limit ? met : nullptr;
}

const Span* find_exclusive(const Span& run, const std::vector<Occupant>& others,
                           const std::string*& label) {
  for (const Occupant& other : others) {
    if (!other.exclusive) continue;
    const auto met = std::find_if(other.runs.begin(), other.runs.end(),
                                  [&run](const Span& span) { return run.meets(span); });
    if (met == other.runs.end()) continue;
    label = &other.label;
    return &*met;
  }
  return nullptr;
}

/// When a run ends that waits until then.
Instant after(Instant then, const Span& run) {
  const Duration length = run.end - run.start;  // of one that never ends the longest there is
  return length > Instant::max() - then ? Instant::max() : then + length;
}

}  // namespace

std::vector<Span> next_runs(const Specification& specification, Schedule schedule, const Now& now,
                            std::size_t most, Instant until) {
  std::vector<Span> runs;
  while (schedule.next() && runs.size() < most) {
    const Instant start = now.wall - std::chrono::floor<Duration>(schedule.due().lateness(now));
    if (start > until) break;
    runs.push_back({start, end_of_run(specification.when(), start, schedule.slip())});
    schedule.advance(specification.when());
  }
  return runs;
}

std::vector<Plan::Conflict> conflicts(const std::vector<Span>& runs, const std::string& label,
                                      const ServicePolicy& policy, const Overlap overlap,
                                      const std::vector<Occupant>& others) {
  std::vector<Plan::Conflict> found;
  Span before{Instant::min(), Instant::min()};  // the last one that would run
  for (const Span& run : runs) {
    const std::string* other = &label;
    const bool overlaps = overlap != Overlap::Parallel && run.start < before.end;
    if (overlaps) {
      found.push_back({run.start, label, before.start, Reason::Overlap});
      if (overlap == Overlap::Queue) before = {run.start, after(before.end, run)};
      continue;
    }
    before = run;
    if (const Span* const met = find_exclusive(run, others, other)) {
      found.push_back({run.start, *other, met->start, Reason::RunLimit});
    } else if (const Span* const full = find_full(run, policy.max_running, others, other)) {
      found.push_back({run.start, *other, full->start, Reason::ServiceLimit});
    }
  }
  return found;
}

}  // namespace mplane::detail
