#pragma once

#include "mplane/client/component_view.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/model/time.hpp"
#include "mplane/session/listener.hpp"
#include "mplane/session/tls.hpp"
#include "mplane/session/url.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// A capability that a component registered. A value.
struct Registration {
  /// Who: the identity of its certificate; without TLS the address of its host, so that there is
  /// one component a host.
  std::string component;
  Capability capability;  ///< with a token
};

/// When components are to ask for work (protocol, section 8: callback control).
struct CallbackOptions {
  /// Between the polls of one that can be told when to come back, but does not wait for its answer.
  Duration interval = std::chrono::seconds(5);
  /// So long a poll of one that registered a capability of verb `callback` is held open until there
  /// is work, and it comes back as soon as it is answered; 0 holds none.
  Duration hold = std::chrono::seconds(20);
  /// Of all together; they are told to come back later, the more there are.
  double polls_per_second = 2'000;
  /// Without callback control a component comes back after so long.
  Duration unasked = std::chrono::seconds(5);
  /// A registration ends when its component stays away for three intervals, and at least so long.
  Duration expiry = std::chrono::seconds(10);
  /// A specification that was fetched and not heard of is handed out again after so long.
  Duration again = std::chrono::seconds(20);
  /// Between looks at what a component offers that we connect to. Its registration ends when three
  /// of them failed, as above.
  Duration look = std::chrono::seconds(5);
};

/// What is taken from components at most.
struct RegistrationLimits {
  std::size_t components = 100'000;
  std::size_t capabilities = 1'000;  ///< of one component
  std::size_t asked = 10'000;        ///< specifications that one component has not ended
};

/// Where components find what (protocol, section 8).
struct CallbackPaths {
  std::string capabilities = "/register/capability";
  std::string specifications = "/show/specification";
  std::string results = "/register/result";
};

/// What a ClientListener is made of. An aggregate; what has no default has to be given.
struct ClientListenerOptions {
  /// Told of each capability that is offered from now on, or is no longer; one at a time and in
  /// order, from any thread. Must not throw.
  using Watch = std::function<void(const Registration&, bool is_offered)>;

  /// Keeps a result or an exception that a component sent about what it was asked, then calls
  /// `then` once, from any thread. Only after that, and if nothing went wrong, is it passed on and
  /// the component told that it arrived; else it is answered 503 and sends it again, so it may come
  /// twice. `stop` waits for the call. Called from any thread. Must not throw.
  using Then = std::function<void(std::optional<Error>)>;
  using Keep = std::function<void(const std::string& component, const Specification& asked,
                                  const Message& message, Then then)>;

  Registry registry = Registry::core();   ///< messages may name it and every registry it knows
  std::string listen = "127.0.0.1:8888";  ///< address and port; port 0 is any free one
  std::optional<TlsContext> tls = {};     ///< our certificate; required unless `insecure`
  bool insecure = false;                  ///< plain HTTP; warned of in the log
  ListenerLimits server = {};
  unsigned threads = 1;  ///< event loops
  /// Components that listen (protocol, section 7), each by the URL of its capabilities: we connect
  /// to them, and all is as if they had registered, but for those that register themselves, too.
  /// Their certificate has to be for the URL's host; their name is the identity in it, without TLS
  /// "host:port".
  std::vector<Url> connect = {};
  /// Requests to them that are under way at once, a thread each.
  std::size_t parallel = 256;
  /// Who may register, or be connected to: identities, `*` for any text; one has to match. Whoever
  /// can connect, unless given: with TLS that is everybody whom the authority certified.
  std::vector<std::string> components = {};
  RegistrationLimits limits = {};
  CallbackOptions callback = {};
  CallbackPaths paths = {};
  Watch watch = {};
  Keep keep = {};  ///< without it nothing is kept
  LogSink log = {};
};

/// The asking side of the component-initiated workflow (protocol, section 8): components connect,
/// register what they offer, fetch the specifications that wait for them, and send what came of
/// those. A resource; thread-safe. It owns a Listener, a thread that looks after deadlines, and, if
/// it connects to components that listen, threads for the requests to them.
///
///     ClientListener listener({.tls = TlsContext(files), .watch = …});
///     listener.start();
///     …
///     listener.submit(component, capability.specify("now").build(), [](std::optional<Message> m) {
///       …
///     });
///
/// Nothing comes twice: what a component registers or sends again is a null operation, and results
/// are taken only from the component that was asked.
class ClientListener {
 public:
  /// Takes what a component sends about a specification: its result, of a repeated one a result or
  /// an exception for each run, or the exception it ended with; nothing after the last. One at a
  /// time and in order, from any thread. Must not throw.
  using Each = std::function<void(std::optional<Message>)>;

  /// Binds the address. @throws Error{Configuration} when it cannot, when neither `tls` nor
  /// `insecure` was given, or for a URL that does not go with that.
  explicit ClientListener(ClientListenerOptions options);
  /// Stops.
  ~ClientListener();
  ClientListener(const ClientListener&) = delete;
  ClientListener& operator=(const ClientListener&) = delete;

  /// Begins to answer; returns at once. Does nothing when it does already, or was stopped.
  void start();
  /// Ends for good: answers the polls that are held, closes all connections. Idempotent.
  void stop();

  /// What is offered now, component by component.
  std::vector<Registration> registrations() const;
  /// What one component offers.
  std::vector<Registration> registrations(std::string_view component) const;

  /// All components that are there, or for which something waits, in order of their names.
  std::vector<ComponentView> components() const;
  ComponentCounts counts() const;

  /// Has a component told of a specification as soon as it polls. Its token must be unlike any that
  /// the component is still busy with; one that it does not have is given to it. A specification
  /// waits also for a component that is away. A repeated specification goes on until it fails, is
  /// interrupted or forgotten: that its last run has ended is not told (protocol, section 8).
  /// @return the specification with its token. @throws Error{Unknown} when no such component ever
  /// registered; {TooMany} when it is asked too much; {Invalid} for a token in use.
  Specification submit(std::string_view component, const Specification& specification, Each each);
  /// Has the component stop it; what it measured until then still comes, but is waited for no
  /// longer than that. One that was not fetched yet ends at once. @return whether it was known.
  bool interrupt(std::string_view component, std::string_view token,
                 Duration at_most = std::chrono::seconds(30));
  /// Nothing more is wanted of it: its `Each` is not called from now on, but for a call that is
  /// under way. @return whether it was known.
  bool forget(std::string_view component, std::string_view token);

  /// Certificates for connections made from now on, as Listener::use.
  void use(TlsContext tls);
  /// Where it listens, with the port that is bound.
  const Url& url() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
