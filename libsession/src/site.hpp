#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/session/detail/log_throttle.hpp"
#include "mplane/session/listener.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mplane::detail {

/// What all loops and connections of a listener share. Thread-safe: constant but for the counters
/// and the certificates.
class Site {
 public:
  Site(const ListenerOptions& options, HttpHandler serve)
      : limits(options.limits),
        error_page(options.error_page),
        sink(options.log),
        handler(std::move(serve)),
        tls_(options.tls) {}

  void log(Severity severity, std::string message, std::vector<LogRecord::Field> fields) const {
    if (sink) sink({severity, "listener", std::move(message), std::move(fields)});
  }

  /// The same about a peer, who could have us fill the disk: only so often.
  void complain(Severity severity, std::string message,
                std::vector<LogRecord::Field> fields) const {
    const auto left_out = throttle_.admit(LogThrottle::Clock::now());
    if (!left_out) return;
    if (*left_out > 0) fields.emplace_back("not-logged-before", std::to_string(*left_out));
    log(severity, std::move(message), std::move(fields));
  }

  /// Counts a connection of this peer. False, and not counted: it has too many.
  bool enter(const Identity& peer) {
    Lock lock(mutex_);
    std::size_t& count = peers_[peer];
    if (count >= limits.connections_per_identity) return false;
    ++count;
    return true;
  }
  void leave(const Identity& peer) {
    Lock lock(mutex_);
    const auto entry = peers_.find(peer);
    if (entry != peers_.end() && --entry->second == 0) peers_.erase(entry);
  }

  /// The certificates for new connections; nothing without TLS.
  std::optional<TlsContext> tls() const {
    Lock lock(mutex_);
    return tls_;
  }
  void use(TlsContext tls) {
    {
      Lock lock(mutex_);
      tls_ = std::move(tls);
    }
    ++tls_generation;
  }

  void count_answer(int status) noexcept {
    const auto index = static_cast<std::size_t>(status);
    if (index < answers_.size()) answers_[index].fetch_add(1, std::memory_order_relaxed);
  }
  ListenerCounts counts() const {
    ListenerCounts counts{open, accepted, handshakes_refused, turned_away};
    for (std::size_t status = 0; status < answers_.size(); ++status) {
      if (answers_[status] > 0) counts.answers[static_cast<int>(status)] = answers_[status];
    }
    return counts;
  }

  const ListenerLimits limits;
  const ErrorPage error_page;
  const LogSink sink;
  const HttpHandler handler;
  std::atomic<std::size_t> open{0};            ///< connections
  std::atomic<std::size_t> established{0};     ///< those past their handshake
  std::atomic<std::size_t> tls_generation{0};  ///< grows with each `use`
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> handshakes_refused{0};
  std::atomic<std::uint64_t> turned_away{0};

 private:
  static constexpr std::size_t kStatuses = 600;

  std::array<std::atomic<std::uint64_t>, kStatuses> answers_{};  ///< by HTTP status
  mutable LogThrottle throttle_;
  mutable Mutex mutex_;
  std::map<Identity, std::size_t> peers_ MPLANE_GUARDED_BY(mutex_);  ///< connections of each
  std::optional<TlsContext> tls_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
