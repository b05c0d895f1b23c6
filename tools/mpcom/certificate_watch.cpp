#include "certificate_watch.hpp"

#include <chrono>
#include <utility>

namespace mplane {

void CertificateWatch::use(std::optional<TlsContext> tls) {
  tls_ = std::move(tls);
  looked_ = clock_.now();
}

void CertificateWatch::look() {
  constexpr Duration kDay = std::chrono::hours(24);
  const Instant now = clock_.now();
  const Duration passed = now - looked_;
  if (!tls_ || (passed >= Duration::zero() && passed < kDay)) return;
  looked_ = now;
  for (const TlsEnding& ending : tls_->endings()) {
    const auto warning = warning_of(ending, std::chrono::system_clock::time_point(now));
    if (warning) log(log_, *warning);
  }
}

}  // namespace mplane
