#pragma once

#include "callback_gate.hpp"
#include "courier.hpp"
#include "errand_list.hpp"
#include "mplane/component/detail/back_off.hpp"
#include "mplane/component/dispatcher.hpp"
#include "mplane/component/supervisor_options.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/session/http_client.hpp"
#include "mplane/session/tls.hpp"
#include "outbox.hpp"
#include "ranks.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace mplane::detail {

/// What the links to a component's supervisors share. All of it outlives them.
struct LinkSurroundings {
  Dispatcher& dispatcher;
  Outbox& outbox;
  Ranks& ranks;
  const Clock& clock;
  const Registry& registry;
  std::function<void()> ranks_changed;  ///< to be called when one of them comes or goes
  std::optional<TlsContext> tls = {};
  CallingOptions options = {};
  LogSink log = {};
};

/// The component's side of the component-initiated workflow with one supervisor (protocol, section
/// 8). Thread-safe.
///
///     poll    -> 200: do what the envelope says    -> at the time it says, or after the interval
///             -> 428, or after a long silence: register, then poll
///             -> anything else: after a failure, with back-off
///     stands by (Ranks): withdraws what it registered, and does not poll
///
/// It has two connections, as a poll may be held: its own thread polls, a courier registers and
/// posts. Both threads spend their lives in a client that blocks.
class SupervisorLink {
 public:
  SupervisorLink(SupervisorOptions supervisor, std::size_t rank, LinkSurroundings around);
  /// Stops. Its courier is stopped by then.
  ~SupervisorLink();
  SupervisorLink(const SupervisorLink&) = delete;
  SupervisorLink& operator=(const SupervisorLink&) = delete;

  void start();
  /// Takes no more work: a poll that is held is cut off.
  void cancel();
  /// The same, and waits for its thread.
  void stop();
  /// What is offered has changed, or who may use it: the supervisor is told.
  void offers_changed();
  /// It may have to stand by, or to step in.
  void ranks_changed();
  /// New certificates, at once: a poll that is held is cut off, and made anew.
  void use(TlsContext tls);

 private:
  using Nanoseconds = std::chrono::nanoseconds;
  using Offers = std::map<std::string, Capability>;  // by token

  // On its own thread.
  void run();
  Nanoseconds turn();
  Nanoseconds poll();
  Nanoseconds take(const HttpReply& reply);
  Nanoseconds after_failure(const Error& error);
  void note_success(Nanoseconds began);
  void perform(const Identity& peer, const Message& message);
  void perform(const Identity& peer, const Specification& given);
  void rest_until(Nanoseconds deadline);
  std::shared_ptr<HttpClient> client();

  // On any thread.
  void answer(const Message& message, const Destination& to);
  Destination destination(const Specification& specification) const;
  Courier::Options courier_options();

  // On the courier's.
  void register_offers(HttpClient& client);
  std::vector<Capability> offers_to(const Identity& peer) const;
  Envelope registration(const std::vector<Capability>& added, const Offers& gone, bool anew) const;
  void note_answers(const HttpReply& reply, std::size_t registered) const;

  const SupervisorOptions supervisor_;
  const std::size_t rank_;
  const LinkSurroundings around_;
  const Url result_url_;
  const std::string name_;
  CallbackGate gate_;
  Courier& courier_;
  const std::unique_ptr<Alarm> alarm_;

  // Of its own thread.
  BackOff back_off_;
  std::optional<Nanoseconds> last_answer_;  // when
  Nanoseconds silence_{0};                  // after which it may have forgotten us
  std::optional<Nanoseconds> failing_since_;
  Duration asked_{0};  // for which it wants no polls

  Mutex mutex_;
  std::optional<TlsContext> tls_ MPLANE_GUARDED_BY(mutex_);
  /// Asked by our own thread alone; others let go of it or cancel it.
  std::shared_ptr<HttpClient> client_ MPLANE_GUARDED_BY(mutex_);
  std::optional<Identity> peer_ MPLANE_GUARDED_BY(mutex_);
  Offers told_ MPLANE_GUARDED_BY(mutex_);                 // what it knows of us
  bool anew_ MPLANE_GUARDED_BY(mutex_) = true;            // it knows nothing
  bool unknown_ MPLANE_GUARDED_BY(mutex_) = false;        // as it said at the last poll
  bool unknown_twice_ MPLANE_GUARDED_BY(mutex_) = false;  // and at the one before
  bool poll_now_ MPLANE_GUARDED_BY(mutex_) = true;
  bool stopping_ MPLANE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mplane::detail
