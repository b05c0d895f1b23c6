#include "gathering.hpp"

#include "mplane/model/detail/mutex.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace mplane::detail {
namespace {

/// The answers so far. Thread-safe.
class Gathering {
 public:
  Gathering(const std::vector<Asked>& offers, const bool first_counts,
            std::function<void(std::vector<Part>)> done)
      : first_counts_(first_counts), done_(std::move(done)), left_(offers.size()) {
    for (const Asked& one : offers) {
      parts_.push_back(
          {one.offer.component, Exception({}, "another component was faster"), one.item});
    }
  }

  /// Passes a stop of the whole on to the questions.
  void watch(const std::stop_token& stop) {
    watch_.emplace(stop, std::function<void()>([source = stop_] {
                     std::stop_source(source).request_stop();  // which may end what holds it
                   }));
  }
  std::stop_token stop() const { return stop_.get_token(); }

  void take(const std::size_t place, Answer answer) MPLANE_EXCLUDES(mutex_) {
    std::optional<std::vector<Part>> all;
    {
      const Lock lock(mutex_);
      const bool is_enough = first_counts_ && std::holds_alternative<Result>(answer);
      --left_;
      if (ended_) return;
      parts_[place].answer = std::move(answer);
      ended_ = left_ == 0 || is_enough;
      if (ended_) all = std::move(parts_);
    }
    if (!all) return;
    stop_.request_stop();
    done_(*std::move(all));
  }

 private:
  using Watch = std::stop_callback<std::function<void()>>;

  const bool first_counts_;
  const std::function<void(std::vector<Part>)> done_;
  std::stop_source stop_;
  Mutex mutex_;
  std::size_t left_ MPLANE_GUARDED_BY(mutex_);
  bool ended_ MPLANE_GUARDED_BY(mutex_) = false;
  std::vector<Part> parts_ MPLANE_GUARDED_BY(mutex_);
  std::optional<Watch> watch_;  // gone before the stop that it passes on to
};

}  // namespace

void gather(const Round& round, const std::vector<Asked>& offers, const Specification& asked,
            const std::stop_token& stop, std::function<void(std::vector<Part>)> done) {
  if (offers.empty()) return done({});
  const RunName run = round.run.text.empty() ? RunName{"", round.now} : round.run;
  const auto gathering = std::make_shared<Gathering>(offers, round.first_counts, std::move(done));
  gathering->watch(stop);
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const Registration& offer = offers[i].offer;
    Additions additions{{}, round.metadata};
    if (offers[i].item.has_value()) additions.parameters = {{round.split, offers[i].item}};
    try {
      ask(round.below, offer.component,
          question_for(offer.capability, asked, round.now,
                       round.below.tokens.of(run, offer, offers[i].item), additions),
          gathering->stop(),
          [gathering, i](Answer answer) { gathering->take(i, std::move(answer)); });
    } catch (const Error& error) {
      gathering->take(i, Exception({}, error));
    }
  }
}

}  // namespace mplane::detail
