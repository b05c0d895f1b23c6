#include "gate.hpp"

#include <algorithm>

namespace mplane::detail {

bool Gate::enter(Execution& execution, JobClass job_class) {
  const bool background = job_class == JobClass::Background;
  const bool others_wait = !first_.empty() || (background && !last_.empty());
  if (!others_wait && has_room_for(job_class)) {
    let_in(job_class);
    return true;
  }
  (background ? last_ : first_).push_back({&execution, job_class});
  return false;
}

void Gate::leave(JobClass job_class) noexcept {
  --inside_;
  if (job_class == JobClass::Exclusive) exclusive_inside_ = false;
}

Execution* Gate::admit_next() noexcept {
  auto& queue = first_.empty() ? last_ : first_;
  if (queue.empty() || !has_room_for(queue.front().job_class)) return nullptr;
  const Guest guest = queue.front();
  queue.pop_front();
  let_in(guest.job_class);
  return guest.execution;
}

void Gate::forget(Execution& execution) noexcept {
  const auto is_it = [&execution](const Guest& guest) { return guest.execution == &execution; };
  for (auto* queue : {&first_, &last_}) {
    const auto found = std::find_if(queue->begin(), queue->end(), is_it);
    if (found == queue->end()) continue;
    queue->erase(found);
    return;
  }
}

bool Gate::has_room_for(JobClass job_class) const noexcept {
  if (exclusive_inside_ || inside_ >= limit_) return false;
  return job_class != JobClass::Exclusive || inside_ == 0;
}

void Gate::let_in(JobClass job_class) noexcept {
  ++inside_;
  if (job_class == JobClass::Exclusive) exclusive_inside_ = true;
}

}  // namespace mplane::detail
