#pragma once

#include "crawl.hpp"
#include "mplane/client/options.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/specification.hpp"
#include "patience.hpp"
#include "peers.hpp"
#include "task_pool.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace mplane::detail {

/// Where callers bring what components that listen offer and answer, and what those are asked. A
/// caller says by its URL which it is, as two may lead to the same component. What is called back
/// may come from any thread, also before the call returns.
class CallerHost {
 public:
  virtual ~CallerHost() = default;
  /// Told why something was not taken: Error{Unavailable} if it is worth another try.
  using Then = std::function<void(const std::optional<Error>& why_not)>;
  /// Told what a component is asked from now on, or nothing if it has to be offered first.
  using Asked = std::function<void(const std::optional<Envelope>&)>;

  /// A component offers these, and nothing else. @throws Error{Refused, TooMany}.
  virtual void offer(const std::string& component, const std::string& url,
                     const std::vector<Capability>& all) = 0;
  /// Waits for something that the component is to be asked, or for a while.
  virtual void await(const std::string& component, const std::string& url, Asked asked,
                     std::stop_token gone) = 0;
  /// Whether an answer is still wanted.
  virtual bool is_asked(const std::string& component, const std::string& token) const = 0;
  /// What came of it.
  virtual void take(const std::string& component, Message message, Then then) = 0;

 protected:
  CallerHost() = default;
  CallerHost(const CallerHost&) = default;
  CallerHost& operator=(const CallerHost&) = default;
};

/// Speaks with one component that listens (protocol, section 7): looks every now and then what it
/// offers, sends it what it is asked, redeems the receipts. Thread-safe; works on a pool that is
/// stopped before it goes.
///
///     out of reach -- look --> in reach: awaits what is to be asked
///          ^------ failure --------'
///     asked -- specification --> sent -- redemption … --> answered
///
/// One that cannot be reached is tried again after 100 ms, 200 ms, … up to the interval, or as late
/// as it asks for (Retry-After); what it is asked waits meanwhile, and is sent again, which is a
/// null operation where it arrived the first time. What one component was asked waits also while
/// another one answers at the URL. One that does not answer in time gets one request at a time
/// until it does, so that it takes few of the pool's threads.
class Caller {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  /// Connections to one component at a time, beside the one that looks.
  static constexpr std::size_t kLines = 16;

  struct Options {
    ClientOptions client = {};
    Duration interval{};  ///< between looks
  };

  /// @param url where its capabilities are. The others outlive it.
  Caller(Url url, Options options, CallerHost& host, TaskPool& pool);
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller() = default;

  void start();
  /// Has requests that are under way fail; to be called before the pool is stopped.
  void cancel();
  bool is_in_reach() const MPLANE_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    return in_reach_;
  }
  /// Certificates for connections from now on.
  void use(TlsContext tls) MPLANE_EXCLUDES(mutex_);

 private:
  /// A connection, with the options that it was made with.
  struct Line {
    explicit Line(std::shared_ptr<const ClientOptions> with, Identity to = {})
        : options(std::move(with)), peer(std::move(to)), peers(*options) {}
    const std::shared_ptr<const ClientOptions> options;
    const Identity peer;
    Peers peers;
  };
  struct Errand {  // what changes is guarded by the mutex
    const std::string component;
    const Specification specification;
    Patience patience;
    std::optional<Url> to = {};             ///< from its first line on
    unsigned round = 0;                     ///< of its turns; those of an earlier one are void
    std::optional<TimePoint> sending = {};  ///< since when it is under way and not answered
    bool may_be_there = false;              ///< it was under way before, and how far is not known
    bool sent = false;
    bool interrupted = false;
    bool interrupt_follows = false;  ///< as soon as it is sent
  };
  using ErrandPointer = std::shared_ptr<Errand>;
  using ErrandKey = std::pair<std::string, std::string>;  ///< component and token
  struct Turn {
    ErrandPointer errand;
    unsigned round;
    bool is_interrupt = false;  ///< else the specification, or a redemption
  };
  /// What came of a request in place of an answer.
  struct Trouble {
    Error error;
    Duration pause;     ///< asked for
    bool may_be_there;  ///< whether the component may have what it was sent nevertheless
    bool is_about_it;   ///< whether the component says so of what it was asked
  };

  void look(unsigned round) MPLANE_EXCLUDES(mutex_);
  void look_now() MPLANE_EXCLUDES(mutex_);
  TimePoint look_once();
  void reached(const Findings& found) MPLANE_EXCLUDES(mutex_);
  void turn_all(const std::map<std::string, std::deque<Turn>>& turns);
  void offer(const std::string& component, const std::vector<Capability>& all)
      MPLANE_EXCLUDES(mutex_);
  void stop_awaiting(const std::string& what, const Error& error) MPLANE_EXCLUDES(mutex_);
  TimePoint failed(const Error& error, Duration pause) MPLANE_EXCLUDES(mutex_);
  std::vector<Capability> capabilities(const Findings& found) const;
  void await(const std::string& component, const std::stop_token& gone) MPLANE_EXCLUDES(mutex_);
  void asked(const std::string& component, const std::stop_token& gone,
             const std::optional<Envelope>& envelope);
  void begin(const std::string& component, const Specification& specification)
      MPLANE_EXCLUDES(mutex_);
  void interrupt(const std::string& component, const std::string& token) MPLANE_EXCLUDES(mutex_);

  void turn(const Turn& turn);
  bool is_void(const Turn& turn) MPLANE_EXCLUDES(mutex_);
  std::unique_ptr<Line> lease(const Turn& turn) MPLANE_EXCLUDES(mutex_);
  void release(std::unique_ptr<Line> line, const std::optional<Trouble>& trouble)
      MPLANE_EXCLUDES(mutex_);
  Message message_of(const Turn& turn) MPLANE_EXCLUDES(mutex_);
  void told(const Turn& turn) MPLANE_EXCLUDES(mutex_);
  void troubled(const Turn& turn, const Trouble& trouble);
  bool is_final(const Turn& turn, const Trouble& trouble) const MPLANE_REQUIRES(mutex_);
  void take(const ErrandPointer& errand, const Message& answer);
  void fail(const ErrandPointer& errand, const std::string& why);
  void go_on(const ErrandPointer& errand, Duration pause = Duration(0)) MPLANE_EXCLUDES(mutex_);
  void drop(const ErrandPointer& errand) MPLANE_EXCLUDES(mutex_);
  void call_waiting() MPLANE_REQUIRES(mutex_);
  void note(Severity severity, std::string what, const std::string& reason) const;

  const Url url_;
  const Duration interval_;
  CallerHost& host_;
  TaskPool& pool_;
  const LogSink log_;
  std::stop_source stop_;
  std::unique_ptr<Line> looker_;  // of the one look at a time
  Patience looks_;                // the same, after failures

  mutable Mutex mutex_;
  std::shared_ptr<const ClientOptions> options_ MPLANE_GUARDED_BY(mutex_);
  std::string component_ MPLANE_GUARDED_BY(mutex_);  // empty: not met yet
  Identity peer_ MPLANE_GUARDED_BY(mutex_);
  std::map<std::string, Url> links_ MPLANE_GUARDED_BY(mutex_);  // by label
  std::string trouble_ MPLANE_GUARDED_BY(mutex_);               // why it is out of reach
  bool in_reach_ MPLANE_GUARDED_BY(mutex_) = false;
  bool awaits_ MPLANE_GUARDED_BY(mutex_) = false;
  bool looking_ MPLANE_GUARDED_BY(mutex_) = false;
  unsigned look_round_ MPLANE_GUARDED_BY(mutex_) = 0;  // looks of an earlier one are void
  std::stop_source gone_ MPLANE_GUARDED_BY(mutex_);    // of what is awaited
  std::map<ErrandKey, ErrandPointer> errands_ MPLANE_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Line>> idle_ MPLANE_GUARDED_BY(mutex_);
  std::size_t lines_ MPLANE_GUARDED_BY(mutex_) = 0;  // in use
  std::size_t most_lines_ MPLANE_GUARDED_BY(mutex_) = kLines;
  // By component: for a line, or for its being in reach.
  std::map<std::string, std::deque<Turn>> waiting_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
