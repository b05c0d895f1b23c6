#include "mplane/client/client_listener.hpp"

#include "callback_routes.hpp"
#include "caller.hpp"
#include "effects.hpp"
#include "message_list.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/detail/thread_signals.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/session/detail/complaints.hpp"
#include "mplane/session/pattern.hpp"
#include "mplane/session/router.hpp"
#include "poll_query.hpp"
#include "registrations.hpp"
#include "task_pool.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace mplane {
namespace {

using detail::Effects;
using detail::Lock;
using detail::Moment;
using detail::RegistrationAnswer;

Moment now() {
  return {std::chrono::steady_clock::now(),
          std::chrono::floor<Duration>(std::chrono::system_clock::now())};
}

ListenerOptions server_options(const ClientListenerOptions& options) {
  const HostPort address = HostPort::parse(options.listen);
  ListenerOptions server;
  server.address = address.host;
  server.port = address.port;
  server.tls = options.tls;
  server.insecure = options.insecure;
  server.threads = options.threads;
  server.limits = options.server;
  server.error_page = detail::exception_response;
  server.log = options.log;
  return server;
}

/// What the log is told of a request, whose body may be large.
HttpRequest head_of(const HttpRequest& request) {
  HttpRequest head;
  head.method = request.method;
  head.path = request.path;
  head.peer = request.peer;
  head.remote = request.remote;
  return head;
}

}  // namespace

class ClientListener::Impl final : public detail::CallerHost {
 public:
  explicit Impl(ClientListenerOptions options)
      : options_(std::move(options)),
        registrations_(options_.limits, options_.callback, options_.watch),
        complaints_(options_.log),
        router_(routes()),
        listener_(server_options(options_),
                  [this](HttpRequest request, Responder responder) {
                    router_(std::move(request), std::move(responder));
                  }),
        url_(Url::parse(
            (options_.tls ? "https://" : "http://") +
            to_string(HostPort{HostPort::parse(options_.listen).host, listener_.port()}) + "/")),
        calls_(options_.parallel) {
    make_callers();
  }
  ~Impl() override { stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start() MPLANE_EXCLUDES(mutex_);
  void stop() MPLANE_EXCLUDES(mutex_);

  /// Has a change made under the lock, and what follows from it done without.
  template <typename Act>
  auto change(const Act& act) MPLANE_EXCLUDES(mutex_) {
    Effects effects;
    auto done = [&] {
      const Lock lock(mutex_);
      auto result = act(registrations_, effects);
      const auto deadline = registrations_.deadline();
      if (deadline && *deadline < awaited_) changed_.notify_all();
      return result;
    }();
    detail::perform(effects);
    return done;
  }
  template <typename Look>
  auto look(const Look& look) const MPLANE_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    return look(registrations_);
  }

  std::size_t out_of_reach() const {
    return static_cast<std::size_t>(
        std::count_if(callers_.begin(), callers_.end(),
                      [](const auto& caller) { return !caller->is_in_reach(); }));
  }
  void use(TlsContext tls) {
    for (const auto& caller : callers_) caller->use(tls);
    listener_.use(std::move(tls));
  }
  const Url& url() const noexcept { return url_; }

 private:
  using Answer = void (Impl::*)(const HttpRequest&, Responder&);
  /// Why what a component sent was not taken.
  struct Refusal {
    Error error;  // for the component
    std::string_view what;
    std::string reason;  // for our log alone
  };
  using Arrived = std::function<void(const std::optional<Refusal>&)>;
  /// What a component sent, on its way to be kept.
  struct Arrival {
    std::string component;
    Message message;
    Arrived then;
    std::size_t left = 0;  // of its parts; under the mutex, as the next
    std::optional<Error> failure = {};
  };

  void offer(const std::string& component, const std::string& url,
             const std::vector<Capability>& all) override;
  void await(const std::string& component, const std::string& url, Asked asked,
             std::stop_token gone) override;
  bool is_asked(const std::string& component, const std::string& token) const override;
  void take(const std::string& component, Message message, Then then) override;
  void make_callers();

  Router routes();
  void fenced(const HttpRequest& request, Responder responder, Answer answer);
  void check_admitted(const std::string& component) const;
  void enroll(const HttpRequest& request, Responder& responder);
  void poll(const HttpRequest& request, Responder& responder);
  void take(const HttpRequest& request, Responder& responder);
  void arrive(std::string component, Message message, Arrived then) MPLANE_EXCLUDES(mutex_);
  void kept(Arrival& arrival, const std::optional<Error>& why) MPLANE_EXCLUDES(mutex_);
  void complain(const HttpRequest& request, const std::string& what, const std::string& reason);
  void keep_deadlines() MPLANE_EXCLUDES(mutex_);

  const ClientListenerOptions options_;
  mutable detail::Mutex mutex_;
  detail::Condition changed_;
  detail::Registrations registrations_ MPLANE_GUARDED_BY(mutex_);
  /// What the thread of deadlines waits for.
  std::chrono::steady_clock::time_point awaited_ MPLANE_GUARDED_BY(mutex_) =
      std::chrono::steady_clock::time_point::max();
  bool stopped_ MPLANE_GUARDED_BY(mutex_) = false;
  std::size_t arriving_ MPLANE_GUARDED_BY(mutex_) = 0;  // what is being kept
  std::thread deadlines_;  // made by start, joined by stop, which are one after the other
  detail::Complaints complaints_;
  const Router router_;
  Listener listener_;
  const Url url_;
  detail::TaskPool calls_;
  std::vector<std::unique_ptr<detail::Caller>> callers_;
  detail::Mutex life_;  // of start and stop
};

Router ClientListener::Impl::routes() {
  Router router(detail::exception_response);
  const auto on = [&](const char* const method, const std::string& path, const Answer answer) {
    router.on(method, path, [this, answer](const HttpRequest& request, Responder responder) {
      fenced(request, std::move(responder), answer);
    });
  };
  on("POST", options_.paths.capabilities, &Impl::enroll);
  on("GET", options_.paths.specifications, &Impl::poll);
  on("POST", options_.paths.results, &Impl::take);
  return router;
}

void ClientListener::Impl::fenced(const HttpRequest& request, Responder responder,
                                  const Answer answer) {
  try {
    (this->*answer)(request, responder);
  } catch (const Error& error) {
    complain(request, "request refused", error.what());
    responder.send(detail::exception_response(error));
  }
}

void ClientListener::Impl::enroll(const HttpRequest& request, Responder& responder) {
  detail::check_media_type(request);
  const std::string component = detail::component_of(request, options_.tls.has_value());
  check_admitted(component);
  std::vector<RegistrationAnswer> unreadable;
  const auto messages =
      detail::decode_list(request.body, options_.registry, [&](const Error& error) {
        complain(request, "a capability cannot be read", error.what());
        unreadable.push_back({"unreadable-" + std::to_string(unreadable.size()), error.what()});
      });
  auto answers = change([&](detail::Registrations& registrations, Effects& effects) {
    return registrations.enroll(component, messages, now(), effects);
  });
  answers.insert(answers.end(), unreadable.begin(), unreadable.end());
  responder.send(detail::registration_response(answers));
}

/// Who never registered is asked nothing and can answer nothing.
void ClientListener::Impl::check_admitted(const std::string& component) const {
  const auto& names = options_.components;
  const bool is_admitted =
      names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& pattern) {
        return matches(pattern, component);
      });
  if (is_admitted) return;
  throw Error(ErrorKind::Refused, "",
              mplane::quoted(component) + " is none of the components that may register here");
}

void ClientListener::Impl::poll(const HttpRequest& request, Responder& responder) {
  if (request.method == "HEAD") {
    responder.send(detail::poll_response(Envelope()));  // its answer has no room for work
    return;
  }
  // Shared because a std::function has to be copyable; there is one owner at a time.
  const auto answer = std::make_shared<Responder>(std::move(responder));
  const std::string component = detail::component_of(request, options_.tls.has_value());
  const Moment came = now();
  change([&](detail::Registrations& registrations, Effects& effects) {
    if (!request.query.empty()) {
      registrations.note(component, detail::read_poll_query(request.query, came.today));
    }
    registrations.poll(component,
                       {[answer](const std::optional<Envelope>& envelope) {
                          answer->send(detail::poll_response(envelope));
                        },
                        request.gone},
                       came, effects);
    return true;
  });
}

void ClientListener::Impl::take(const HttpRequest& request, Responder& responder) {
  detail::check_media_type(request);
  Message message = decode(request.body, options_.registry);
  const auto answer = std::make_shared<Responder>(std::move(responder));
  arrive(detail::component_of(request, options_.tls.has_value()), std::move(message),
         [this, head = head_of(request), answer](const std::optional<Refusal>& refusal) {
           if (refusal) complain(head, std::string(refusal->what), refusal->reason);
           answer->send(refusal ? detail::exception_response(refusal->error)
                                : HttpResponse{.status = 200});
         });
}

void ClientListener::Impl::arrive(std::string component, Message message, Arrived then) {
  const auto arrival =
      std::make_shared<Arrival>(Arrival{std::move(component), std::move(message), std::move(then)});
  std::vector<detail::News> news;
  if (options_.keep) {
    news = look([&](const detail::Registrations& all) {
      return all.news(arrival->component, arrival->message);
    });
  }
  arrival->left = news.size() + 1;  // nothing is said before all of it was handed to be kept
  {
    const Lock lock(mutex_);
    ++arriving_;
  }
  const auto kept_one = [this, arrival](const std::optional<Error>& why) { kept(*arrival, why); };
  for (const detail::News& one : news) {
    options_.keep(arrival->component, one.asked, one.message, kept_one);
  }
  kept_one({});
}

/// A part of what arrived is kept, or cannot be; with the last one all is passed on and answered.
void ClientListener::Impl::kept(Arrival& arrival, const std::optional<Error>& why) {
  {
    const Lock lock(mutex_);
    if (why && !arrival.failure) arrival.failure = why;
    if (--arrival.left > 0) return;
  }
  std::optional<Refusal> refusal;
  if (arrival.failure) {
    // Whatever the reason, of which only our log is told: it is the component's to send it again.
    refusal =
        Refusal{Error(ErrorKind::Unavailable, "", "what was sent could not be kept; send it again"),
                "a result cannot be kept", arrival.failure->what()};
  } else {
    change([&](detail::Registrations& registrations, Effects& effects) {
      try {
        registrations.take(arrival.component, arrival.message, now(), effects);
      } catch (const Error& error) {
        // What was good of an envelope has its effects nevertheless.
        refusal = Refusal{error, "request refused", error.what()};
      }
      return true;
    });
  }
  arrival.then(refusal);
  const Lock lock(mutex_);
  if (--arriving_ == 0 && stopped_) changed_.notify_all();
}

void ClientListener::Impl::make_callers() {
  ClientOptions client;
  client.registry = options_.registry;
  client.tls = options_.tls;
  client.insecure = options_.insecure;
  client.log = options_.log;
  for (const Url& url : options_.connect) {
    if (url.is_secure() == options_.insecure) {
      throw Error(ErrorKind::Configuration, to_string(url),
                  options_.insecure ? "without TLS only http:// can be connected to"
                                    : "with TLS only https:// can be connected to");
    }
    callers_.push_back(std::make_unique<detail::Caller>(
        url, detail::Caller::Options{client, options_.callback.look}, *this, calls_));
  }
}

void ClientListener::Impl::offer(const std::string& component, const std::string& url,
                                 const std::vector<Capability>& all) {
  check_admitted(component);
  const auto refused = change([&](detail::Registrations& registrations, Effects& effects) {
    return registrations.offer(component, url, all, now(), effects);
  });
  for (const RegistrationAnswer& one : refused) {
    complaints_.add(Identity(), {Severity::Warning,
                                 "registrations",
                                 "a capability is not taken",
                                 {{"component", component}, {"reason", *one.refusal}}});
  }
}

void ClientListener::Impl::await(const std::string& component, const std::string& url, Asked asked,
                                 std::stop_token gone) {
  change([&](detail::Registrations& registrations, Effects& effects) {
    registrations.await(component, url, {std::move(asked), std::move(gone)}, now(), effects);
    return true;
  });
}

bool ClientListener::Impl::is_asked(const std::string& component, const std::string& token) const {
  return look([&](const detail::Registrations& all) { return all.is_asked(component, token); });
}

void ClientListener::Impl::take(const std::string& component, Message message, Then then) {
  arrive(component, std::move(message),
         [this, component, then = std::move(then)](const std::optional<Refusal>& refusal) {
           if (!refusal) return then({});
           log(options_.log, {Severity::Warning,
                              "registrations",
                              std::string(refusal->what),
                              {{"component", component}, {"reason", refusal->reason}}});
           then(refusal->error);
         });
}

void ClientListener::Impl::complain(const HttpRequest& request, const std::string& what,
                                    const std::string& reason) {
  complaints_.add(request.peer, {Severity::Warning,
                                 "registrations",
                                 what,
                                 {{"peer", request.peer.text()},
                                  {"address", request.remote},
                                  {"request", request.method + " " + request.path},
                                  {"reason", reason}}});
}

void ClientListener::Impl::start() {
  const Lock lock(life_);
  if (deadlines_.joinable() ||
      look([&](const auto&) MPLANE_REQUIRES(mutex_) { return stopped_; })) {
    return;
  }
  deadlines_ = std::thread([this] {
    detail::block_all_signals();
    keep_deadlines();
  });
  listener_.start();
  for (const auto& caller : callers_) caller->start();
}

void ClientListener::Impl::stop() {
  const Lock lock(life_);
  for (const auto& caller : callers_) caller->cancel();
  calls_.stop();
  change([&](detail::Registrations& registrations, Effects& effects) MPLANE_REQUIRES(mutex_) {
    stopped_ = true;
    changed_.notify_all();
    registrations.close(effects);
    return true;
  });
  if (deadlines_.joinable()) deadlines_.join();
  listener_.stop();
  Lock still(mutex_);
  changed_.wait(still, [this]() MPLANE_REQUIRES(mutex_) { return arriving_ == 0; });
}

void ClientListener::Impl::keep_deadlines() {
  Lock lock(mutex_);
  while (!stopped_) {
    awaited_ = registrations_.deadline().value_or(std::chrono::steady_clock::time_point::max());
    if (awaited_ == std::chrono::steady_clock::time_point::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, awaited_);
    }
    if (stopped_) break;
    Effects effects;
    registrations_.tick(now(), effects);
    lock.unlock();
    detail::perform(effects);
    lock.lock();
  }
}

ClientListener::ClientListener(ClientListenerOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

ClientListener::~ClientListener() = default;

void ClientListener::start() { impl_->start(); }

void ClientListener::stop() { impl_->stop(); }

std::vector<Registration> ClientListener::registrations() const {
  return impl_->look([](const detail::Registrations& all) { return all.all(); });
}

std::vector<Registration> ClientListener::registrations(const std::string_view component) const {
  return impl_->look([&](const detail::Registrations& all) { return all.of(component); });
}

std::vector<ComponentView> ClientListener::components() const {
  return impl_->look([](const detail::Registrations& all) {
    return all.components(std::chrono::steady_clock::now());
  });
}

ComponentCounts ClientListener::counts() const {
  ComponentCounts counts =
      impl_->look([](const detail::Registrations& all) { return all.counts(); });
  counts.out_of_reach = impl_->out_of_reach();
  return counts;
}

Specification ClientListener::submit(const std::string_view component,
                                     const Specification& specification, Each each) {
  return impl_->change([&](detail::Registrations& registrations, Effects& effects) {
    return registrations.submit(component, specification, std::move(each), now(), effects);
  });
}

bool ClientListener::interrupt(const std::string_view component, const std::string_view token,
                               const Duration at_most) {
  return impl_->change([&](detail::Registrations& registrations, Effects& effects) {
    return registrations.interrupt(component, token, at_most, now(), effects);
  });
}

bool ClientListener::forget(const std::string_view component, const std::string_view token) {
  return impl_->change([&](detail::Registrations& registrations, Effects&) {
    return registrations.forget(component, token);
  });
}

void ClientListener::use(TlsContext tls) { impl_->use(std::move(tls)); }

const Url& ClientListener::url() const noexcept { return impl_->url(); }

}  // namespace mplane
