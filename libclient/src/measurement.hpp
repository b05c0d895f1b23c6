#pragma once

#include "mplane/model/message.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/session/identity.hpp"
#include "mplane/session/url.hpp"
#include "patience.hpp"
#include "peers.hpp"
#include "until.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mplane::detail {

/// One measurement that was asked for: the contents of a Pending. A resource; one thread at a time.
///
///     asked -- receipt --> waited for -- result ------------------------> done
///       |                      ^  `----- envelope, repeated, not over --.
///       `-- result: done       `----------------------------------------'
class Measurement {
 public:
  using SteadyClock = std::chrono::steady_clock;

  Measurement(Peers& peers, Url url, std::string token, std::optional<Specification> asked);

  /// Sends the specification and takes the answer in.
  void submit(const Until& until);
  /// Asks for the result and takes the answer in. @return whether it brought a result.
  bool redeem(const Until& until);
  /// Waits until there are more than `seen` results, or the measurement is done. @throws also what
  /// the measurement ended with.
  void wait(std::size_t seen, const Until& until);
  /// What `wait` does when the time of the next question has come, which is then. @throws alike.
  void ask_again(const Until& until);
  SteadyClock::time_point next_question() const noexcept { return patience_.next(); }
  /// Has the measurement stopped, and takes in what there is.
  void interrupt(const Until& until);

  const std::string& token() const noexcept { return token_; }
  const std::optional<Specification>& asked() const noexcept { return asked_; }
  const Url& url() const noexcept { return url_; }
  const std::optional<Identity>& peer() const noexcept { return peer_; }
  bool is_repeated() const noexcept { return repeated_; }
  bool is_done() const noexcept { return done_; }
  /// Whether the component takes its capability back.
  bool is_withdrawn() const noexcept { return withdrawn_; }
  const std::vector<Result>& results() const noexcept { return results_; }
  const std::vector<Exception>& failures() const noexcept { return failures_; }

  std::size_t returned = 0;  ///< results that `Pending::next_for` has returned

 private:
  void ask(const Message& message, const Until& until);
  void redeem_despite_outage(const Until& until);
  void is_out_of_reach(const Error& error);
  std::string verb() const;

  void take(const Message& answer);
  void take_result(const Result& result);
  void take_envelope(const Envelope& envelope);
  void take_run(const Message& message);
  bool is_over(const Envelope& envelope) const;
  void check_token(const std::string& token) const;
  void check_schema(const Result& result) const;
  [[noreturn]] void refuse(const std::string& why) const;

  Peers& peers_;
  Url url_;
  const std::string token_;
  const std::optional<Specification> asked_;
  std::optional<Identity> peer_;
  std::vector<Result> results_;
  std::vector<Exception> failures_;
  std::optional<Error> failure_;  // that the measurement ended with
  std::set<std::string> runs_;    // what of a repeated specification was taken in
  bool repeated_;
  bool done_ = false;
  bool interrupted_ = false;
  bool withdrawn_ = false;

  SteadyClock::time_point begin_;
  Patience patience_;
  std::optional<SteadyClock::time_point> out_of_reach_since_;
};

}  // namespace mplane::detail
