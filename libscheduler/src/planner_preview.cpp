#include "planner.hpp"
#include "preview.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::size_t kMostRuns = 1000;      // that are looked at of one other job
constexpr std::size_t kMostOfAll = 100'000;  // and of all others

JobStatus::State state_of(const Job& job) {
  if (job.ended) return JobStatus::State::Ended;
  const Books books = job.books();
  if (books.running > 0) return JobStatus::State::Running;
  return books.waiting > 0 ? JobStatus::State::Waiting : JobStatus::State::Planned;
}

/// A job's runs that are under way.
std::vector<Span> runs_under_way(const Job& job, const Now& now) {
  std::vector<Span> runs;
  if (!job.is_busy()) return runs;
  for (const auto& execution : job.course().executions) {
    const auto end = job.schedule.end(job.specification, now);
    const auto left = end ? -std::chrono::floor<Duration>(end->lateness(now)) : Duration::max();
    const Instant since =
        execution->state == Execution::State::Running ? execution->started.wall : now.wall;
    runs.push_back({since, end ? now.wall + left : Instant::max()});
  }
  return runs;
}

/// Another job, as it was when it was looked at.
struct Other {
  Occupant occupant;  ///< with the runs that were under way
  Specification specification;
  Schedule schedule;
};

/// With the runs to come, up to a time. That takes its time, for which nothing should wait.
std::vector<Occupant> with_runs_to_come(std::vector<Other> others, const Now& now, Instant until) {
  std::vector<Occupant> occupants;
  std::size_t left = kMostOfAll;
  for (Other& other : others) {
    auto& runs = other.occupant.runs;
    const auto planned =
        next_runs(other.specification, other.schedule, now, std::min(kMostRuns, left), until);
    left -= planned.size();
    runs.insert(runs.end(), planned.begin(), planned.end());
    occupants.push_back(std::move(other.occupant));
  }
  return occupants;
}

}  // namespace

Plan Planner::preview(const std::string& owner, const Specification& specification,
                      const Offer& offer, std::size_t starts) const {
  const ServicePolicy& policy = offer.service.policy;
  const Now at = now();
  const Wishes wishes = wishes_of(specification, policy);
  const Schedule schedule(specification, at, slip(owner, specification.token(), wishes.slip));
  const auto runs = next_runs(specification, schedule, at, starts);
  const Instant until = runs.empty() ? at.wall : runs.back().end;
  std::vector<Other> others;
  {
    const BriefLock lock(mutex_);
    check_admission(owner, find_account(owner), offer);
    for (const auto& [name, account] : accounts_) {
      for (const JobPointer& job : account.jobs) {
        if (job->ended || job->is_expected()) continue;  // of whose service nothing is known
        const bool exclusive = policy.job_class == JobClass::Exclusive ||
                               job->offer->service.policy.job_class == JobClass::Exclusive;
        const bool same_service = job->offer.get() == &offer && policy.max_running != kNoLimit;
        if (!exclusive && !same_service) continue;
        others.push_back({{job->offer->service.capability.label(), runs_under_way(*job, at),
                           exclusive, same_service},
                          job->specification,
                          job->schedule});
      }
    }
  }
  Plan plan;
  for (const Span& run : runs) plan.starts.push_back(run.start);
  plan.conflicts = conflicts(runs, offer.service.capability.label(), policy, wishes.overlap,
                             with_runs_to_come(std::move(others), at, until));
  return plan;
}

std::vector<JobStatus> Planner::jobs() const {
  const BriefLock lock(mutex_);
  std::vector<JobStatus> all;
  for (const auto& [owner, account] : accounts_) {
    for (const JobPointer& job : account.jobs) {
      const std::string& label = job->specification.label();
      all.push_back({owner, std::string(job->token()), label, state_of(*job),
                     job->schedule.accepted(), job->schedule.next(), job->books(),
                     job->offer == nullptr ? "" : job->offer->service.capability.token()});
    }
  }
  std::sort(all.begin(), all.end(), [](const JobStatus& a, const JobStatus& b) {
    return std::tie(a.owner, a.token) < std::tie(b.owner, b.token);
  });
  return all;
}

}  // namespace mplane::detail
