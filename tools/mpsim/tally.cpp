#include "tally.hpp"

#include <algorithm>
#include <functional>

namespace mplane {
namespace {

template <typename Counts>
void sum(Counts& counts, const Counts& more) {
  std::transform(counts.begin(), counts.end(), more.begin(), counts.begin(), std::plus<>());
}

}  // namespace

std::string_view to_string(const Trouble trouble) noexcept {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Trouble::Count)> kNames{
      "no descriptor left in a worker (RLIMIT_NOFILE)",
      "no file left in the system (fs.file-max)",
      "no port left at a source address (net.ipv4.ip_local_port_range, --from)",
      "no memory left for connections",
      "nobody listens",
      "unreachable",
      "supervisor not trusted",
      "TLS handshake failed",
      "connection cut",
      "no answer in time",
      "not HTTP",
      "not a message",
  };
  return kNames[static_cast<std::size_t>(trouble)];
}

void Tally::note_status(const int status) noexcept {
  if (status > 0 && static_cast<std::size_t>(status) < kStatuses) {
    ++statuses[static_cast<std::size_t>(status)];
  }
}

Tally& Tally::operator+=(const Tally& other) noexcept {
  sum(seen, other.seen);
  sum(troubles, other.troubles);
  sum(statuses, other.statuses);
  handshake.add(other.handshake);
  registration.add(other.registration);
  result.add(other.result);
  began = std::min(began, other.began);
  registered_by = std::max(registered_by, other.registered_by);
  return *this;
}

}  // namespace mplane
