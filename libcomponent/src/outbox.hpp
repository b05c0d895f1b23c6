#pragma once

#include "callback_gate.hpp"
#include "couriers.hpp"
#include "mplane/component/export_rules.hpp"
#include "mplane/component/exports.hpp"
#include "mplane/component/supervisor_options.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/scheduler/journal.hpp"
#include "mplane/scheduler/scheduler.hpp"
#include "mplane/store/spool.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mplane::detail {

/// The queue for a peer: its scheme, host and port.
std::string queue_of(const Url& url);

/// Where a message goes.
struct Destination {
  std::string queue;  ///< of the spool: the peer
  Url url;
};

/// Sends on its own accord what specifications yield: to the supervisor that asked, or to where
/// they say (protocol, sections 8 and 10). Each result goes into the spool as soon as its run ends,
/// and out from there. Thread-safe.
///
/// In the flow: behind the scheduler, before the couriers. Which specifications are pushed is told
/// by themselves, so that a journal of specifications is all that a restart needs: those with an
/// `export`, and those with a `link`, which the dispatcher sees on no other.
class Outbox final : public Exports {
 public:
  struct Options {
    ExportRules rules = {};
    std::optional<TlsContext> tls = {};
    CallingOptions calling = {};
    LogSink log = {};
  };

  /// They outlive it.
  Outbox(Options options, Scheduler& scheduler, Spool& spool, const Clock& clock);
  /// Lets go of what is followed. The couriers are stopped by then.
  ~Outbox() override;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// From now on posts below this URL go to that queue, whose courier there is.
  void add_supervisor(const Url& url, const std::string& queue);
  /// The destination that a link means; nothing when it is to nobody that we may connect to.
  std::optional<Destination> destination(const std::string& link) const;

  void check(const Specification& specification) const override;
  void begin(const std::string& owner, const Specification& specification) override;
  /// Sends what an accepted specification has yielded and will yield. Does nothing when it does so
  /// already, or the job is not known any more.
  /// @param accepted what `now` in its scope means.
  void follow(const std::string& owner, const Specification& specification, Instant accepted,
              const Destination& to);
  /// Whether it does.
  bool follows(const std::string& owner, const std::string& token) const;
  /// Goes on with what a process before us was to send.
  void restore(const JobRecord& record);
  /// Has what processes before us left delivered.
  void resume();

  Couriers& couriers() noexcept { return couriers_; }
  /// New certificates, from the next request on.
  void use(const TlsContext& tls);

 private:
  using Job = std::pair<std::string, std::string>;  // owner and token

  void put(const std::string& owner, const Specification& specification, Instant accepted,
           const Destination& to, Message outcome);
  void ended(const Job& job);
  Destination export_destination(const Specification& specification) const;
  Courier* courier_for(const Destination& to);
  Courier::Options courier_to(const Destination& to) const;

  const Options options_;
  Scheduler& scheduler_;
  Spool& spool_;
  const Clock& clock_;
  CallbackGate gate_;
  Couriers couriers_;
  mutable Mutex mutex_;
  std::vector<std::pair<Url, std::string>> supervisors_ MPLANE_GUARDED_BY(mutex_);
  std::optional<TlsContext> tls_ MPLANE_GUARDED_BY(mutex_);
  std::set<Job> followed_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
