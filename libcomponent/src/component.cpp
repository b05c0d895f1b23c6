#include "mplane/component/component.hpp"

#include "mplane/component/dispatcher.hpp"
#include "mplane/session/listener.hpp"
#include "routes.hpp"
#include "signals.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
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

}  // namespace

struct Component::Impl {
  explicit Impl(const ComponentOptions& options)
      : log(options.log),
        clock(options.clock != nullptr ? *options.clock : system_clock),
        scheduler(clock, options.scheduler, options.log),
        dispatcher(scheduler, clock, options.access, options.log),
        routes(dispatcher, options),
        listener(listener_options(options),
                 [this](HttpRequest request, Responder responder) {
                   routes(std::move(request), std::move(responder));
                 }),
        url(bound_url(options, listener.port())) {}

  void stop_all();

  const LogSink log;
  const SystemClock system_clock;
  const Clock& clock;
  Scheduler scheduler;
  Dispatcher dispatcher;
  detail::Routes routes;
  Listener listener;
  const Url url;

  std::once_flag started;
  std::once_flag stopped;
  detail::StopSignal stop_signal;
  std::vector<std::string> unended;  // written once, by whoever stops first
};

void Component::Impl::stop_all() {
  mplane::log(log, {Severity::Info, "component", "stopping", {}});
  const auto began = clock.steady();
  unended = scheduler.stop(kPatience);
  for (const std::string& job : unended) {
    mplane::log(log, {Severity::Warning,
                      "component",
                      "a measurement ignored its interrupt and is lost",
                      {{"job", job}}});
  }
  const auto left = std::chrono::floor<Duration>(kPatience - (clock.steady() - began));
  scheduler.wait_until_fetched(std::min(kFarewell, left));
  listener.stop();
  mplane::log(log, {Severity::Info, "component", "stopped", {}});
  stop_signal.raise();
}

Component::Component(const ComponentOptions& options) {
  const detail::SignalsBlocked for_the_threads_made_here;
  impl_ = std::make_unique<Impl>(options);
}

Component::~Component() { stop(); }

Capability Component::serve(Service service) { return impl_->dispatcher.offer(std::move(service)); }

Capability Component::serve(Capability capability, Run run) {
  return serve(Service{std::move(capability), std::move(run)});
}

Capability Component::serve(Capability capability, AsyncRun run) {
  return serve(Service{std::move(capability), std::move(run)});
}

std::optional<Capability> Component::withdraw(const std::string_view token) {
  return impl_->dispatcher.withdraw(token);
}

void Component::restore(const JobRecord& record) { impl_->dispatcher.restore(record); }

void Component::use(TlsContext tls) { impl_->listener.use(std::move(tls)); }

void Component::use(AccessControl access) { impl_->dispatcher.use(std::move(access)); }

void Component::start() {
  std::call_once(impl_->started, [this] {
    const detail::SignalsBlocked for_the_threads_made_here;
    impl_->listener.start();
    log(impl_->log, {Severity::Info, "component", "listening", {{"url", to_string(impl_->url)}}});
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
                         impl_->scheduler.lateness(), impl_->listener.counts()};
  impl_->dispatcher.refusals().add_to(status.refused);
  impl_->routes.refusals().add_to(status.refused);
  return status;
}

bool Component::answers_within(const std::chrono::milliseconds at_most) const {
  return impl_->listener.turns_within(at_most);
}

const Url& Component::url() const noexcept { return impl_->url; }

}  // namespace mplane
