#pragma once

#include "console.hpp"
#include "options.hpp"

#include <string>
#include <vector>

namespace mplane {

/// What is to be measured.
struct RunRequest {
  std::string capability;                     ///< its label or token
  std::vector<std::string> assignments = {};  ///< "destination.ip4=192.0.2.1"
  std::string when = {};                      ///< the scope; chosen by default_scope when empty
  std::string label = {};                     ///< of the measurement; the capability's when empty
  bool wait = true;                           ///< for the result, rather than for its receipt
};

// Each command writes its answer, and returns the program's exit code: 0 done, 4 not in time,
// 6 done in part. @throws Error for everything else.

/// What the component offers.
int list_capabilities(const Options& options, Console console);
/// One of it, in full.
int show_capability(const Options& options, const std::string& capability, Console console);

/// Has it measured, waits for the result. The first SIGINT interrupts the measurement and fetches
/// what there is, the second leaves it alone.
int run_measurement(const Options& options, const RunRequest& request, Console console);
/// Fetches what there is of a measurement; with a timeout, waits for it.
int redeem_measurement(const Options& options, const std::string& token, Console console);
/// Has a measurement stopped, and fetches what there is.
int stop_measurement(const Options& options, const std::string& token, Console console);

}  // namespace mplane
