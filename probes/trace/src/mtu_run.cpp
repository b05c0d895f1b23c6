#include "mtu_run.hpp"

#include "mplane/probe/echo_tag.hpp"
#include "own_mtu.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

namespace mplane::detail {
namespace {

constexpr int kAttempts = 3;  // of a size, before silence counts

std::uint32_t headers_of(const Address& target) noexcept {
  return static_cast<std::uint32_t>(ip_header(family_of(target)) + kEchoHeader);
}

// What every path is expected to take: of IPv4 what every host has to (RFC 1122 section 3.3.3), of
// IPv6 what every link has to (RFC 8200 section 5).
std::uint32_t least_of(const Address& target) noexcept { return target.is_ip4() ? 576 : 1'280; }

}  // namespace

MtuRun::MtuRun(Engine& engine, HostTarget target, const TraceSettings& settings, TargetCheck check)
    : engine_(engine),
      target_(std::move(target)),
      settings_(settings),
      check_(std::move(check)),
      lookup_(engine, settings.names) {
  report_.start = std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

void MtuRun::begin(Finished finished) {
  finished_ = std::move(finished);
  lookup_.begin(target_.name, target_.family,
                [this](const NameAnswer& answer) { on_name(answer); });
}

void MtuRun::on_name(const NameAnswer& answer) {
  try {
    report_.target = choose_target(answer, check_);
    if (report_.target.address) return start_search();
    finish("unresolved");
  } catch (const Error& error) {
    failure_ = error;
    finish("unsent");
  }
}

void MtuRun::start_search() {
  const Address& target = *report_.target.address;
  const auto link = own_mtu(target);
  if (!link) {
    report_.error = errno;
    return finish("unsent");
  }
  const std::uint32_t own = std::max(*link, least_of(target));
  const std::size_t payload = own - headers_of(target);
  socket_ = std::make_unique<IcmpSocket>(
      family_of(target), IcmpSocketOptions{.max_payload = payload, .may_fragment = false});
  watch_ = engine_.watch(socket_->descriptor(), {.readable = true}, [this](Readiness) { read(); });
  high_ = own + 1;
  try_size(own);
}

void MtuRun::try_size(std::uint32_t size) {
  size_ = size;
  attempt_ = 0;
  send();
}

void MtuRun::send() {
  const Address& target = *report_.target.address;
  std::vector<std::uint8_t> payload(size_ - headers_of(target));
  write_echo_tag(key_, target, {.stream = size_, .number = 0}, payload);
  ++attempt_;
  ++report_.sent;
  sent_ = std::chrono::steady_clock::now();
  deadline_ = engine_.at(sent_ + patience(), [this] { on_silence(); });
  const SendOutcome outcome = socket_->send(target, sequence(), payload, report_.sent);
  if (outcome.status == SendStatus::Sent || outcome.status == SendStatus::Full) return;
  if (outcome.error == EMSGSIZE) return on_too_big(0);  // our own link has changed
  report_.error = outcome.error;
  finish("unsent");
}

// As long as others take, and some more, once there are others.
std::chrono::nanoseconds MtuRun::patience() const noexcept {
  constexpr std::chrono::milliseconds kSome(100);
  const std::chrono::nanoseconds most = settings_.wait;
  return slowest_ ? std::min(most, 4 * *slowest_ + kSome) : most;
}

void MtuRun::read() {
  socket_->receive({.reply = [this](const EchoArrival& arrival) { on_reply(arrival); },
                    .failure = [this](const FailureArrival& arrival) { on_failure(arrival); }});
}

void MtuRun::on_reply(const EchoArrival& arrival) {
  const Address& target = *report_.target.address;
  const auto tag = read_echo_tag(key_, target, arrival.echo.payload);
  const bool whole = arrival.echo.payload.size() + headers_of(target) == size_;
  if (!finished_ || !tag || arrival.from != target || tag->stream != size_ || !whole) return;
  const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - sent_;
  if (attempt_ == 1) slowest_ = std::max(slowest_.value_or(took), took);
  low_ = size_;
  go_on();
}

void MtuRun::on_failure(const FailureArrival& arrival) {
  const EchoFailure& failure = arrival.failure;
  if (!finished_ || !is_about_this_size(failure)) return;
  if (failure.trouble != IcmpTrouble::TooBig) {  // silence will tell what it means
    if (report_.notice) return;
    report_.notice =
        IcmpNotice{.reporter = arrival.reporter, .type = failure.type, .code = failure.code};
    return;
  }
  report_.reporter = arrival.reporter;
  on_too_big(arrival.failure.mtu);
}

// Of the packet sent last.
std::uint16_t MtuRun::sequence() const noexcept {
  return static_cast<std::uint16_t>(first_ + report_.sent);
}

// Routers may quote no more than the echo's header (RFC 792): then its sequence number has to do.
bool MtuRun::is_about_this_size(const EchoFailure& failure) const noexcept {
  const Address& target = *report_.target.address;
  if (failure.request.payload.size() >= kEchoTagSize) {
    const auto tag = read_echo_tag(key_, target, failure.request.payload);
    return tag && tag->stream == size_;
  }
  const auto ago = static_cast<std::uint16_t>(sequence() - failure.request.sequence);
  return failure.destination == target && ago < attempt_;
}

void MtuRun::on_silence() {
  read();  // what has arrived in time is in time
  if (!finished_ || std::chrono::steady_clock::now() < sent_ + patience()) return;
  if (attempt_ < kAttempts) return send();
  if (verifying_ || size_ == least_of(*report_.target.address)) return finish("unanswered");
  report_.silent = true;
  report_.reporter.reset();
  high_ = size_;
  go_on();
}

void MtuRun::on_too_big(std::uint32_t told) {
  const std::uint32_t least = least_of(*report_.target.address);
  if (verifying_ || size_ <= least) return finish("unanswered");
  report_.silent = false;
  high_ = std::min(high_, size_);
  const bool useful = told >= least && told > low_ && told < high_;
  if (!useful) return go_on();
  high_ = told + 1;
  try_size(told);
}

void MtuRun::go_on() {
  if (low_ + 1 < high_) {
    // Before anything is halved, something has to pass.
    return try_size(low_ == 0 ? least_of(*report_.target.address) : low_ + (high_ - low_) / 2);
  }
  if (report_.silent && !std::exchange(verifying_, true)) return try_size(low_);
  report_.mtu = low_;
  finish("found");
}

void MtuRun::finish(std::string_view outcome) {
  if (!finished_) return;
  report_.outcome = outcome;
  deadline_.cancel();
  std::exchange(finished_, {})();
}

Result MtuRun::take_result(const Specification& specification) {
  if (failure_) throw *failure_;
  return make_mtu_result(specification, report_);
}

}  // namespace mplane::detail
