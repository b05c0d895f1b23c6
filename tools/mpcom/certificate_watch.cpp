#include "certificate_watch.hpp"

#include <chrono>

namespace mplane {

using detail::Lock;

void CertificateWatch::use(std::optional<TlsContext> tls) {
  const Lock lock(mutex_);
  tls_ = std::move(tls);
  looked_ = clock_.now();
}

void CertificateWatch::look() {
  constexpr Duration kDay = std::chrono::hours(24);
  const Instant now = clock_.now();
  {
    const Lock lock(mutex_);
    const Duration passed = now - looked_;
    if (passed >= Duration::zero() && passed < kDay) return;
    looked_ = now;
  }
  for (const TlsEnding& ending : endings()) {
    const auto warning = warning_of(ending, std::chrono::system_clock::time_point(now));
    if (warning) log(log_, *warning);
  }
}

std::vector<TlsEnding> CertificateWatch::endings() const {
  const Lock lock(mutex_);
  return tls_ ? tls_->endings() : std::vector<TlsEnding>();
}

}  // namespace mplane
