#pragma once

#include "mplane/model/message.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/session/identity.hpp"
#include "mplane/session/url.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mplane {

namespace detail {
class Measurement;
class Peers;
struct PendingAccess;
}  // namespace detail

/// A measurement that was asked for: what it was, who does it, what came of it so far. A handle
/// that moves; its client outlives it. One thread at a time, together with the client. Dropped, the
/// measurement goes on at the component; its token takes it up again (`Client::resume`).
///
/// A specification yields one result; a repeated one yields one a run, until it ends. What throws
/// does so as described at Client; a measurement that failed is Error{Failed} with the component's
/// words. Of a repeated one failed runs are listed, and only the failure of the whole throws.
class Pending {
 public:
  Pending(Pending&&) noexcept;
  Pending& operator=(Pending&&) noexcept;
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;
  ~Pending();

  /// The name the component knows it by.
  const std::string& token() const noexcept;
  /// What was asked, with its token; nothing when it was taken up by token alone.
  const std::optional<Specification>& specification() const noexcept;
  /// Where its messages go.
  const Url& url() const noexcept;
  /// Who answered last; nothing before there was an answer.
  const std::optional<Identity>& peer() const noexcept;

  /// Whether it is known to yield a result a run, rather than one.
  bool is_repeated() const noexcept;
  /// Whether nothing more will come.
  bool is_done() const noexcept;
  /// The results so far, in the order in which they came.
  const std::vector<Result>& results() const noexcept;
  /// The runs of a repeated specification that failed so far.
  const std::vector<Exception>& failures() const noexcept;

  /// Waits until the measurement has ended. Asks after 100 ms, 200 ms, … 5 s, and as soon as the
  /// scope ends; a peer out of reach is asked again for `ClientTimeouts::outage`.
  /// @return the result, of a repeated one the last; nothing when there is none in that time (of
  /// which the last question may take a second more), or `stop` was requested.
  std::optional<Result> wait_for(Duration at_most, std::stop_token stop = {});
  /// The same for the next result that this function has not returned yet.
  std::optional<Result> next_for(Duration at_most, std::stop_token stop = {});
  /// Asks once, now. @return whether it brought a result.
  bool redeem(std::stop_token stop = {});

  /// Has the measurement stopped, and waits for what it measured until then.
  /// @return as `wait_for`.
  std::optional<Result> interrupt(Duration at_most = std::chrono::seconds(5),
                                  std::stop_token stop = {});

 private:
  friend class Client;
  friend struct detail::PendingAccess;  // internal
  explicit Pending(std::unique_ptr<detail::Measurement> measurement) noexcept;

  std::unique_ptr<detail::Measurement> measurement_;
};

}  // namespace mplane
