#include "mplane/probe/icmp_notice.hpp"

#include "message_batch.hpp"

#include <cstddef>
#include <sys/socket.h>

namespace mplane {
namespace {

constexpr std::size_t kLongestQuote = 1280;

}  // namespace

std::optional<IcmpNotice> take_notice(const int descriptor) {
  using Origin = detail::Ancillary::Cause::Origin;
  detail::MessageBatch errors(kLongestQuote);
  const std::size_t count = errors.receive(descriptor, MSG_ERRQUEUE);
  for (std::size_t n = 0; n < count; ++n) {
    const auto cause = errors.ancillary(n).cause;
    if (!cause || cause->origin != Origin::Icmp) continue;
    const Address reporter = cause->reporter.value_or(errors.peer(n).value_or(Ip4()));
    return IcmpNotice{.reporter = reporter, .type = cause->type, .code = cause->code};
  }
  return std::nullopt;
}

bool is_prohibition(const IpFamily family, const IcmpNotice& notice) noexcept {
  if (family == IpFamily::Ip4) {
    return notice.type == 3 && (notice.code == 9 || notice.code == 10 || notice.code == 13);
  }
  return notice.type == 1 && (notice.code == 1 || notice.code == 5 || notice.code == 6);
}

bool is_port_unreachable(const IpFamily family, const IcmpNotice& notice) noexcept {
  return family == IpFamily::Ip4 ? notice.type == 3 && notice.code == 3
                                 : notice.type == 1 && notice.code == 4;
}

}  // namespace mplane
