#include "mpcom/certificate_watch.hpp"

#include "support/fake_clock.hpp"
#include "support/pki.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

namespace {

constexpr Duration kDay = 24h;

/// Watches certificates that end a day from now, and so do their authorities.
struct Watched {
  Watched() {
    watch.use(TlsContext(pki.issue("probe")));
    clock.step(-60 * kDay);
    watch.look();  // the clock went back: nobody knows how long ago the last look was
  }
  /// What is said when so much time has passed.
  std::vector<Severity> after(const Duration time) {
    said.clear();
    clock.advance(time);
    watch.look();
    return said;
  }

  test::TestPki pki;
  test::FakeClock clock{std::chrono::floor<Duration>(std::chrono::system_clock::now())};
  std::vector<Severity> said;
  CertificateWatch watch{clock,
                         [this](const LogRecord& record) { said.push_back(record.severity); }};
};

}  // namespace

TEST_CASE("the end of a certificate is warned of once a day, from thirty days before") {
  Watched watched;
  using Said = std::vector<Severity>;
  CHECK(watched.said.empty());
  CHECK(watched.after(30 * kDay).empty());     // 31 days are left
  CHECK(watched.after(3 * kDay).size() == 2);  // the authority's and its own
  CHECK(watched.after(23h).empty());
  CHECK(watched.after(1h) == Said{Severity::Warning, Severity::Warning});
  CHECK(watched.after(40 * kDay) == Said{Severity::Error, Severity::Error});
  CHECK(watched.after(kDay) == Said{Severity::Error, Severity::Error});
}

TEST_CASE("certificates that were exchanged are warned of no more") {
  Watched watched;
  CHECK(watched.after(40 * kDay).size() == 2);
  watched.watch.use(std::nullopt);
  CHECK(watched.after(40 * kDay).empty());
}
