#include "shelf.hpp"

#include "job.hpp"

namespace mplane::detail {

void Shelf::put(Job& job) {
  job.course().place = kept_.insert(kept_.end(), &job);
  bytes_ += job.course().bytes;
}

void Shelf::hand_over(Job& job) {
  handed_over_.splice(handed_over_.end(), kept_, job.course().place);
  job.handed_over = true;
}

void Shelf::take(Job& job) {
  (job.handed_over ? handed_over_ : kept_).erase(job.course().place);
  bytes_ -= job.course().bytes;
}

Job* Shelf::oldest() const noexcept {
  if (!handed_over_.empty()) return handed_over_.front();
  return kept_.empty() ? nullptr : kept_.front();
}

}  // namespace mplane::detail
