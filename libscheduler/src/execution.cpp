#include "execution.hpp"

#include "job.hpp"
#include "offer.hpp"
#include "planner.hpp"

namespace mplane::detail {

RunName Execution::name() const {
  if (!job->offer->service.policy.resumes) return {};
  const auto number = [](const Instant time) {
    return std::to_string(time.time_since_epoch().count());
  };
  return {number(job->schedule.accepted()) + "\n" + number(nominal) + "\n" +
              std::string(job->token()) + "\n" + job->account.owner,
          nominal};
}

}  // namespace mplane::detail
