#pragma once

#include "mplane/model/time.hpp"
#include "mplane/session/url.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace mplane {

/// How a component asks a supervisor to be told when to come back (protocol, section 8).
enum class CallbackForm : std::uint8_t {
  Verb,   ///< a capability with the verb `callback`
  Label,  ///< a capability to measure nothing, with that label: for the old SDK's supervisors
  None,   ///< not at all
};

/// A supervisor that a component registers with, polls, and sends results to. An aggregate.
struct SupervisorOptions {
  Url url;  ///< of the supervisor; the paths below are seen from it
  /// Those with the lowest number are served, all of them; the others stand by, and the next lowest
  /// are served while none of these can be reached.
  unsigned priority = 0;
  std::string registration_path = "register/capability";
  std::string specification_path = "show/specification";
  std::string result_path = "register/result";
  CallbackForm callback = CallbackForm::Verb;
  Duration interval = std::chrono::seconds(5);  ///< between polls, unless it says when to come back
};

/// What is the same for all supervisors.
struct CallingOptions {
  /// Without an answer for so long a supervisor counts as gone, and others take its place.
  Duration fail_over = std::chrono::seconds(30);
  /// After a failure: half to all of the first, then of twice as much, and so on to the last.
  Duration first_retry = std::chrono::seconds(1);
  Duration last_retry = std::chrono::seconds(60);
  std::chrono::milliseconds held{75'000};           ///< that a supervisor may take to answer a poll
  std::size_t body_bytes = std::size_t{16} << 20U;  ///< of one answer
  std::uint64_t seed = 0;                           ///< of the jitter; 0: another each time
};

}  // namespace mplane
