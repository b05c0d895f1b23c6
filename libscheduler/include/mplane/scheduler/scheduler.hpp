#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mplane/model/log.hpp"
#include "mplane/model/message.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/scheduler/service.hpp"

namespace mplane {

/// How a scheduler works.
struct SchedulerOptions {
  std::size_t workers = 8;        ///< threads that run synchronous services
  std::size_t max_results = 100;  ///< results kept of one repeated specification
};

/// Who asked: the text of a peer's identity. Tokens are scoped to it, so that one peer can neither
/// see nor touch another's measurements (protocol, section 6).
using Owner = std::string;

/// Knows services, runs specifications at their time, keeps results until they are fetched.
/// Thread-safe. Stands between the dispatcher, which checks rights, and the services.
class Scheduler {
 public:
  /// The clock outlives the scheduler.
  Scheduler(const Clock& clock, SchedulerOptions options, LogSink log);
  /// Stops everything: interrupts what runs and waits for it.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Offers a service. @return its capability, with a token.
  Capability offer(Service service);
  /// Takes a service back; its jobs go on. @return the capability that was offered, or nothing.
  std::optional<Capability> withdraw(std::string_view token);
  /// What is offered, in the order of offers.
  std::vector<Capability> capabilities() const;
  /// The capability with that token: offered now, or withdrawn before.
  std::optional<Capability> find_capability(std::string_view token) const;
  bool is_withdrawn(std::string_view token) const;
  /// The capability that would run a specification. @throws Error{Invalid} saying why none does.
  Capability capability_for(const Specification& specification) const;

  /// Plans a specification, with the token it carries or its default one. The same owner and token
  /// again is a null operation. Runs an `immediate` service before it returns.
  /// @return the receipt. @throws Error{Invalid} when no service accepts it, saying why; {TooMany}
  /// naming the limit; {Unavailable} while stopping.
  Receipt submit(const Owner& owner, const Specification& specification);

  /// What there is: a result, an exception, the envelope of results so far of a repeated one, or
  /// the receipt while nothing is there yet. @throws Error{Unknown} naming the token.
  Message redeem(const Owner& owner, std::string_view token);
  /// Stops a job and gives what there is, waiting at most a moment for a run to end.
  /// @throws Error{Unknown}.
  Message interrupt(const Owner& owner, std::string_view token);
  /// Calls back once, from any thread: with what `redeem` gives as soon as the job has ended, or
  /// when `at_most` has passed. @throws Error{Unknown}.
  void await(const Owner& owner, std::string_view token, Duration at_most,
             std::function<void(Message)> done);

  /// Refuses new work, interrupts what runs, waits until it ended or the time has passed.
  /// Idempotent. @return the jobs that did not end, for the log.
  std::vector<std::string> stop(Duration at_most);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
