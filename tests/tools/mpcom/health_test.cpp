#include "mpcom/health.hpp"

#include "support/fake_clock.hpp"
#include "support/pki.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

TEST_CASE("a component is well when it answers and its certificates are good") {
  using Complaints = std::vector<std::string>;
  const test::TestPki pki;
  const TlsOptions files = pki.issue("probe");
  test::FakeClock clock(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
  CertificateWatch watch(clock, {});
  watch.use(TlsContext(files));
  Component component({.listen = "127.0.0.1:0", .tls = TlsContext(files)});
  const Health health{component, watch, clock, pki.folder().path()};

  CHECK(health.complaints() == Complaints{"peers are not answered"});
  component.start();
  CHECK(health.is_alive());
  CHECK(health.complaints().empty());
  clock.advance(24h * 20'000);
  CHECK(health.complaints() ==
        Complaints{files.ca.string() + " has ended", files.cert.string() + " has ended"});
  CHECK(health.is_alive());  // no restart would cure that
  component.stop();
  CHECK_FALSE(health.is_alive());
}
