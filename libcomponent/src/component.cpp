#include "mplane/component/component.hpp"

#include "collectors.hpp"
#include "mplane/component/detail/credits.hpp"
#include "mplane/component/dispatcher.hpp"
#include "mplane/model/detail/thread_signals.hpp"
#include "mplane/model/error.hpp"
#include "mplane/session/listener.hpp"
#include "mplane/store/spool.hpp"
#include "outbox.hpp"
#include "ranks.hpp"
#include "routes.hpp"
#include "signals.hpp"
#include "supervisor_link.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <mutex>
#include <set>
#include <string>
#include <unistd.h>
#include <utility>

namespace mplane {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 4s;                      // with services, and with peers that fetch
constexpr Duration kFarewell = 2s;                      // for peers to fetch what was interrupted
constexpr std::chrono::milliseconds kLastAnswers{500};  // then for what is on its way

ListenerOptions listener_options(const ComponentOptions& options) {
  const HostPort address = HostPort::parse(options.listen);
  ListenerOptions listener;
  listener.address = address.host;
  listener.port = address.port;
  listener.tls = options.tls;
  listener.insecure = options.insecure;
  listener.threads = options.threads;
  listener.limits = options.limits;
  listener.limits.drain = kLastAnswers;
  listener.error_page = detail::exception_page;
  listener.log = options.log;
  return listener;
}

Url bound_url(const ComponentOptions& options, const std::uint16_t port) {
  const HostPort bound{HostPort::parse(options.listen).host, port};
  return Url::parse((options.tls ? "https://" : "http://") + to_string(bound) + "/");
}

/// The scheduler is named after its component, so that slips differ across a fleet.
SchedulerOptions scheduler_options(const ComponentOptions& options) {
  SchedulerOptions scheduler = options.scheduler;
  if (!scheduler.name.empty()) return scheduler;
  if (const auto identity = options.tls ? options.tls->identity() : std::nullopt) {
    scheduler.name = identity->text();
  } else {
    std::array<char, HOST_NAME_MAX + 1> host{};
    ::gethostname(host.data(), host.size() - 1);
    scheduler.name = std::string(host.data()) + " " + options.listen;
  }
  return scheduler;
}

/// The options, as far as they can be checked.
const ComponentOptions& checked(const ComponentOptions& options) {
  const auto refuse = [](const std::string& where, const std::string& why) {
    throw Error(ErrorKind::Configuration, where, why);
  };
  if (!options.tls && !options.insecure) refuse("tls", "is missing, and 'insecure' is not set");
  if (!options.tls && !options.exports.empty()) refuse("exports", "results are exported over TLS");
  std::set<std::string> origins;
  for (const SupervisorOptions& one : options.supervisors) {
    if (!origins.insert(detail::queue_of(one.url)).second) {
      refuse(to_string(one.url), "there is another supervisor on this host and port");
    }
  }
  return options;
}

/// The same capability, stating the scheme it can export to, which is part of its token.
Capability exporting(const Capability& capability) {
  CapabilityBuilder builder = CapabilityBuilder(capability.verb(), capability.label())
                                  .when(capability.when())
                                  .exports_to(std::string(ExportRules::kScheme));
  for (const Element* const one : capability.schema().parameters()) {
    builder = std::move(builder).parameter(one->name(), capability.constraint(one->name()));
  }
  for (const Element* const one : capability.schema().columns()) {
    builder = std::move(builder).result(one->name());
  }
  for (const auto& [name, value] : capability.metadata()) {
    builder = std::move(builder).metadata(name, value);
  }
  if (capability.link()) builder = std::move(builder).link(*capability.link());
  if (capability.has_token()) builder = std::move(builder).token(capability.token());
  return std::move(builder).build(capability.registry());
}

std::vector<unsigned> priorities(const std::vector<SupervisorOptions>& supervisors) {
  std::vector<unsigned> numbers;
  numbers.reserve(supervisors.size());
  for (const SupervisorOptions& one : supervisors) numbers.push_back(one.priority);
  return numbers;
}

}  // namespace

struct Component::Impl {
  explicit Impl(const ComponentOptions& options);
  void listen(const ComponentOptions& options);
  void call_supervisors(const ComponentOptions& options);
  void offers_changed();
  void stop_all();

  const LogSink log;
  const SystemClock system_clock;
  const Clock& clock;
  const Registry registry;
  const bool exports;  // whether results can go elsewhere
  std::optional<Spool> own_spool;
  Spool& spool;
  detail::Credits credits;
  Scheduler scheduler;
  detail::Outbox outbox;
  Dispatcher dispatcher;
  detail::Collectors collectors;
  detail::Routes routes;
  std::optional<Listener> listener;
  std::optional<Url> url;
  detail::Ranks ranks;
  std::vector<std::unique_ptr<detail::SupervisorLink>> links;  // use all of these

  std::once_flag started;
  std::once_flag stopped;
  detail::StopSignal stop_signal;
  std::vector<std::string> unended;  // written once, by whoever stops first
};

Component::Impl::Impl(const ComponentOptions& options)
    : log(checked(options).log),
      clock(options.clock != nullptr ? *options.clock : system_clock),
      registry(options.registry),
      exports(!options.exports.empty()),
      own_spool(options.spool == nullptr
                    ? std::optional<Spool>(std::in_place, SpoolOptions(), clock)
                    : std::nullopt),
      spool(options.spool == nullptr ? *own_spool : *options.spool),
      credits(options.credits, clock),
      scheduler(clock, scheduler_options(options), options.log),
      outbox({.rules = options.exports,
              .tls = options.tls,
              .calling = options.calling,
              .log = options.log},
             scheduler, spool, clock),
      dispatcher(scheduler, clock, options.access, options.log, &outbox, &credits),
      collectors(dispatcher, options.log),
      routes(dispatcher, options, &collectors),
      ranks(priorities(options.supervisors)) {
  if (!options.listen.empty()) listen(options);
  call_supervisors(options);
}

void Component::Impl::listen(const ComponentOptions& options) {
  listener.emplace(listener_options(options), [this](HttpRequest request, Responder responder) {
    routes(std::move(request), std::move(responder));
  });
  url = bound_url(options, listener->port());
}

void Component::Impl::call_supervisors(const ComponentOptions& options) {
  for (const SupervisorOptions& supervisor : options.supervisors) {
    const auto ranks_changed = [this] {
      for (const auto& link : links) link->ranks_changed();
    };
    links.push_back(std::make_unique<detail::SupervisorLink>(
        supervisor, links.size(),
        detail::LinkSurroundings{dispatcher, outbox, ranks, clock, registry, ranks_changed,
                                 options.tls, options.calling, log}));
  }
  if (!options.supervisors.empty() && !spool.is_durable()) {
    mplane::log(log, {Severity::Info,
                      "component",
                      "results that cannot be delivered wait in memory: they go with the process",
                      {}});
  }
}

void Component::Impl::offers_changed() {
  for (const auto& link : links) link->offers_changed();
}

void Component::Impl::stop_all() {
  mplane::log(log, {Severity::Info, "component", "stopping", {}});
  const auto began = clock.steady();
  for (const auto& link : links) link->cancel();
  for (const auto& link : links) link->stop();
  unended = scheduler.stop(kPatience);
  for (const std::string& job : unended) {
    mplane::log(log, {Severity::Warning,
                      "component",
                      "a measurement ignored its interrupt and is lost",
                      {{"job", job}}});
  }
  const auto left = std::chrono::floor<Duration>(kPatience - (clock.steady() - began));
  scheduler.wait_until_fetched(std::min(kFarewell, left));
  outbox.couriers().stop(kLastAnswers);
  if (listener) listener->stop();
  mplane::log(log, {Severity::Info, "component", "stopped", {}});
  stop_signal.raise();
}

Component::Component(const ComponentOptions& options) {
  const detail::SignalsBlocked for_the_threads_made_here;
  impl_ = std::make_unique<Impl>(options);
}

Component::~Component() { stop(); }

Capability Component::serve(Service service) {
  if (impl_->exports && !service.capability.export_url()) {
    service.capability = exporting(service.capability);
  }
  Capability offered = impl_->dispatcher.offer(std::move(service));
  impl_->offers_changed();
  return offered;
}

Capability Component::serve(Capability capability, Run run) {
  return serve(Service{std::move(capability), std::move(run)});
}

Capability Component::serve(Capability capability, AsyncRun run) {
  return serve(Service{std::move(capability), std::move(run)});
}

std::optional<Capability> Component::withdraw(const std::string_view token) {
  auto withdrawn = impl_->dispatcher.withdraw(token);
  impl_->collectors.remove(token);
  if (withdrawn) impl_->offers_changed();
  return withdrawn;
}

Capability Component::collect(const Capability& capability, Collect collect) {
  return this->collect(capability, AsyncCollect([collect = std::move(collect)](
                                                    const Identity& from, const Result& result,
                                                    const Collected& done) {
                         collect(from, result);
                         done({});
                       }));
}

Capability Component::collect(const Capability& capability, AsyncCollect collect) {
  const Capability linked = impl_->collectors.add(capability, impl_->url, std::move(collect));
  try {
    return serve(linked, [](const Specification& specification, std::stop_token) -> Result {
      throw Error(ErrorKind::Invalid, "",
                  "results are collected at " + specification.link().value_or("the link") +
                      ", there is nothing to run");
    });
  } catch (...) {
    impl_->collectors.remove(linked.token());
    throw;
  }
}

void Component::expect(const JobRecord& record) { impl_->dispatcher.expect(record); }

void Component::restore(const JobRecord& record) {
  impl_->dispatcher.restore(record);
  impl_->outbox.restore(record);
}

void Component::use(const TlsContext& tls) {
  if (impl_->listener) impl_->listener->use(tls);
  impl_->outbox.use(tls);
  for (const auto& link : impl_->links) link->use(tls);
}

void Component::use(AccessControl access) {
  impl_->dispatcher.use(std::move(access));
  impl_->offers_changed();
}

void Component::start() {
  std::call_once(impl_->started, [this] {
    const detail::SignalsBlocked for_the_threads_made_here;
    impl_->outbox.resume();
    impl_->outbox.couriers().start();
    for (const auto& link : impl_->links) link->start();
    if (!impl_->listener) return;
    impl_->listener->start();
    log(impl_->log, {Severity::Info, "component", "listening", {{"url", to_string(url())}}});
  });
}

std::vector<std::string> Component::run() {
  const detail::SignalsBlocked until_it_returns;
  start();
  impl_->stop_signal.wait();
  return stop();
}

std::vector<std::string> Component::stop() {
  std::call_once(impl_->stopped, [this] { impl_->stop_all(); });
  return impl_->unended;
}

ComponentStatus Component::status() const {
  ComponentStatus status{impl_->scheduler.capabilities().size(), impl_->scheduler.books(),
                         impl_->scheduler.lateness(),
                         impl_->listener ? impl_->listener->counts() : ListenerCounts()};
  impl_->dispatcher.refusals().add_to(status.refused);
  impl_->routes.refusals().add_to(status.refused);
  status.spool = impl_->spool.books();
  return status;
}

std::vector<JobStatus> Component::jobs() const { return impl_->scheduler.jobs(); }

bool Component::answers_within(const std::chrono::milliseconds at_most) const {
  return !impl_->listener || impl_->listener->turns_within(at_most);
}

const std::optional<Url>& Component::listens() const noexcept { return impl_->url; }

const Url& Component::url() const {
  if (impl_->url) return *impl_->url;
  throw Error(ErrorKind::Unavailable, "", "this component does not listen");
}

}  // namespace mplane
