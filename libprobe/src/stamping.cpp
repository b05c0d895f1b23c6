#include "stamping.hpp"

#include <cerrno>
#include <linux/net_tstamp.h>
#include <sys/socket.h>

namespace mplane::detail {

bool set_option(int descriptor, int level, int option, int value) noexcept {
  return ::setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

bool ask_for_stamps(int descriptor, bool of_sent) noexcept {
  constexpr unsigned kReceived = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE;
  constexpr unsigned kSent =
      SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
  const unsigned flags = of_sent ? kReceived | kSent : kReceived;
  return set_option(descriptor, SOL_SOCKET, SO_TIMESTAMPING, static_cast<int>(flags));
}

void decline_stamps(int descriptor) noexcept {
  set_option(descriptor, SOL_SOCKET, SO_TIMESTAMPING, 0);
}

bool passes_later(int error) noexcept {
  switch (error) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ECONNREFUSED:
    case EPERM:
      return true;  // the last is a firewall's
    default:
      return false;
  }
}

}  // namespace mplane::detail
