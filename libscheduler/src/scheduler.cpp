#include "mplane/scheduler/scheduler.hpp"

#include "mplane/model/detail/given_token.hpp"
#include "shell.hpp"

#include <future>
#include <utility>

namespace mplane {
namespace {

Receipt receipt_of(Scheduler::Submission submission) {
  if (const auto* const error = std::get_if<Error>(&submission)) throw Error(*error);
  return std::get<Receipt>(std::move(submission));
}

/// A default token says nothing of an export (protocol, section 6), so that the same specification
/// may come again with another, of which nobody would ever hear.
void check_export(const Specification& accepted, const Specification& again) {
  const auto& url = accepted.export_url();
  if (!again.export_url() || again.export_url() == url) return;
  throw Error(ErrorKind::Refused, Scheduler::kExport,
              std::string("this specification has been accepted ") +
                  (url ? "with another export" : "without an export") +
                  "; with a token of its own it is another one");
}

}  // namespace

struct Scheduler::Impl {
  Impl(const Clock& used, const SchedulerOptions& options, LogSink log)
      : clock(used),
        farewell(options.farewell),
        shell(std::make_shared<detail::Shell>(used, options, std::move(log))) {
    shell->open();
  }

  using Done = std::function<void(Submission)>;

  /// Calls back with the receipt of what was asked for first, or why it could not be kept.
  /// @throws Error when it is refused.
  void submit(const Owner& owner, const Specification& specification, const MayUse& may_use,
              const Done& done) {
    const Specification named =
        specification.has_token() ? specification : specification.with_token(specification.token());
    const bool is_kept = shell->has_journal();
    std::optional<detail::Planner::Asked> before;
    try {
      before =
          shell->submit(owner, named, may_use, is_kept ? answer(named, done) : Journal::Durable());
    } catch (const Error&) {
      // What was accepted stays so: its scope may have passed, or its service may be gone.
      before = shell->planner().asked(owner, detail::given_token(named));
      if (!before) throw;
    }
    if (before) check_export(before->specification, named);
    if (!is_kept) return done(Receipt(before ? before->specification : named));
    if (!before) return;
    if (before->durable) return done(Receipt(before->specification));
    wait_with_the_first(owner, *before, answer(before->specification, done));
  }

  static Journal::Durable answer(const Specification& asked, const Done& done) {
    return [asked, done](std::optional<Error> failure) {
      done(failure ? Submission(*std::move(failure)) : Submission(Receipt(asked)));
    };
  }

  /// It is on its way to the journal, from where it may be sent back.
  void wait_with_the_first(const Owner& owner, const detail::Planner::Asked& first,
                           const Journal::Durable& then) {
    shell->commit([shell = shell, owner, token = first.specification.token(), job = first.job,
                   then](std::optional<Error> failure) {
      if (!failure && !shell->planner().has(owner, token, job)) {
        failure = Error(ErrorKind::Unavailable, "", "it could not be written to the journal");
      }
      then(std::move(failure));
    });
  }

  const Clock& clock;
  const Duration farewell;
  const std::shared_ptr<detail::Shell> shell;
};

Scheduler::Scheduler(const Clock& clock, const SchedulerOptions& options, LogSink log)
    : impl_(std::make_unique<Impl>(clock, options, std::move(log))) {}

Scheduler::~Scheduler() {
  impl_->shell->stop(impl_->farewell, true);
  impl_->shell->close();
}

Capability Scheduler::offer(Service service) {
  return impl_->shell->catalogue().offer(std::move(service));
}

std::optional<Capability> Scheduler::withdraw(std::string_view token) {
  return impl_->shell->catalogue().withdraw(token);
}

std::vector<Capability> Scheduler::capabilities() const {
  return impl_->shell->catalogue().capabilities();
}

std::optional<Capability> Scheduler::find_capability(std::string_view token) const {
  return impl_->shell->catalogue().find(token);
}

bool Scheduler::is_withdrawn(std::string_view token) const {
  return impl_->shell->catalogue().is_withdrawn(token);
}

Capability Scheduler::capability_for(const Specification& specification) const {
  return impl_->shell->catalogue().match(specification, impl_->clock.now())->service.capability;
}

Receipt Scheduler::submit(const Owner& owner, const Specification& specification,
                          const MayUse& may_use) {
  if (!impl_->shell->has_journal()) {
    std::optional<Submission> made;  // before it returns
    impl_->submit(owner, specification, may_use,
                  [&made](Submission now) { made = std::move(now); });
    return receipt_of(*std::move(made));
  }
  const auto made = std::make_shared<std::promise<Submission>>();
  impl_->submit(owner, specification, may_use,
                [made](Submission durable) { made->set_value(std::move(durable)); });
  return receipt_of(made->get_future().get());
}

void Scheduler::submit(const Owner& owner, const Specification& specification,
                       const MayUse& may_use, std::function<void(Submission)> done) {
  const auto fenced = impl_->shell->fence(std::move(done));
  try {
    impl_->submit(owner, specification, may_use, fenced);
  } catch (const Error& error) {
    fenced(error);
  }
}

Message Scheduler::redeem(const Owner& owner, std::string_view token) {
  detail::Effects effects;
  const detail::Snapshot snapshot = impl_->shell->planner().redeem(owner, token, effects);
  impl_->shell->perform(std::move(effects));
  return message_of(snapshot);
}

Message Scheduler::interrupt(const Owner& owner, std::string_view token) {
  call_off(owner, token);
  if (impl_->shell->has_journal()) impl_->shell->commit();
  return redeem(owner, token);
}

void Scheduler::call_off(const Owner& owner, std::string_view token) {
  detail::Effects effects;
  impl_->shell->planner().interrupt(owner, token, effects);
  impl_->shell->perform(std::move(effects));
}

void Scheduler::interrupt(const Owner& owner, std::string_view token, Duration at_most,
                          std::function<void(Message)> done) {
  call_off(owner, token);
  await(owner, token, at_most, std::move(done));
}

void Scheduler::await(const Owner& owner, std::string_view token, Duration at_most,
                      std::function<void(Message)> done) {
  detail::Effects effects;
  impl_->shell->planner().await(owner, token, at_most, std::move(done), effects);
  impl_->shell->perform(std::move(effects));
}

void Scheduler::follow(const Owner& owner, std::string_view token,
                       std::function<void(std::optional<Message>)> each) {
  detail::Effects effects;
  impl_->shell->planner().follow(owner, token, impl_->shell->fence(std::move(each)), effects);
  impl_->shell->perform(std::move(effects));
}

bool Scheduler::is_over(const Owner& owner, std::string_view token) const {
  return impl_->shell->planner().is_over(owner, token);
}

void Scheduler::hand_over(const Owner& owner, std::string_view token) {
  detail::Effects effects;
  impl_->shell->planner().hand_over(owner, token, effects);
  impl_->shell->perform(std::move(effects));
}

Plan Scheduler::plan(const Owner& owner, const Specification& specification, std::size_t starts,
                     const MayUse& may_use) const {
  try {
    const auto offer = impl_->shell->catalogue().match(specification, impl_->clock.now(), may_use);
    return impl_->shell->planner().preview(owner, specification, *offer, starts);
  } catch (const Error& error) {
    Plan refused;
    refused.refusal = error;
    return refused;
  }
}

void Scheduler::expect(const JobRecord& record) { impl_->shell->planner().expect(record); }

void Scheduler::restore(const JobRecord& record, const MayUse& may_use) {
  std::shared_ptr<detail::Offer> offer;
  bool allowed = true;
  if (!record.state.over) {
    const auto is_it = [&](const Capability& one) {
      if (one.label() != record.service) return false;
      allowed = !may_use || may_use(one);
      return allowed;
    };
    try {
      offer = impl_->shell->catalogue().match(record.specification, record.state.accepted, is_it);
    } catch (const Error&) {
      offer = nullptr;  // then the job is over
    }
  }
  detail::Effects effects;
  const auto why = allowed ? detail::Planner::Gone::Withdrawn : detail::Planner::Gone::Forbidden;
  impl_->shell->planner().restore(record, std::move(offer), why, effects);
  impl_->shell->perform(std::move(effects));
}

std::vector<JobStatus> Scheduler::jobs() const { return impl_->shell->planner().jobs(); }

std::vector<std::string> Scheduler::stop(Duration at_most) {
  return impl_->shell->stop(at_most, false);
}

void Scheduler::wait_until_fetched(Duration at_most) { impl_->shell->wait_until_fetched(at_most); }

Books Scheduler::books() const { return impl_->shell->planner().books(); }

Books Scheduler::books(const Owner& owner, std::string_view token) const {
  return impl_->shell->planner().books(owner, token);
}

Lateness Scheduler::lateness() const { return impl_->shell->planner().lateness(); }

}  // namespace mplane
