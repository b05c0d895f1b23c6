// Components that are connected and idle: how long it takes to register them all, against their
// bare TLS handshakes; what each of them costs in memory, against 40 KiB; and how long a client of
// the same supervisor waits meanwhile, against one that has no components. The components are
// mpsim's, in processes of their own: 2,000, with --large 15,000.

#include "beast_echo.hpp"
#include "bench.hpp"
#include "mplane/client.hpp"
#include "mplane/supervisor.hpp"
#include "support/pki.hpp"
#include "support/program.hpp"

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using mplane::test::Program;
using mplane::test::TestPki;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kSome = 2'000;
constexpr std::size_t kMany = 15'000;
constexpr std::size_t kRequests = 500;
constexpr double kMemory = 40 * 1024;  // bytes a component

double number_after(const std::string& text, const std::string_view name) {
  const std::size_t place = text.find(name);
  if (place == std::string::npos) throw std::runtime_error("nothing is said of it: " + text);
  double number = 0;
  std::from_chars(text.data() + place + name.size(), text.data() + text.size(), number);
  return number;
}

/// A supervisor that measures something itself, and a client of it.
class Site {
 public:
  explicit Site(const TestPki& pki) : pki_(pki), supervisor_(above(), below()) {
    supervisor_.component().serve({mplane::Capability::measure("own")
                                       .when("now ... future")
                                       .result("packets.ip")
                                       .build(mplane::Registry::core()),
                                   [](const mplane::Specification& asked, std::stop_token) {
                                     return mplane::Result(asked).row({{"packets.ip", 1}});
                                   }});
    supervisor_.start();
    mplane::ClientOptions options;
    options.tls = mplane::TlsContext(pki_.issue("client"));
    client_ = std::make_unique<mplane::Client>(options);
    client_->discover(mplane::to_string(supervisor_.component().url()) + "capabilities");
  }

  std::string url() { return mplane::to_string(supervisor_.supervision().url()); }
  std::size_t registered() { return supervisor_.supervision().components().size(); }

  /// Seconds that 99 of 100 requests take at most, one after the other.
  double slowest() {
    std::vector<double> took;
    for (std::size_t i = 0; i < kRequests; ++i) {
      const auto begin = Clock::now();
      const mplane::Capability& capability = client_->find("own")->capability;
      if (!client_->submit(capability.specify("now").build(), capability).wait_for(60s)) {
        throw std::runtime_error("there is no result");
      }
      took.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    }
    return bench::percentile(std::move(took), 99);
  }

 private:
  mplane::ComponentOptions above() {
    mplane::ComponentOptions options;
    options.listen = "127.0.0.1:0";
    options.tls = mplane::TlsContext(pki_.issue("supervisor"));
    options.access =
        mplane::AccessControl({{pki_.identity("client").text(), {"user"}}}, {{"*", {"user"}}});
    return options;
  }
  mplane::SupervisionOptions below() {
    mplane::SupervisionOptions options;
    options.below.listen = "127.0.0.1:0";
    options.below.tls = mplane::TlsContext(pki_.issue("supervisor"));
    options.below.server.connections = 2 * kMany;
    return options;
  }

  const TestPki& pki_;
  mplane::Supervisor supervisor_;
  std::unique_ptr<mplane::Client> client_;
};

/// Seconds to register all, bytes for each of them, seconds that a client waits beside them.
std::vector<double> connected(const TestPki& pki, const std::size_t count) {
  bench::release_memory();  // what the last round left would be taken for what is needed now
  Site site(pki);
  const double before = bench::resident_memory();
  Program fleet({MPLANE_MPSIM, "--components", std::to_string(count), "--supervisor", site.url(),
                 "--pki", pki.folder().path().string(), "--for", "inf", "--json"});
  if (fleet.wait_for_line("components are registered", 600s).empty()) {
    throw std::runtime_error("mpsim says: " + fleet.err());
  }
  if (site.registered() != count) throw std::runtime_error("not all are registered");
  const double memory = (bench::resident_memory() - before) / static_cast<double>(count);
  const double slowest = site.slowest();
  fleet.send(SIGTERM);
  const auto ended = fleet.wait(60s);
  if (!ended) throw std::runtime_error("mpsim does not end");
  return {number_after(ended->out, "\"registered-after\":"), memory, slowest};
}

/// The same without a supervisor, or without components.
std::vector<double> bare(const TestPki& pki, const std::size_t count) {
  const mplane::TlsOptions server = pki.issue("server");
  const mplane::TlsOptions client = pki.issue("component");
  double took = 0;
  {
    const yardstick::BeastEcho echo(server.ca, server.cert, server.key);
    Program dialer({MPLANE_DIAL_ALL, client.ca, client.cert, client.key,
                    std::to_string(echo.port()), std::to_string(count)});
    const std::string line = dialer.wait_for_line("all are connected", 600s);
    if (line.empty()) throw std::runtime_error(dialer.err());
    took = number_after(line, "after ");
  }
  return {took, kMemory, Site(pki).slowest()};
}

}  // namespace

int main(int argc, char** argv) {
  bench::raise_file_limit();
  bench::Suite suite(argc, argv);
  const TestPki pki;
  pki.folder().write("ca.key", pki.authority().key);
  const std::size_t count = suite.large() ? kMany : kSome;
  suite.compare(
      "supervisor-connected",
      {{"", "s", bench::Better::Lower},
       {"-memory", "B", bench::Better::Lower},
       {"-p99", "s", bench::Better::Lower}},
      [&] { return connected(pki, count); }, [&] { return bare(pki, count); });
  return suite.finish();
}
