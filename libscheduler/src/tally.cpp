#include "tally.hpp"

#include <algorithm>

namespace mplane::detail {

void Tally::end(Reason reason, std::uint64_t starts) {
  if (starts == 0) return;
  (is_of_run(traits(reason).ending) ? running_ : waiting_) -= starts;
  const auto same = std::find_if(ended_.begin(), ended_.end(),
                                 [reason](const Ended& ended) { return ended.reason == reason; });
  if (same != ended_.end()) {
    same->starts += starts;
  } else {
    ended_.push_back({reason, starts});
  }
}

void Tally::restore(const Books& books) {
  waiting_ = books.waiting;
  running_ = books.running;
  ended_.clear();
  for (std::size_t i = 0; i < kReasons; ++i) {
    if (books.reasons[i] > 0) ended_.push_back({static_cast<Reason>(i), books.reasons[i]});
  }
}

Books Tally::books() const noexcept {
  Books books;
  books.wait(waiting_);
  books.wait(running_);
  books.start(running_);
  for (const Ended& ended : ended_) {
    books.wait(ended.starts);
    if (is_of_run(traits(ended.reason).ending)) books.start(ended.starts);
    books.end(ended.reason, ended.starts);
  }
  return books;
}

}  // namespace mplane::detail
