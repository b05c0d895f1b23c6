#include "mplane/probe/error_queue.hpp"

#include "message_batch.hpp"

#include <chrono>
#include <sys/socket.h>

namespace mplane {
namespace {

constexpr std::size_t kLongestQuote = 1'280;
constexpr std::size_t kTurn = 256;  // messages; then others on the loop have theirs

}  // namespace

struct ErrorQueue::Impl {
  Impl(std::size_t left_out, std::size_t batch_size)
      : headers(left_out), at_once(batch_size), batch(kLongestQuote, at_once) {}

  void tell(std::size_t n, WallTime now, const ErrorQueueEvents& events) const {
    using Origin = detail::Ancillary::Cause::Origin;
    const auto ancillary = batch.ancillary(n);
    if (!ancillary.cause) return;
    const auto& cause = *ancillary.cause;
    if (cause.origin == Origin::TransmitStamp && ancillary.stamp && events.transmitted) {
      events.transmitted(cause.key, *ancillary.stamp);
    } else if (cause.origin == Origin::Icmp && cause.reporter && events.error) {
      const auto [quoted, extensions] = detail::parted(batch.bytes(n), cause.extensions, headers);
      events.error({.notice = {.reporter = *cause.reporter, .type = cause.type, .code = cause.code},
                    .hop_limit = ancillary.hop_limit,
                    .quoted = quoted,
                    .extensions = extensions,
                    .received = ancillary.stamp.value_or(now),
                    .kernel_stamp = ancillary.stamp.has_value()});
    }
  }

  const std::size_t headers;
  const std::size_t at_once;
  detail::MessageBatch batch;
};

ErrorQueue::ErrorQueue(std::size_t headers, std::size_t at_once)
    : impl_(std::make_unique<Impl>(headers, at_once)) {}
ErrorQueue::~ErrorQueue() = default;

void ErrorQueue::read(int descriptor, const ErrorQueueEvents& events) {
  for (std::size_t taken = 0; taken < kTurn; taken += impl_->at_once) {
    const std::size_t count = impl_->batch.receive(descriptor, MSG_ERRQUEUE);
    const WallTime now = std::chrono::system_clock::now();
    for (std::size_t n = 0; n < count; ++n) impl_->tell(n, now, events);
    if (count < impl_->at_once) return;
  }
}

}  // namespace mplane
