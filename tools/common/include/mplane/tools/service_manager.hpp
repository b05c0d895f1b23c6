#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mplane {

/// Tells the service manager how the program fares, as sd_notify(3) describes: in datagrams to the
/// socket that the environment names (NOTIFY_SOCKET). Without one nothing is said. What cannot be
/// delivered is lost: nobody is to fail for it. Thread-safe.
class ServiceManager {
 public:
  /// Takes note of the environment, and takes out of it what programs that we run must not have.
  /// To be made before threads start.
  ServiceManager();
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  /// Peers can connect; also after `reloading`. @param status a sentence for people.
  void ready(std::string_view status) const;
  void reloading() const;
  void stopping() const;
  /// All is well; has to be said once a `watchdog_period`.
  void alive() const;

  /// How often `alive` is to be said: twice as often as it is waited for. Nothing: nobody waits.
  std::optional<std::chrono::microseconds> watchdog_period() const noexcept { return period_; }

 private:
  void say(const std::string& state) const;

  int socket_ = -1;
  std::string address_;  ///< a path, or a name behind a null byte
  std::optional<std::chrono::microseconds> period_;
};

}  // namespace mplane
