#pragma once

#include "mplane/component/detail/back_off.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/log.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/session/detail/complaints.hpp"
#include "mplane/session/http_client.hpp"
#include "mplane/store/spool.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace mplane::detail {

/// Posts to one peer, on one connection that is kept: errands, then notes, then what waits for it
/// in the spool. While the peer cannot be reached all waits, and is tried again with back-off. What
/// it does not take of the spool is set aside and tried again with a back-off of its own: it keeps
/// nothing else. What it will never take is dropped, counted and logged. Thread-safe.
///
/// It has a thread of its own, because the client that it posts with blocks, and one peer that does
/// not answer must not keep what is for others. An asynchronous client would need none.
class Courier {
 public:
  /// Something to do before all else, on the courier's thread: done again later if it throws.
  using Errand = std::function<void(HttpClient&)>;

  struct Options {
    std::string queue;  ///< of the spool, for this peer
    Url peer;
    HttpClientOptions http = {};
    BackOff back_off;
    Errand errand = {};
    /// Where to what waits in the spool may go: the rest is dropped. Anywhere unless given.
    std::function<bool(const Url&)> allows = {};
  };

  /// Spool and clock outlive it.
  Courier(Options options, Spool& spool, const Clock& clock, const LogSink& log);
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  /// Begins; nothing is sent before.
  void start();
  /// Posts a message that need not survive the process, before those in the spool.
  void note(std::string path, std::string body);
  /// Does the errand.
  void run_errand();
  /// There may be something in the spool.
  void wake();
  /// The peer can be reached again: what waits is tried at once, or when the peer wants it.
  void hurry();
  /// New certificates, at once: a post that is under way is cut off, and made anew.
  void use(TlsContext tls);

  /// Waits until nothing is left to send, or the peer cannot be reached, or the time has passed.
  void wait_until_settled(std::chrono::milliseconds at_most);
  /// Ends, for good; a post that is under way is cut off.
  void cancel();
  /// The same, and waits for its thread.
  void stop();

 private:
  struct Note {
    std::string path;
    std::string body;
    unsigned tries = 0;  ///< that were answered
  };
  enum class Verdict { Taken, NotNow, NotThis, Never };

  void run();
  bool rest();
  void work();
  bool do_errand(HttpClient& client);
  bool send_note(HttpClient& client);
  bool send_item(HttpClient& client);
  Verdict judge(const HttpReply& reply, const std::string& path);
  void put_back(Note note);
  void count_dropped();
  void settle();
  void succeeded();
  void bring_back();
  void leave_until_later();
  void failed(const Error& error);
  std::shared_ptr<HttpClient> client();

  const std::string queue_;
  const Url peer_;
  const Errand errand_;
  const std::function<bool(const Url&)> allows_;
  Spool& spool_;
  const Clock& clock_;
  const LogSink log_;
  Complaints complaints_;
  const std::unique_ptr<Alarm> alarm_;

  // Of the thread alone.
  BackOff back_off_;
  BackOff back_off_aside_;
  bool is_some_aside_ = false;  // of the spool
  bool notes_wait_ = false;
  std::chrono::nanoseconds back_at_ = Alarm::kNever;  // for both
  Duration asked_{0};                                 // for which the peer wants no more

  Mutex mutex_;
  Condition changed_;
  HttpClientOptions http_ MPLANE_GUARDED_BY(mutex_);
  /// Asked by our own thread alone, errands included; others let go of it or cancel it.
  std::shared_ptr<HttpClient> client_ MPLANE_GUARDED_BY(mutex_);
  std::deque<Note> notes_ MPLANE_GUARDED_BY(mutex_);
  std::uint64_t dropped_ MPLANE_GUARDED_BY(mutex_) = 0;  // of these
  bool errand_wanted_ MPLANE_GUARDED_BY(mutex_) = false;
  bool settled_ MPLANE_GUARDED_BY(mutex_) = false;
  bool woken_ MPLANE_GUARDED_BY(mutex_) = true;
  bool unreachable_ MPLANE_GUARDED_BY(mutex_) = false;
  bool stopping_ MPLANE_GUARDED_BY(mutex_) = false;
  std::chrono::nanoseconds not_before_ MPLANE_GUARDED_BY(mutex_){0};
  std::chrono::nanoseconds asked_until_ MPLANE_GUARDED_BY(mutex_){0};
  std::thread thread_;
};

}  // namespace mplane::detail
