// Asking many components at once. The slowest of them takes two seconds: what is beyond that and
// the price of the connections is ours.

#include "bench.hpp"
#include "mplane/client.hpp"
#include "slow_components.hpp"
#include "support/pki.hpp"
#include "tls_handshakes.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <stdexcept>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kComponents = 200;
constexpr unsigned kSeed = 6;
constexpr double kHandshakes = 1.2;  // of the bare ones

std::vector<std::chrono::milliseconds> delays() {
  std::mt19937 random(kSeed);
  std::uniform_int_distribution<int> delay(200, 2000);
  std::vector<std::chrono::milliseconds> delays;
  for (std::size_t i = 0; i < kComponents; ++i) delays.emplace_back(delay(random));
  return delays;
}

/// Finds what each offers, has it measured, waits for all results. @return the seconds.
double ask_all(const std::vector<std::string>& urls, const mplane::ClientOptions& options) {
  const auto begin = Clock::now();
  mplane::Fleet fleet(urls, options);
  fleet.ask([&](const std::size_t i, mplane::Client& client, const std::stop_token& stop) {
    const auto capabilities = client.discover(urls[i], stop);
    return std::optional(client.submit(capabilities.at(0).specify("now").build(), stop));
  });
  std::size_t results = 0;
  while (const auto news = fleet.next()) {
    if (news->result) ++results;
  }
  if (results != urls.size()) throw std::runtime_error("somebody did not answer");
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  const mplane::test::TestPki pki;
  const mplane::TlsOptions files = pki.issue("client");
  const auto times = delays();
  const bench::SlowComponents components(mplane::TlsContext(pki.issue("component")), times);
  const auto urls = components.urls();
  const auto ports = components.ports();
  const double slowest =
      std::chrono::duration<double>(*std::max_element(times.begin(), times.end())).count();
  mplane::ClientOptions options;
  options.tls = mplane::TlsContext(files);
  suite.compare(
      "ask-200", {{"", "s", bench::Better::Lower}},
      [&] { return std::vector{ask_all(urls, options)}; },
      [&] {
        const double bare = yardstick::tls_handshakes(ports, files.ca, files.cert, files.key);
        return std::vector{slowest + kHandshakes * bare};
      });
  return suite.finish();
}
