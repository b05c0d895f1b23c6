// One specification that a supervisor hands to a thousand components, whose results it merges into
// one, against a thousand times what a client waits for the result of one component that is
// relayed. The components are simulated by mpsim, and answer at once.

#include "bench.hpp"
#include "mplane/client.hpp"
#include "mplane/supervisor.hpp"
#include "support/pki.hpp"
#include "support/program.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using mplane::test::Program;
using mplane::test::TestPki;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kComponents = 1'000;
constexpr std::size_t kRelayed = 20;  // a round
const std::chrono::duration<double> kShare(
    kComponents / mplane::SupervisionOptions().below.callback.polls_per_second);

class Site {
 public:
  Site() : supervisor_(above(), below()) {
    supervisor_.start();
    pki_.folder().write("ca.key", pki_.authority().key);
    fleet_ = std::make_unique<Program>(std::vector<std::string>{
        MPLANE_MPSIM, "--components", std::to_string(kComponents), "--supervisor",
        mplane::to_string(supervisor_.supervision().url()), "--pki", pki_.folder().path().string(),
        "--answer-after", "0s..0s", "--for", "inf"});
    if (fleet_->wait_for_line("components are registered", 120s).empty()) {
      throw std::runtime_error("mpsim says: " + fleet_->err());
    }
    mplane::ClientOptions options;
    options.tls = mplane::TlsContext(pki_.issue("client"));
    client_ = std::make_unique<mplane::Client>(options);
    client_->discover(mplane::to_string(supervisor_.component().url()) + "capabilities");
  }

  /// Seconds for one question to all of them, when all wait for work: who had some was told to come
  /// back after their fair share of the rate of polls.
  double fan_out() {
    std::this_thread::sleep_for(2 * kShare);
    return time_of("all", kComponents);
  }
  /// The same to one of them, as many times one after the other, reckoned from some.
  double relay() {
    double sum = 0;
    for (std::size_t i = 0; i < kRelayed; ++i) {
      next_ = next_ % kComponents + 1;
      sum += time_of("sim-ping@org.mplane.component.sim-" + std::to_string(next_), 1);
    }
    return sum / kRelayed * kComponents;
  }

 private:
  mplane::ComponentOptions above() {
    mplane::ComponentOptions options;
    options.listen = "127.0.0.1:0";
    options.tls = mplane::TlsContext(pki_.issue("supervisor"));
    options.access =
        mplane::AccessControl({{pki_.identity("client").text(), {"user"}}}, {{"*", {"user"}}});
    options.session.immediate = 60s;
    return options;
  }
  mplane::SupervisionOptions below() {
    mplane::SupervisionOptions options;
    options.below.listen = "127.0.0.1:0";
    options.below.tls = mplane::TlsContext(pki_.issue("supervisor"));
    options.relay = {"*"};
    mplane::Composition all;
    all.label = "all";
    all.of = {"sim-ping"};
    options.compositions = {all};
    return options;
  }

  double time_of(const std::string& label, const std::size_t rows) {
    const mplane::Capability& capability = client_->find(label)->capability;
    const auto begin = Clock::now();
    auto builder = capability.specify("now").set("destination.ip4", "192.0.2.1");
    const auto result =
        client_->submit(std::move(builder).label(label).build(), capability).wait_for(60s);
    const std::chrono::duration<double> took = Clock::now() - begin;
    if (!result || result->row_count() != rows) throw std::runtime_error("rows are missing");
    return took.count();
  }

  TestPki pki_;
  mplane::Supervisor supervisor_;
  std::unique_ptr<Program> fleet_;
  std::unique_ptr<mplane::Client> client_;
  std::size_t next_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  std::unique_ptr<Site> site;  // made for who wants it
  const auto made = [&]() -> Site& {
    if (!site) site = std::make_unique<Site>();
    return *site;
  };
  suite.compare(
      "supervisor-fan-out", {{"", "s", bench::Better::Lower}},
      [&] { return std::vector{made().fan_out()}; }, [&] { return std::vector{made().relay()}; });
  return suite.finish();
}
