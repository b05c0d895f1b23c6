#pragma once

#include "mplane/model/error.hpp"
#include "mplane/probe/cookie.hpp"
#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probes/common/host_target.hpp"
#include "mplane/probes/common/run_host.hpp"
#include "trace_run.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace mplane::detail {

/// What a search for a path's MTU came to. A value.
struct MtuReport {
  Instant start;
  ResolvedTarget target = {};
  std::string_view outcome = "interrupted";  ///< "found", "unanswered", "unsent", "unresolved"
  std::optional<std::uint32_t> mtu = {};     ///< bytes of the greatest packet that was answered
  bool silent = false;  ///< the next greater ones vanished without a word: a black hole
  std::optional<Address> reporter = {};   ///< who told of the narrowest link
  std::optional<IcmpNotice> notice = {};  ///< the first that said something else
  std::uint32_t sent = 0;
  int error = 0;  ///< errno of what could not be sent
};

/// Finds the greatest packet that reaches a target whole and is answered (as RFC 8899 has it, what
/// counts is that it arrived): echo requests that nobody may fragment, first of the size of our
/// own link, then of the size that a router names (RFC 1191, RFC 8201), or in the middle of what
/// is still possible.
///
///     passed: 576 (IPv4), 1280 (IPv6) ... low ... the size tried ... high: did not pass, or is
///     more than our own link takes
///
/// What was concluded from silence is tried once more at the end: a host that has vanished looks
/// like a black hole.
class MtuRun final : public ProbeRun {
 public:
  MtuRun(Engine& engine, HostTarget target, const TraceSettings& settings, TargetCheck check);

  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  void on_name(const NameAnswer& answer);
  void start_search();
  void try_size(std::uint32_t size);
  void send();
  void read();
  void on_reply(const EchoArrival& arrival);
  void on_failure(const FailureArrival& arrival);
  std::uint16_t sequence() const noexcept;
  bool is_about_this_size(const EchoFailure& failure) const noexcept;
  void on_silence();
  void on_too_big(std::uint32_t told);
  void go_on();
  void finish(std::string_view outcome);
  std::chrono::nanoseconds patience() const noexcept;

  Engine& engine_;
  const HostTarget target_;
  const TraceSettings settings_;
  const TargetCheck check_;
  NameLookup lookup_;
  Finished finished_;
  std::optional<Error> failure_;
  MtuReport report_;

  const CookieKey key_ = CookieKey::random();
  const std::uint16_t first_ =  // sequence number: nobody shall guess them
      static_cast<std::uint16_t>(CookieKey::random().cookie_for({}) & 0xffffU);
  std::unique_ptr<IcmpSocket> socket_;
  Watch watch_;
  Timer deadline_;
  std::uint32_t low_ = 0;   // passed, or nothing yet
  std::uint32_t high_ = 0;  // did not pass
  std::uint32_t size_ = 0;  // that is being tried
  int attempt_ = 0;
  bool verifying_ = false;
  SteadyTime sent_;
  std::optional<std::chrono::nanoseconds> slowest_ = {};  // of what was answered at once
};

/// Puts a report into the columns that a specification asks for. Pure.
Result make_mtu_result(const Specification& specification, const MtuReport& report);

}  // namespace mplane::detail
