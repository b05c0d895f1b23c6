#include "measurement.hpp"

#include "answer.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace mplane::detail {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// What a question that is asked right before the deadline may take longer.
constexpr Duration kLastQuestion = std::chrono::seconds(1);

/// What the last run may take longer than its scope.
constexpr Duration kLastRunSlack = std::chrono::seconds(3);

Instant now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

/// Sleeps until then. @return false when it was stopped.
bool sleep_until(const SteadyClock::time_point then, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock lock(mutex);
  condition.wait_until(lock, stop, then, [] { return false; });
  return !stop.stop_requested();
}

bool may_pass(const ErrorKind kind) {
  return kind == ErrorKind::Unreachable || kind == ErrorKind::TimedOut ||
         kind == ErrorKind::Unavailable;
}

bool ends_it(const ErrorKind kind) {
  return kind == ErrorKind::Failed || kind == ErrorKind::Unknown || kind == ErrorKind::Refused;
}

}  // namespace

Measurement::Measurement(Peers& peers, Url url, std::string token,
                         std::optional<Specification> asked)
    : peers_(peers),
      url_(std::move(url)),
      token_(std::move(token)),
      asked_(std::move(asked)),
      repeated_(asked_ && asked_->when().is_repeated()),
      begin_(SteadyClock::now()),
      patience_(patience_for(asked_)) {}

void Measurement::submit(const Until& until) {
  ask(*asked_, until);
  // The peer may have held its answer back for a while.
  if (!done_) patience_ = patience_for(asked_);
}

bool Measurement::redeem(const Until& until) {
  if (done_) return false;
  const std::size_t before = results_.size();
  ask(Redemption::of(token_, verb()), until);
  return results_.size() > before;
}

void Measurement::interrupt(const Until& until) {
  if (done_) return;
  interrupted_ = true;
  patience_ = Patience(SteadyClock::now());
  ask(Interrupt::of(token_, verb()), until);
}

void Measurement::wait(const std::size_t seen, const Until& until) {
  while (!done_ && results_.size() <= seen && !until.stop.stop_requested()) {
    const bool in_time = SteadyClock::now() < until.deadline;
    if (!in_time || !sleep_until(std::min(patience_.next(), until.deadline), until.stop)) return;
    ask_again(until);
  }
  if (failure_) throw *failure_;
}

void Measurement::ask_again(const Until& until) {
  redeem_despite_outage(until);
  patience_.asked(SteadyClock::now());
}

void Measurement::redeem_despite_outage(const Until& until) {
  try {
    redeem({until.stop, std::max(until.deadline, after(kLastQuestion))});
    out_of_reach_since_.reset();
  } catch (const Error& error) {
    if (!may_pass(error.kind())) throw;
    if (!until.is_over()) is_out_of_reach(error);
  }
}

void Measurement::is_out_of_reach(const Error& error) {
  const auto today = SteadyClock::now();
  if (!out_of_reach_since_) out_of_reach_since_ = today;
  if (today - *out_of_reach_since_ >= peers_.options().timeouts.outage) throw error;
}

void Measurement::ask(const Message& message, const Until& until) {
  try {
    Peers::Answer answer = peers_.ask(url_, message, until);
    url_ = std::move(answer.from);
    peer_ = std::move(answer.peer);
    take(answer.message);
  } catch (const Error& error) {
    if (!ends_it(error.kind())) throw;
    done_ = true;
    // Old components forget a repeated measurement as soon as they have handed out the last run.
    if (!runs_.empty()) return;
    failure_ = error;
    throw;
  }
}

std::string Measurement::verb() const { return asked_ ? asked_->verb() : "measure"; }

void Measurement::take(const Message& answer) {
  if (const auto* result = answer.find<Result>()) {
    take_result(*result);
    done_ = true;
  } else if (const auto* receipt = answer.find<Receipt>()) {
    if (receipt->has_token()) check_token(receipt->token());
  } else if (const auto* envelope = answer.find<Envelope>()) {
    take_envelope(*envelope);
  } else if (answer.find<Withdrawal>() != nullptr) {
    withdrawn_ = true;
    refuse("the capability " + mplane::quoted(answer.label()) + " is not offered any more");
  } else {
    refuse("the answer is no result, but a message of kind " + mplane::quoted(answer.kind()));
  }
}

void Measurement::take_result(const Result& result) {
  if (result.has_token()) check_token(result.token());
  check_schema(result);
  results_.push_back(result);
  if (!result.has_token()) results_.back().with_token(token_);
}

void Measurement::take_envelope(const Envelope& envelope) {
  if (envelope.token) check_token(*envelope.token);
  repeated_ = true;
  for (const Message& message : envelope.messages()) take_run(message);
  done_ = is_over(envelope);
}

void Measurement::take_run(const Message& message) {
  std::string run = message.token();
  if (const auto* result = message.find<Result>()) {
    check_schema(*result);
    // Runs are told apart by token, or else by when they were.
    if (!result->has_token() || run == token_) run += to_string(result->when());
    if (runs_.insert(run).second) results_.push_back(*result);
  } else if (const auto* exception = message.find<Exception>()) {
    if (runs_.insert(run + "!" + exception->message()).second) failures_.push_back(*exception);
  } else {
    refuse("among the results is a message of kind " + mplane::quoted(message.kind()));
  }
}

bool Measurement::is_over(const Envelope& envelope) const {
  if (interrupted_) return true;
  if (!asked_) {
    const Time end = envelope.when ? envelope.when->interval(now()).end : Time::future();
    return end.is_definite() && end.instant() + kLastRunSlack < now();
  }
  if (!asked_->when().is_repeated()) return true;
  const When& when = asked_->when();
  const auto length = when.length(now());
  if (!length) return false;
  const bool counts = when.crontab() == nullptr && when.start().is_now();
  if (counts && runs_.size() > static_cast<std::size_t>(*length / *when.period())) return true;
  const Duration last_run = when.inner().length(now()).value_or(Duration(0)) + kLastRunSlack;
  return SteadyClock::now() - begin_ > *length + last_run;
}

void Measurement::check_token(const std::string& token) const {
  if (token == token_) return;
  refuse("the answer is about " + mplane::quoted(token) + ", and " + mplane::quoted(token_) +
         " was asked for");
}

void Measurement::check_schema(const Result& result) const {
  if (!asked_ || (result.schema() == asked_->schema() && result.verb() == asked_->verb())) return;
  refuse("the result has other parameters or columns than what was asked for");
}

void Measurement::refuse(const std::string& why) const {
  throw Error(ErrorKind::Failed, to_string(url_), words_of(why));
}

}  // namespace mplane::detail
