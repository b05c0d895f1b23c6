#pragma once

#include "console.hpp"
#include "options.hpp"
#include "specify.hpp"

#include <cstddef>
#include <string>

namespace mplane {

/// What is to be measured, and what to do about it.
struct RunRequest {
  Question question = {};
  bool wait = true;      ///< for the result, rather than for its receipt
  bool summary = false;  ///< figures about the result rather than the result
};

// Each command writes its answer, and returns the program's exit code: 0 done, 4 not in time,
// 6 done in part. @throws Error for everything else.

/// What the components offer.
int list_capabilities(const Options& options, const Console& console);
/// One of it, in full.
int show_capability(const Options& options, const std::string& capability, const Console& console);
/// What each of its parameters, columns and metadata means.
int explain_capability(const Options& options, const std::string& capability,
                       const Console& console);

/// The next starts of what `run` would have measured.
int plan_measurement(const Options& options, const Question& question, std::size_t starts,
                     const Console& console);
/// Has it measured, waits for the result. The first SIGINT interrupts the measurement and fetches
/// what there is, the second leaves it alone; on a terminal the first one asks.
int run_measurement(const Options& options, const RunRequest& request, const Console& console);
/// The same by all the components that the options name.
int run_on_all(const Options& options, const RunRequest& request, const Console& console);

/// Fetches what there is of a measurement; with a timeout, waits for it.
int redeem_measurement(const Options& options, const std::string& token, bool summary,
                       const Console& console);
/// The results so far, whether there are more to come or not.
int show_results(const Options& options, const std::string& token, bool summary,
                 const Console& console);
/// Writes results as they come, until the measurement ends. SIGINT leaves it alone; on a terminal
/// it asks.
int watch_measurement(const Options& options, const std::string& token, bool summary,
                      const Console& console);
/// Has a measurement stopped, and fetches what there is.
int stop_measurement(const Options& options, const std::string& token, const Console& console);

}  // namespace mplane
