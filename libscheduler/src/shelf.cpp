#include "shelf.hpp"

#include "job.hpp"

namespace mplane::detail {

void Shelf::grow(Job& job, std::size_t bytes_before) {
  Job::Course& course = job.course();
  bytes_ += course.bytes;
  if (course.is_placed) {
    bytes_ -= bytes_before;
    return;
  }
  course.place = going_on_.insert(going_on_.end(), &job);
  course.is_placed = true;
}

bool Shelf::drop_outcome(const Job& spared) {
  for (auto place = going_on_.begin(); place != going_on_.end(); ++place) {
    Job& job = **place;
    Job::Course& course = job.course();
    if (&job == &spared && course.outcomes.size() < 2) continue;
    const std::size_t before = course.bytes;
    job.drop_oldest();
    bytes_ -= before - course.bytes;
    course.is_placed = !course.outcomes.empty();
    if (course.is_placed) {
      going_on_.splice(going_on_.end(), going_on_, place);
    } else {
      going_on_.erase(place);
    }
    return true;
  }
  return false;
}

void Shelf::put(Job& job) {
  Job::Course& course = job.course();
  if (course.is_placed) {
    kept_.splice(kept_.end(), going_on_, course.place);
    return;
  }
  course.place = kept_.insert(kept_.end(), &job);
  course.is_placed = true;
  bytes_ += course.bytes;
}

void Shelf::hand_over(Job& job) {
  handed_over_.splice(handed_over_.end(), kept_, job.course().place);
  job.handed_over = true;
}

void Shelf::take(Job& job) {
  (job.handed_over ? handed_over_ : kept_).erase(job.course().place);
  job.course().is_placed = false;
  bytes_ -= job.course().bytes;
}

Job* Shelf::oldest() const noexcept {
  if (!handed_over_.empty()) return handed_over_.front();
  return kept_.empty() ? nullptr : kept_.front();
}

}  // namespace mplane::detail
