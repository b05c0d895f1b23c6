#pragma once

#include "agenda.hpp"
#include "execution.hpp"
#include "few.hpp"
#include "follower.hpp"
#include "gate.hpp"
#include "mplane/model/detail/given_token.hpp"
#include "mplane/model/message.hpp"
#include "offer.hpp"
#include "position.hpp"
#include "schedule.hpp"
#include "tally.hpp"
#include "wishes.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane::detail {

class Job;
struct Account;

/// What there is of a job for its owner, taken under the planner's lock and made into a message
/// outside of it.
struct Snapshot {
  Specification specification;
  Instant accepted;
  bool ended = false;
  Few<std::shared_ptr<const Message>> outcomes = {};
  std::shared_ptr<const Books> books = {};  ///< of one that has no outcomes, if it was started
};

/// The result, the exception, the envelope of results so far, or the receipt.
Message message_of(const Snapshot& snapshot);

/// Somebody who waits for the end of a job.
struct Waiter final : Timed {
  using Callback = std::function<void(Message)>;
  Waiter(Job& awaited, Callback callback)
      : Timed(Kind::Waiter), job(awaited), done(std::move(callback)) {}

  Job& job;
  Callback done;
};

/// A specification that was accepted from an owner, from then until its results are forgotten. A
/// simple scope means one start, a repeated one many. Planned jobs are small: what only started
/// ones need comes with the first start. Guarded by the planner.
class Job final : public Timed, public std::enable_shared_from_this<Job> {
 public:
  /// The specification has a token.
  Job(Account& of, Specification what, std::shared_ptr<Offer> by, const Schedule& when,
      const Wishes& asked)
      : Timed(Kind::Job),
        account(of),
        specification(std::move(what)),
        offer(std::move(by)),
        wishes(asked),
        schedule(when) {}

  /// How a run ended, about how many bytes that takes, and the entry that says so.
  struct Kept {
    std::shared_ptr<const Message> outcome;
    std::size_t bytes;
    Position position = 0;
  };

  /// What a job has from its first start, or its first waiter, on.
  struct Course {
    Tally tally;
    Few<std::shared_ptr<Execution>> executions;  // that have not ended
    Few<Kept> outcomes;
    std::size_t bytes = 0;  // of the outcomes
    Few<std::unique_ptr<Waiter>> waiters;
    std::vector<std::shared_ptr<Follower>> followers;
    std::optional<Books> expected;    // of the process before, until its service is offered
    std::unique_ptr<Gate> queue;      // for starts that overlap, if they wait
    std::list<Job*>::iterator place;  // on the shelf
    bool is_placed = false;           // from its first outcome, or its end
  };

  std::string_view token() const noexcept { return given_token(specification); }
  Course& course();
  const Course& course() const { return *course_; }  // only if it has one
  /// Whether what it yields is sent somewhere: then only who does so says that it is handed over.
  bool is_pushed() const noexcept {
    const auto& link = specification.link();
    return (link && !link->empty()) || specification.export_url();
  }
  bool has_course() const noexcept { return course_ != nullptr; }
  /// Whether it waits for the service that it was accepted for.
  bool is_expected() const noexcept { return course_ != nullptr && course_->expected; }
  /// Whether it has starts that wait or run.
  bool is_busy() const noexcept { return course_ != nullptr && !course_->executions.empty(); }
  Books books() const { return course_ == nullptr ? Books() : course_->tally.books(); }
  /// What there is, as far as it was recorded up to an entry.
  Snapshot snapshot(Position up_to = kEveryPosition) const;
  /// Whether that is all there is.
  bool has_revealed_all(Position up_to) const noexcept {
    return course_ == nullptr || course_->outcomes.empty() ||
           course_->outcomes.back().position <= up_to;
  }
  /// Keeps an outcome, and of all only the newest.
  void keep(Kept kept, std::size_t newest);
  /// Only if there is one.
  void drop_oldest();

  Account& account;
  const Specification specification;
  std::shared_ptr<Offer> offer;  // null of one restored after its end, or expected
  Wishes wishes;
  Schedule schedule;
  bool ended = false;
  bool handed_over = false;
  Position position = 0;  // of the entry that accepted it, and then of the one that ended it

 private:
  std::unique_ptr<Course> course_;
};

}  // namespace mplane::detail
