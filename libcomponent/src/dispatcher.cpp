#include "mplane/component/dispatcher.hpp"

#include "foreseen.hpp"
#include "mplane/component/detail/credits.hpp"
#include "mplane/component/exports.hpp"
#include "mplane/model/detail/label.hpp"
#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace mplane {
namespace {

using detail::Lock;

void check_name(const std::string_view what, const std::string_view name) {
  if (detail::is_label(name)) return;
  throw Error(ErrorKind::Invalid, std::string(what),
              mplane::quoted(name) + " is not " + std::string(detail::kLabelGrammar));
}

/// The token of the job that a redemption or an interrupt is about.
std::string job_token(const Notification& notification) {
  if (notification.has_token()) return notification.token();
  if (notification.is_token_only()) {
    throw Error(ErrorKind::Invalid, "token", "is missing, and nothing else says what is meant");
  }
  return notification.value_hash();  // the default token of the specification it repeats
}

Error why_unexpected(const Message& message) {
  return {ErrorKind::Invalid, "",
          "a component takes specifications, redemptions and interrupts, but this is of kind " +
              std::string(message.kind())};
}

/// Whether it is for what it says that a specification is not taken.
bool is_unfit(const Error& error) {
  return error.kind() == ErrorKind::Invalid || error.kind() == ErrorKind::Refused;
}

std::string no_role(const Identity& peer) {
  return mplane::quoted(peer.text()) + " has no role that may use what is asked for";
}

std::optional<std::string> token_of(const Message& message) {
  std::string token = message.token();
  if (token.empty()) return {};
  return token;
}

}  // namespace

Dispatcher::Dispatcher(Scheduler& scheduler, const Clock& clock, AccessControl access, LogSink log,
                       Exports* const exports, detail::Credits* const credits)
    : scheduler_(scheduler),
      clock_(clock),
      log_(std::move(log)),
      exports_(exports),
      credits_(credits),
      complaints_(log_),
      access_(std::move(access)) {}

/// What is wrong becomes an exception.
template <typename Answer>
Reply Dispatcher::fenced(const Identity& peer, const Message& message, const Answer& answer) const {
  try {
    return answer();
  } catch (const Error& error) {
    return refusal(peer, message, error);
  } catch (const std::exception& error) {
    return refusal(peer, message, Error(ErrorKind::Internal, "", error.what()));
  }
}

Reply Dispatcher::dispatch(const Identity& peer, const Message& message) {
  const auto answer = std::make_shared<std::promise<Reply>>();
  dispatch(peer, message, Duration::zero(),
           [answer](Reply reply) { answer->set_value(std::move(reply)); });
  return answer->get_future().get();
}

void Dispatcher::dispatch(const Identity& peer, const Message& message, const Duration immediate,
                          Done done) {
  if (const auto* const specification = message.find<Specification>()) {
    submit(peer, *specification, immediate, std::move(done));
  } else if (const auto* const wish = message.find<Interrupt>()) {
    interrupt(peer, *wish, immediate, done);
  } else {
    done(fenced(peer, message, [&] { return redeem(peer, message); }));
  }
}

void Dispatcher::submit(const Identity& peer, const Specification& specification,
                        const Duration immediate, Done done) {
  try {
    check_export(specification);
  } catch (const Error& error) {
    return done(refusal(peer, specification, error));
  }
  const unsigned rights = changes_of_rights_;
  scheduler_.submit(peer.text(), specification, may_use(peer),
                    [=, this, done = std::move(done)](const Scheduler::Submission& submission) {
                      // If they changed meanwhile, this may not have been planned yet then.
                      if (changes_of_rights_ != rights) stop_forbidden();
                      Reply reply = fenced(peer, specification, [&] {
                        return planned(peer, specification, submission);
                      });
                      const bool exported = specification.export_url().has_value();
                      hold(peer, std::move(reply), exported ? Duration::zero() : immediate, done);
                    });
}

void Dispatcher::check_export(const Specification& specification) const {
  if (!specification.export_url()) return;
  if (exports_ != nullptr) return exports_->check(specification);
  throw Error(ErrorKind::Refused, "export", "this component exports nothing");
}

/// What runs is stopped at once; what it still yields is part of the answer.
void Dispatcher::interrupt(const Identity& peer, const Interrupt& wish, const Duration immediate,
                           const Done& done) {
  try {
    scheduler_.interrupt(peer.text(), job_token(wish), immediate,
                         [done](Message outcome) { done(Reply{std::move(outcome)}); });
  } catch (const Error& error) {
    done(refusal(peer, wish, error));
  }
}

/// Gives the answer, or what comes in its place before the time is over.
void Dispatcher::hold(const Identity& peer, Reply reply, const Duration immediate,
                      const Done& done) {
  const auto* const receipt = reply.message.find<Receipt>();
  if (receipt == nullptr || immediate <= Duration::zero()) {
    done(std::move(reply));
    return;
  }
  try {
    scheduler_.await(peer.text(), receipt->token(), immediate,
                     [=, this, kept = *receipt](Message outcome) {
                       const bool some = is_unfinished(peer, outcome);
                       done(Reply{some ? Message(kept) : std::move(outcome)});
                     });
  } catch (const Error&) {
    done(std::move(reply));  // gone meanwhile: the receipt is as good an answer as before
  }
}

Reply Dispatcher::redeem(const Identity& peer, const Message& message) {
  const auto* const redemption = message.find<Redemption>();
  if (redemption == nullptr) throw why_unexpected(message);
  return Reply{scheduler_.redeem(peer.text(), job_token(*redemption))};
}

Reply Dispatcher::plan(const Identity& peer, const Message& message) const {
  constexpr std::size_t kForeseen = 100;
  return fenced(peer, message, [&] {
    const auto* const specification = message.find<Specification>();
    if (specification == nullptr) {
      throw Error(
          ErrorKind::Invalid, "",
          "only specifications can be planned, but this is of kind " + std::string(message.kind()));
    }
    const Plan plan = scheduler_.plan(peer.text(), *specification, kForeseen, may_use(peer));
    if (plan.refusal && is_unfit(*plan.refusal)) {
      throw objection(peer, *specification, *plan.refusal);
    }
    if (plan.refusal) throw Error(*plan.refusal);
    const std::vector<Capability> usable = capabilities(peer);
    return Reply{detail::foreseen(*specification, plan, [&](const std::string_view label) {
      return std::any_of(usable.begin(), usable.end(),
                         [&](const Capability& one) { return one.label() == label; });
    })};
  });
}

/// The answer to a specification that was submitted.
Reply Dispatcher::planned(const Identity& peer, const Specification& specification,
                          const Scheduler::Submission& submission) {
  if (const auto* const error = std::get_if<Error>(&submission)) {
    const bool known_with_another_export = error->where() == Scheduler::kExport;
    if (!is_unfit(*error) || known_with_another_export) throw Error(*error);
    return known_or_withdrawn(peer, specification, *error);
  }
  const Receipt& receipt = std::get<Receipt>(submission);
  log(log_, {Severity::Debug,
             "dispatcher",
             "specification accepted",
             {{"peer", peer.text()},
              {"label", receipt.label()},
              {"token", receipt.token()},
              {"when", to_string(receipt.when())}}});
  if (specification.export_url()) {
    exports_->begin(peer.text(), specification.with_token(receipt.token()));
    return Reply{receipt};
  }
  Message outcome = scheduler_.redeem(peer.text(), receipt.token());
  if (is_unfinished(peer, outcome)) return Reply{receipt};
  return Reply{std::move(outcome)};
}

/// Whether these are results so far, which only who redeems a receipt is given: clients of the old
/// SDK understand them only if they have that.
bool Dispatcher::is_unfinished(const Identity& peer, const Message& outcome) const {
  try {
    return outcome.find<Envelope>() != nullptr && !scheduler_.is_over(peer.text(), outcome.token());
  } catch (const Error&) {
    return false;  // forgotten, so over
  }
}

MayUse Dispatcher::may_use(const Identity& peer) const {
  return [this, peer](const Capability& capability) { return allows(peer, capability); };
}

/// The answer to what no service takes. It may have come before: its scope has passed meanwhile,
/// or its capability is gone.
Reply Dispatcher::known_or_withdrawn(const Identity& peer, const Specification& specification,
                                     const Error& error) {
  if (auto known = find_job(peer, specification.token())) return Reply{std::move(*known)};
  if (const auto withdrawn = withdrawn_for(peer, specification)) {
    return Reply{Withdrawal(*withdrawn)};
  }
  throw objection(peer, specification, error);
}

/// Why it cannot be run, saying nothing about capabilities that the peer may not use, of which the
/// scheduler's error may speak.
Error Dispatcher::objection(const Identity& peer, const Specification& specification,
                            const Error& error) const {
  const Instant now = clock_.now();
  const std::vector<Capability> usable = capabilities(peer);
  std::optional<Error> objection;
  for (const Capability& capability : usable) {
    if (capability.schema() != specification.schema()) continue;
    auto why = capability.objection(specification, now);
    if (!why) return error;  // it was chosen, and is not what the error is about
    const bool meant = capability.label() == specification.label();
    if (!objection || meant) objection = std::move(why);
  }
  if (objection) return *std::move(objection);
  if (error.kind() == ErrorKind::Refused || usable.empty()) {
    return {ErrorKind::Refused, "", no_role(peer)};
  }
  return {ErrorKind::Invalid, "",
          "nothing offered here takes these parameters and yields these results"};
}

bool Dispatcher::allows(const Identity& peer, const Capability& capability) const {
  return access().allows(peer, capability.label(), capability.token());
}

AccessControl Dispatcher::access() const {
  const Lock lock(mutex_);
  return access_;
}

std::optional<Message> Dispatcher::find_job(const Identity& peer, const std::string& token) {
  try {
    return scheduler_.redeem(peer.text(), token);
  } catch (const Error&) {
    return {};
  }
}

std::optional<Capability> Dispatcher::withdrawn_for(const Identity& peer,
                                                    const Specification& specification) const {
  const Lock lock(mutex_);
  for (const std::size_t id : withdrawn_.accepting(specification, clock_.now())) {
    const Capability& capability = *withdrawn_.find(id);
    if (access_.allows(peer, capability.label(), capability.token())) return capability;
  }
  return {};
}

Reply Dispatcher::refusal(const Identity& peer, const Message& message, const Error& error) const {
  const ErrorTraits kind = traits(error.kind());
  refusals_.add(error.kind());
  complaints_.add(peer, {kind.severity,
                         "dispatcher",
                         "message refused",
                         {{"peer", peer.text()},
                          {"kind", std::string(message.kind())},
                          {"label", message.label()},
                          {"token", message.token()},
                          {"reason", error.what()}}});
  return {Exception(token_of(message), error), error.kind()};
}

std::vector<Capability> Dispatcher::capabilities(const Identity& peer) const {
  std::vector<Capability> capabilities = scheduler_.capabilities();
  std::erase_if(capabilities, [&](const Capability& one) { return !allows(peer, one); });
  return capabilities;
}

Message Dispatcher::capability(const Identity& peer, const std::string_view token) const {
  const auto capability = scheduler_.find_capability(token);
  const bool allowed = capability && allows(peer, *capability);
  if (capability && !allowed) {
    complaints_.add(peer, {traits(ErrorKind::Refused).severity,
                           "dispatcher",
                           "capability not shown",
                           {{"peer", peer.text()},
                            {"label", capability->label()},
                            {"token", capability->token()},
                            {"reason", no_role(peer)}}});
  }
  if (!allowed) {
    throw Error(ErrorKind::Unknown, "",
                "there is no capability with the token " + mplane::quoted(token));
  }
  if (scheduler_.is_withdrawn(token)) return Withdrawal(*capability);
  return *capability;
}

Capability Dispatcher::offer(Service service) {
  check_name("label", service.capability.label());
  check_name("token", service.capability.token());
  if (credits_ != nullptr) service = credits_->limited(std::move(service));
  Capability capability = scheduler_.offer(std::move(service));
  const Lock lock(mutex_);
  for (const std::size_t id : withdrawn_.with_schema(capability.schema())) {
    if (withdrawn_.find(id)->token() == capability.token()) withdrawn_.remove(id);
  }
  return capability;
}

std::optional<Capability> Dispatcher::withdraw(const std::string_view token) {
  auto capability = scheduler_.withdraw(token);
  if (capability) {
    const Lock lock(mutex_);
    withdrawn_.add(*capability);
  }
  return capability;
}

void Dispatcher::use(AccessControl access) {
  {
    const Lock lock(mutex_);
    access_ = std::move(access);
    ++changes_of_rights_;
  }
  stop_forbidden();
}

/// Stops what is planned or runs for owners who may not use its capability any more.
void Dispatcher::stop_forbidden() {
  for (const JobStatus& job : scheduler_.jobs()) {
    if (job.state == JobStatus::State::Ended) continue;
    const auto capability = scheduler_.find_capability(job.capability);
    if (!capability || allows(Identity(job.owner), *capability)) continue;
    log(log_, {Severity::Warning,
               "dispatcher",
               "a measurement is stopped: its owner may not use its capability any more",
               {{"peer", job.owner}, {"label", capability->label()}, {"token", job.token}}});
    try {
      scheduler_.call_off(job.owner, job.token);
    } catch (const Error&) {
      continue;  // it is gone meanwhile
    }
  }
}

void Dispatcher::expect(const JobRecord& record) { scheduler_.expect(record); }

void Dispatcher::restore(const JobRecord& record) {
  scheduler_.restore(record, may_use(Identity(record.owner)));
}

}  // namespace mplane
