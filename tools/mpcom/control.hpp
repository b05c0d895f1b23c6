#pragma once

#include "certificate_watch.hpp"
#include "mplane/tools/log_output.hpp"
#include "mplane/tools/service_manager.hpp"
#include "mplane/tools/signal_queue.hpp"
#include "reload.hpp"

#include <functional>

namespace mplane {

/// What a component's main thread does while it runs: it obeys signals, tells the service manager
/// that all is well, and has the log warn of certificates that end.
///
///     SIGTERM, SIGINT  end it
///     SIGHUP           reloads the configuration
///     SIGUSR1          has the log tell everything
///     SIGUSR2          has it tell what the configuration says again
struct Control {
  const SignalQueue& signals;
  const ServiceManager& manager;
  LogOutput& output;
  CertificateWatch& watch;
  Reload& reload;
  std::function<bool()> is_well;  ///< asked before the service manager is told so

  /// Returns when it is to end.
  void run();

 private:
  void obey(int number);
  void tick();
};

/// The signals that `Control` obeys; they have to be blocked before threads start.
SignalQueue control_signals();

}  // namespace mplane
