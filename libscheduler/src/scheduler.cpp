#include "mplane/scheduler/scheduler.hpp"

#include "shell.hpp"

#include <utility>

namespace mplane {

struct Scheduler::Impl {
  Impl(const Clock& used, const SchedulerOptions& options, LogSink log)
      : clock(used),
        farewell(options.farewell),
        shell(std::make_shared<detail::Shell>(used, options, std::move(log))) {
    shell->open();
  }

  const Clock& clock;
  const Duration farewell;
  const std::shared_ptr<detail::Shell> shell;
};

Scheduler::Scheduler(const Clock& clock, SchedulerOptions options, LogSink log)
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
  detail::Planner& planner = impl_->shell->planner();
  const std::string token = specification.token();
  if (const auto asked = planner.asked(owner, token)) return Receipt(*asked);
  const Specification named =
      specification.has_token() ? specification : specification.with_token(token);
  auto offer = impl_->shell->catalogue().match(named, impl_->clock.now(), may_use);
  detail::Effects effects;
  planner.submit(owner, named, std::move(offer), effects);
  impl_->shell->perform(std::move(effects));
  return Receipt(named);
}

Message Scheduler::redeem(const Owner& owner, std::string_view token) {
  detail::Effects effects;
  const detail::Snapshot snapshot = impl_->shell->planner().redeem(owner, token, effects);
  impl_->shell->perform(std::move(effects));
  return message_of(snapshot);
}

Message Scheduler::interrupt(const Owner& owner, std::string_view token) {
  detail::Effects effects;
  impl_->shell->planner().interrupt(owner, token, effects);
  impl_->shell->perform(std::move(effects));
  return redeem(owner, token);
}

void Scheduler::interrupt(const Owner& owner, std::string_view token, Duration at_most,
                          std::function<void(Message)> done) {
  detail::Effects effects;
  impl_->shell->planner().interrupt(owner, token, effects);
  impl_->shell->perform(std::move(effects));
  await(owner, token, at_most, std::move(done));
}

void Scheduler::await(const Owner& owner, std::string_view token, Duration at_most,
                      std::function<void(Message)> done) {
  detail::Effects effects;
  impl_->shell->planner().await(owner, token, at_most, std::move(done), effects);
  impl_->shell->perform(std::move(effects));
}

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
