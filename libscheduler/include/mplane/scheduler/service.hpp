#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <variant>

#include "mplane/model/capability.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"

namespace mplane {

/// How one run ended: with what it measured, or with why not.
using Outcome = std::variant<Result, Exception>;

/// A measurement as a plain function. Called on a worker thread, several calls at once for several
/// specifications. The specification was accepted by the service's capability: its values are
/// there and within their constraints. The stop token is stopped when the scope ends or somebody
/// interrupts; look at it at least once a second, or wait on it, and return what there is. What it
/// throws becomes an exception message with the error's words.
using Run = std::function<Result(const Specification&, std::stop_token)>;

/// The one call that ends an asynchronous run. Move-only. Thread-safe in that any one thread may
/// call it; called twice, the second call is ignored. Destroyed uncalled, the run ends with the
/// exception "abandoned".
class Completion {
 public:
  using Deliver = std::function<void(Outcome)>;
  explicit Completion(Deliver deliver);
  ~Completion();
  Completion(Completion&&) noexcept;
  Completion& operator=(Completion&&) noexcept;

  /// Ends the run with a result.
  void operator()(Result result);
  /// Ends the run with an exception.
  void fail(const Error& error);

 private:
  void deliver(Outcome outcome) noexcept;
  Deliver deliver_;  // empty once called
};

/// A measurement that starts work elsewhere (the probe engine) and returns at once, so that ten
/// thousand in flight need no ten thousand threads. Called on a worker or on the thread that
/// submits; must not block. What it throws before it returns is as if it had failed the completion.
using AsyncRun = std::function<void(const Specification&, std::stop_token, Completion)>;

/// A capability and what runs when a specification for it comes: what a module offers.
struct Service {
  Capability capability;
  std::variant<Run, AsyncRun> run;
  /// Returns within 100 µs and never blocks: it may run on the thread that brings the message.
  bool immediate = false;
};

}  // namespace mplane
