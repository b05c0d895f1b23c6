#pragma once

#include "mplane/session/listener.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <queue>
#include <string>
#include <thread>
#include <vector>

namespace bench {

/// Components that offer one capability, and answer each specification after a time of their own.
/// Thread-safe.
class SlowComponents {
 public:
  /// @param delays how long each takes: as many components as there are delays.
  SlowComponents(const mplane::TlsContext& tls,
                 const std::vector<std::chrono::milliseconds>& delays);
  ~SlowComponents();
  SlowComponents(const SlowComponents&) = delete;
  SlowComponents& operator=(const SlowComponents&) = delete;

  std::vector<std::uint16_t> ports() const;
  std::vector<std::string> urls() const;

 private:
  using Clock = std::chrono::steady_clock;

  struct Due {
    Clock::time_point at;
    std::shared_ptr<mplane::Responder> responder;
    mplane::HttpResponse response;
    friend bool operator<(const Due& a, const Due& b) { return a.at > b.at; }
  };

  void serve(const mplane::HttpRequest& request, mplane::Responder responder,
             std::chrono::milliseconds delay);
  void run(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::priority_queue<Due> due_;
  std::vector<std::unique_ptr<mplane::Listener>> listeners_;
  std::jthread timer_;
};

}  // namespace bench
