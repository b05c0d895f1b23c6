#include "simulated.hpp"

#include "answers.hpp"
#include "lies.hpp"
#include "mplane/component/detail/registration.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

namespace mplane {
namespace {

using namespace std::chrono_literals;

constexpr auto kHeldPoll = 120s;    // longer than a supervisor holds a poll
constexpr auto kAnswer = 30s;       // to anything else
constexpr auto kUnasked = 5s;       // between polls, unless the supervisor says (section 8)
constexpr auto kKeepsPosting = 5s;  // a connection with nothing to deliver
constexpr Duration kFirstRetry = 500ms;
constexpr Duration kLastRetry = 30s;
constexpr int kSlowness = 10;
constexpr TimeRange kFlapAfter{1s, 5s};
constexpr TimeRange kAwayFor{0s, 1s};

constexpr int kOk = 200;
constexpr int kNoContent = 204;
constexpr int kNotFound = 404;
constexpr int kRegisterFirst = 428;  // RFC 6585, section 3
constexpr int kTooManyRequests = 429;
constexpr int kUnavailable = 503;

Instant today() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

std::optional<Address> source_of(const SimOptions& options, const std::size_t number) {
  if (!options.from) return {};
  return Address(options.from->of(number));
}

detail::BackOff back_off(Random& random) {
  constexpr std::uint64_t kAnother = 1;  // 0 would be none
  return {kFirstRetry, kLastRetry,
          random.between(kAnother, std::numeric_limits<std::uint32_t>::max())};
}

Duration pause(detail::BackOff& back_off, const std::optional<HttpAnswer>& answer) {
  return std::max(back_off.after_failure(), answer ? answer->retry_after : Duration(0));
}

}  // namespace

SimulatedComponent::SimulatedComponent(World& world, const std::size_t number,
                                       const pki::Credential& credential)
    : world_(world),
      temper_(temper_of(number, world.options().misbehaviour, world.options().seed)),
      badge_(credential),
      poll_back_off_(back_off(world.random())),
      post_back_off_(back_off(world.random())),
      polls_(world.channels(), badge_, source_of(world.options(), number)),
      posts_(world.channels(), badge_, source_of(world.options(), number)) {}

void SimulatedComponent::start() { enroll(); }

void SimulatedComponent::enroll() {
  polls_.request(world_.registration(), kAnswer,
                 [this](std::optional<HttpAnswer> answer) { take_enrolment(std::move(answer)); });
}

void SimulatedComponent::take_enrolment(std::optional<HttpAnswer> answer) {
  if (!answer || answer->status != kOk) return retry(answer, &SimulatedComponent::enroll);
  Tally& tally = world_.tally();
  try {
    for (const auto& [label, reason] : detail::parse_answers(answer->body)) {
      if (!reason.empty()) tally.note(Seen::Refused);
    }
  } catch (const Error&) {
    tally.note(Trouble::NotMessage);
    return retry({}, &SimulatedComponent::enroll);
  }
  poll_back_off_.reset();
  tally.note(Seen::Registrations);
  tally.registration.add(polls_.took());
  if (!std::exchange(was_registered_, true)) {
    tally.note(Seen::Registered);
    tally.registered_by = Tally::Clock::now();
  }
  plan_departure();
  poll();
}

void SimulatedComponent::poll() {
  polls_.request(world_.poll(), kHeldPoll,
                 [this](std::optional<HttpAnswer> answer) { take_work(std::move(answer)); });
}

void SimulatedComponent::take_work(std::optional<HttpAnswer> answer) {
  if (answer && answer->status == kRegisterFirst) return enroll();
  const bool is_none = answer && (answer->status == kNoContent || answer->status == kNotFound);
  if (!answer || (answer->status != kOk && !is_none)) {
    return retry(answer, &SimulatedComponent::poll);
  }
  poll_back_off_.reset();
  world_.tally().note(Seen::Polls);
  Duration next = kUnasked;
  try {
    if (!is_none) next = heed(decode(answer->body, world_.registry())).value_or(kUnasked);
  } catch (const Error&) {
    world_.tally().note(Trouble::NotMessage);
  }
  rest(next, &SimulatedComponent::poll);
}

/// Does what a message says. @return when to poll again, if it says so.
std::optional<Duration> SimulatedComponent::heed(const Message& message) {
  if (const auto* const envelope = message.find<Envelope>()) {
    std::optional<Duration> next;
    for (const Message& one : envelope->messages()) {
      if (const auto said = heed(one)) next = said;
    }
    return next;
  }
  if (message.find<Interrupt>() != nullptr) interrupt(message.token());
  const auto* const specification = message.find<Specification>();
  if (specification == nullptr) return {};
  if (specification->verb() != "callback") {
    perform(*specification);
    return {};
  }
  const Instant now = today();
  const Time start = specification->when().interval(now).start;
  return start.is_definite() ? std::max(start.instant() - now, Duration::zero()) : Duration{};
}

void SimulatedComponent::rest(const Duration time, void (SimulatedComponent::*const next)()) {
  if (time <= 0s) return (this->*next)();
  next_poll_ = world_.engine().after(time, [this, next] { (this->*next)(); });
}

/// There was no answer, or none that helps.
void SimulatedComponent::retry(const std::optional<HttpAnswer>& answer,
                               void (SimulatedComponent::*const next)()) {
  if (answer) world_.tally().note(Seen::Refused);
  rest(pause(poll_back_off_, answer), next);
}

void SimulatedComponent::perform(const Specification& asked) {
  const std::string token = asked.token();
  if (work_.count(token) != 0) return;  // told again, since we were not heard of
  world_.tally().note(Seen::Asked);
  deliver(asked, encode(Receipt(asked), {.token_only = true}), Seen::Receipts);
  const Instant now = today();
  work_.emplace(token, Work{asked, now, {}});
  if (asked.when().is_repeated()) {
    const auto start = asked.when().next_start(now, now);
    if (start) begin_run(token, *start);
    return;
  }
  const Time start = asked.when().interval(now).start;
  begin_run(token, start.is_definite() ? std::max(start.instant(), now) : now);
}

/// Has a run end when its scope does, and a measurement's time later.
void SimulatedComponent::begin_run(const std::string& token, const Instant start) {
  Work& work = work_.at(token);
  const Specification& asked = work.asked;
  const When scope = asked.when().is_repeated() ? asked.when().run_at(start) : asked.when();
  const Time end = scope.interval(work.accepted).end;
  const Instant last = end.is_definite() ? std::max(end.instant(), start) : start;
  const Duration takes = world_.random().between(world_.options().answer_after) *
                         (temper_ == Temper::Slow ? kSlowness : 1);
  work.timer = world_.engine().after(last - today() + takes,
                                     [this, token, start, last] { end_run(token, start, last); });
}

void SimulatedComponent::end_run(const std::string& token, const Instant first,
                                 const Instant last) {
  const auto found = work_.find(token);
  if (found == work_.end()) return;
  const Specification asked = found->second.asked;
  const When& when = asked.when();
  const auto next = when.is_repeated() ? when.next_start(std::max(first + Duration(1), today()),
                                                         found->second.accepted)
                                       : std::nullopt;
  if (next) {
    begin_run(token, *next);
  } else {
    work_.erase(found);
  }
  report(asked, first, last);
}

void SimulatedComponent::interrupt(const std::string& token) {
  const auto found = work_.find(token);
  if (found == work_.end()) return;
  world_.tally().note(Seen::Interrupted);
  const Specification asked = found->second.asked;
  const Instant begun = found->second.accepted;
  work_.erase(found);
  if (asked.when().is_repeated()) {
    deliver(asked, encode(Exception(token, "interrupted")), Seen::Receipts);
  } else {
    report(asked, begun, today());
  }
}

void SimulatedComponent::report(const Specification& asked, const Instant first,
                                const Instant last) {
  const Result result = plausible_result(asked, first, last, world_.random());
  if (temper_ == Temper::Lying) {
    deliver(asked, lie_about(result, world_.random()), Seen::Lied);
  } else {
    deliver(asked, encode(result), Seen::Answered);
  }
}

void SimulatedComponent::deliver(const Specification& asked, const std::string_view message,
                                 const Seen what) {
  outbox_.push_back({world_.delivery(asked, message), what});
  if (outbox_.size() == 1) send_next();
}

void SimulatedComponent::send_next() {
  if (outbox_.empty()) {
    next_post_ = world_.engine().after(kKeepsPosting, [this] { posts_.close(); });
    return;
  }
  next_post_.cancel();
  posts_.request(outbox_.front().request, kAnswer,
                 [this](std::optional<HttpAnswer> answer) { take_receipt(std::move(answer)); });
}

void SimulatedComponent::take_receipt(std::optional<HttpAnswer> answer) {
  Tally& tally = world_.tally();
  const Seen what = outbox_.front().what;
  const bool is_taken = answer && answer->status == kOk;
  if (answer && !is_taken) tally.note(Seen::Refused);
  const bool may_be_taken_later =
      !answer || answer->status == kTooManyRequests || answer->status == kUnavailable;
  if (may_be_taken_later) {
    tally.note(Seen::Repeated);
    next_post_ = world_.engine().after(pause(post_back_off_, answer), [this] { send_next(); });
    return;
  }
  post_back_off_.reset();
  if (is_taken || what == Seen::Lied) tally.note(what);
  if (is_taken && what == Seen::Answered) tally.result.add(posts_.took());
  outbox_.pop_front();
  send_next();
}

/// Cuts everything, without a word.
void SimulatedComponent::go_away() {
  next_poll_.cancel();
  next_post_.cancel();
  polls_.close();
  posts_.close();
  work_.clear();
  outbox_.clear();
}

void SimulatedComponent::plan_departure() {
  Random& random = world_.random();
  if (temper_ == Temper::Flapping) {
    departure_ = world_.engine().after(random.between(kFlapAfter), [this] {
      world_.tally().note(Seen::Flapped);
      go_away();
      rest(world_.random().between(kAwayFor) + Duration(1), &SimulatedComponent::enroll);
    });
  }
  if (temper_ == Temper::Dying) {
    const Duration half = std::min<Duration>(world_.options().time, 60s) / 2;
    departure_ = world_.engine().after(random.between({Duration::zero(), half}), [this] {
      world_.tally().note(Seen::Died);
      go_away();
    });
  }
}

}  // namespace mplane
