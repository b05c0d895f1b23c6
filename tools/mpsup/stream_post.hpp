#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/log.hpp"
#include "mplane/session/http_client.hpp"
#include "mplane/session/url.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace mplane::detail {

/// A web server that lines are posted to, as `application/x-ndjson`: some at a time, in their
/// order, no more at a time than servers take. What it does not take it is sent again, so that
/// lines may come twice; when too many wait, the oldest go, and the log is told how many.
/// Thread-safe, with a thread of its own, so that nobody waits for the server; a resource.
class StreamPost {
 public:
  struct Options {
    Url url;
    std::optional<TlsContext> tls = {};                ///< of an https URL
    std::size_t most_waiting = std::size_t{1} << 20U;  ///< bytes of lines
    std::chrono::milliseconds pause{1'000};  ///< after a failure; twice as long after the next
    std::chrono::milliseconds longest_pause{60'000};
    LogSink log = {};
  };

  /// Connects to nobody yet. @throws Error{Configuration} for an https URL without `tls`.
  explicit StreamPost(Options options);
  /// Ends a request that is under way. What still waits is kept by the store alone; the log is
  /// told.
  ~StreamPost();
  StreamPost(const StreamPost&) = delete;
  StreamPost& operator=(const StreamPost&) = delete;

  /// Takes whole lines. Never waits.
  void write(const std::string& lines) MPLANE_EXCLUDES(mutex_);
  /// Shows the server these certificates from the next request on.
  void use(TlsContext tls) MPLANE_EXCLUDES(mutex_);

 private:
  void run(const std::stop_token& stop);
  std::string next(const std::stop_token& stop) MPLANE_EXCLUDES(mutex_);
  std::string post(const std::string& lines) MPLANE_EXCLUDES(mutex_);
  void rest(const std::stop_token& stop, std::chrono::milliseconds pause) MPLANE_EXCLUDES(mutex_);
  void give_back(const std::string& lines) MPLANE_EXCLUDES(mutex_);
  void make_room() MPLANE_REQUIRES(mutex_);
  void note(const std::string& why);
  void note_left_out() MPLANE_EXCLUDES(mutex_);

  const Options options_;
  bool failing_ = false;  // of the thread
  Mutex mutex_;
  Condition changed_;
  std::string waiting_ MPLANE_GUARDED_BY(mutex_);
  std::size_t left_out_ MPLANE_GUARDED_BY(mutex_) = 0;             // lines
  std::shared_ptr<HttpClient> client_ MPLANE_GUARDED_BY(mutex_);   // of the next request
  std::shared_ptr<HttpClient> posting_ MPLANE_GUARDED_BY(mutex_);  // of the one under way, or last
  std::jthread thread_;                                            // first to go
};

}  // namespace mplane::detail
