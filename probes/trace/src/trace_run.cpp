#include "trace_run.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::uint8_t kAhead = 10;  // hops that are probed beyond the last one that answered

std::unique_ptr<HopProber> make_prober(Engine& engine, TraceMethod method,
                                       const HopProberOptions& options, HopProber::Events events) {
  switch (method) {
    case TraceMethod::Icmp:
      return make_icmp_prober(engine, options, std::move(events));
    case TraceMethod::Tcp:
      return make_tcp_prober(engine, options, std::move(events));
    case TraceMethod::Udp:
      break;
  }
  return make_udp_prober(engine, options, std::move(events));
}

// The next packet may leave although this one did not.
bool is_momentary(int error) noexcept {
  constexpr std::array kMomentary{EAGAIN, ENOBUFS, ENOMEM, EMFILE, ENFILE, EADDRNOTAVAIL};
  return std::find(kMomentary.begin(), kMomentary.end(), error) != kMomentary.end();
}

// Keeps the least hop.
void note_first(std::uint8_t& kept, std::uint8_t hop) noexcept {
  if (kept == 0 || hop < kept) kept = hop;
}

}  // namespace

std::uint8_t TraceRun::Flow::last_hop() const noexcept {
  if (reached != 0) return reached;
  return closed > passed ? closed : std::uint8_t{0};
}

TraceRun::TraceRun(Engine& engine, TraceRequest request, const TraceSettings& settings,
                   TargetCheck check)
    : engine_(engine),
      request_(std::move(request)),
      settings_(settings),
      check_(std::move(check)),
      lookup_(engine, settings.names),
      flows_(request_.flows) {
  report_.method = request_.method;
  report_.start = std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

void TraceRun::begin(Finished finished) {
  finished_ = std::move(finished);
  lookup_.begin(request_.target.name, request_.target.family,
                [this](const NameAnswer& answer) { on_name(answer); });
}

void TraceRun::on_name(const NameAnswer& answer) {
  try {
    report_.target = choose_target(answer, check_);
    if (report_.target.address) return start_prober();
  } catch (const Error& error) {
    failure_ = error;
  }
  std::exchange(finished_, {})();
}

void TraceRun::start_prober() {
  const HopProberOptions options{.target = {*report_.target.address, request_.target.port},
                                 .flows = request_.flows,
                                 .source_port = request_.source_port};
  prober_ = make_prober(engine_, request_.method, options,
                        {.reply = [this](std::uint32_t number,
                                         HopReply reply) { on_reply(number, std::move(reply)); },
                         .stamp =
                             [this](std::uint32_t number, WallTime sent) {
                               if (number < probes_.size()) probes_[number].departure.stamp = sent;
                             },
                         .stray = [this] { ++report_.strays; }});
  report_.keeps_flows = prober_->keeps_flows();
  limit_ = kAhead;
  open_hops();
  go_on();
}

std::uint32_t TraceRun::rounds() const noexcept { return request_.packets * request_.flows; }

void TraceRun::open_hops() {
  const std::uint8_t last = std::min(limit_, request_.max_hops);
  const bool at_once = request_.interval == request_.interval.zero();
  for (; next_hop_ <= last; ++next_hop_) send_rounds(next_hop_, at_once ? rounds() : 1);
  if (at_once || pending_rounds_ || rounds() == 1) return;
  pending_rounds_ = true;
  next_round_ = engine_.after(request_.interval, [this] { send_next_round(); });
}

void TraceRun::send_next_round() {
  pending_rounds_ = false;
  for (std::uint8_t hop = 1; hop < next_hop_; ++hop) {
    send_rounds(hop, 1);
    pending_rounds_ = pending_rounds_ || rounds_sent_.at(hop) < rounds();
  }
  const auto sends = [](const Flow& flow) { return !flow.unsent; };
  pending_rounds_ = pending_rounds_ && std::any_of(flows_.begin(), flows_.end(), sends);
  if (pending_rounds_) {
    next_round_ = engine_.after(request_.interval, [this] { send_next_round(); });
  }
  go_on();
}

void TraceRun::send_rounds(std::uint8_t hop, std::uint32_t count) {
  std::uint32_t& sent = rounds_sent_.at(hop);
  const std::uint32_t until = std::min(rounds(), sent + count);
  while (sent < until) send(hop, sent++);
}

void TraceRun::send(std::uint8_t hop, std::uint32_t round) {
  const std::uint32_t flow = round % request_.flows;
  if (flows_[flow].unsent || is_beyond(flows_[flow], hop)) return;
  const auto number = static_cast<std::uint32_t>(probes_.size());
  probes_.push_back({.flow = flow,
                     .hop = hop,
                     .attempt = round / request_.flows,
                     .departure = {.handed_over = ClockReading::now()}});
  const int error = prober_->send(number, flow, hop);
  HopProbe& probe = probes_[number];
  probe.source_port = prober_->source_port(number, flow);
  if (error == 0) return;
  probe.error = error;
  probe.decided = true;
  if (!is_momentary(error)) flows_[flow].unsent = true;
}

void TraceRun::on_reply(std::uint32_t number, HopReply reply) {
  if (!finished_ || number >= probes_.size() || probes_[number].decided) return;
  HopProbe& probe = probes_[number];
  probe.reply = std::move(reply);
  probe.decided = true;
  Flow& flow = flows_[probe.flow];
  switch (outcome_of(probe, *report_.target.address, request_.method)) {
    case HopOutcome::Passed:
      flow.passed = std::max(flow.passed, probe.hop);
      limit_ = std::max(limit_, static_cast<std::uint8_t>(probe.hop + kAhead));
      open_hops();
      break;
    case HopOutcome::Reached:
      note_first(flow.reached, probe.hop);
      break;
    default:
      note_first(flow.closed, probe.hop);
  }
  go_on();
}

// What is behind the end of its flow is neither sent nor waited for; where packets go several ways
// and somebody closed one, others may be open.
bool TraceRun::is_beyond(const Flow& flow, std::uint8_t hop) const noexcept {
  const std::uint8_t last = report_.keeps_flows ? flow.last_hop() : flow.reached;
  return last != 0 && hop > last;
}

// Waits for the oldest packet whose fate is open; without any, and nothing left to send, it is
// over.
void TraceRun::go_on() {
  const auto is_open = [this](const HopProbe& probe) {
    return !probe.decided && !is_beyond(flows_[probe.flow], probe.hop);
  };
  for (; first_open_ < probes_.size() && !is_open(probes_[first_open_]); ++first_open_) {
    prober_->give_up(static_cast<std::uint32_t>(first_open_));
  }
  if (first_open_ == probes_.size()) {
    if (pending_rounds_ || !finished_) return;
    deadline_.cancel();
    return std::exchange(finished_, {})();
  }
  if (std::exchange(waits_, true)) return;
  const SteadyTime sent = probes_[first_open_].departure.handed_over.steady;
  deadline_ = engine_.at(sent + settings_.wait, [this] {
    waits_ = false;
    give_up_late_ones();
  });
}

void TraceRun::give_up_late_ones() {
  prober_->catch_up();
  const SteadyTime now = std::chrono::steady_clock::now();
  for (std::size_t n = first_open_; n < probes_.size(); ++n) {
    HopProbe& probe = probes_[n];
    if (probe.departure.handed_over.steady + settings_.wait > now) break;
    probe.decided = true;
  }
  go_on();
}

TraceEnd TraceRun::end() const noexcept {
  if (!report_.target.reason.empty()) return TraceEnd::Unresolved;
  if (finished_ || !prober_) return TraceEnd::Interrupted;
  const auto reached = [](const Flow& flow) { return flow.reached != 0; };
  const auto sends_no_more = [](const Flow& flow) { return flow.unsent; };
  const auto ended = [](const Flow& flow) { return flow.last_hop() != 0; };
  if (std::any_of(flows_.begin(), flows_.end(), reached)) return TraceEnd::Reached;
  if (std::any_of(flows_.begin(), flows_.end(), sends_no_more)) return TraceEnd::Unsent;
  const auto unsent = [](const HopProbe& probe) { return probe.error != 0; };
  const auto answered = [](const HopProbe& probe) { return probe.reply.has_value(); };
  const bool heard = std::any_of(probes_.begin(), probes_.end(), answered);
  if (!heard && std::any_of(probes_.begin(), probes_.end(), unsent)) return TraceEnd::Unsent;
  if (std::all_of(flows_.begin(), flows_.end(), ended)) return TraceEnd::Unreachable;
  const auto is_last = [this, &answered](const HopProbe& probe) {
    return probe.hop == request_.max_hops && answered(probe);
  };
  const bool far = std::any_of(probes_.begin(), probes_.end(), is_last);
  return far ? TraceEnd::TooFar : TraceEnd::Silent;
}

// Where some flow reached the target, it was there for all of which no router says otherwise: the
// target may have tired of answering, and then answered a packet that was meant to get further.
void TraceRun::keep_probes() {
  for (HopProbe& probe : probes_) {
    const Flow& flow = flows_[probe.flow];
    if (!probe.decided || (flow.last_hop() != 0 && probe.hop > flow.last_hop())) continue;
    const bool too_far = report_.hops && probe.hop > *report_.hops;
    if (too_far && flow.passed < *report_.hops) continue;
    report_.probes.push_back(std::move(probe));
  }
  std::stable_sort(report_.probes.begin(), report_.probes.end(),
                   [](const HopProbe& a, const HopProbe& b) { return a.hop < b.hop; });
}

Result TraceRun::take_result(const Specification& specification) {
  if (failure_) throw *failure_;
  report_.end = end();
  for (const Flow& flow : flows_) {
    if (flow.reached == 0) continue;
    report_.hops = std::min(report_.hops.value_or(flow.reached), flow.reached);
  }
  keep_probes();
  return make_trace_result(specification, report_);
}

}  // namespace mplane::detail
