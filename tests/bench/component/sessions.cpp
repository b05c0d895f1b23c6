// From a specification posted to a component under mutual TLS to its result, for the loopback
// service, against a bare Beast server that answers with the same bytes; with 64 kept connections
// and with one, at once and through a worker, and with a new connection for each.

#include "beast_echo.hpp"
#include "bench.hpp"
#include "mplane/component.hpp"
#include "mplane/probes/loopback.hpp"
#include "support/pki.hpp"
#include "support/scratch.hpp"
#include "tls_peer.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using mplane::Component;
using mplane::ComponentOptions;
using mplane::Service;
using mplane::TlsContext;
using mplane::test::TestPki;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kRequests = 8'192;  // a round
constexpr std::size_t kHandshakes = 256;

mplane::Registry registry() {
  const std::filesystem::path file =
      std::filesystem::path(MPLANE_SOURCE) / "registry/loopback.json";
  return mplane::Registry::decode(mplane::test::read_file(file));
}

/// A component that offers loopback, at once or through a worker.
class Ours {
 public:
  Ours(const TestPki& pki, const bool through_worker) : component_(options(pki)) {
    for (Service service : mplane::make_loopback(registry(), {})) {
      service.immediate = !through_worker;
      component_.serve(std::move(service));
    }
    component_.start();
  }
  std::uint16_t port() const { return component_.url().port(); }

 private:
  static ComponentOptions options(const TestPki& pki) {
    ComponentOptions options;
    options.registry = registry();
    options.listen = "127.0.0.1:0";
    options.tls = TlsContext(pki.issue("component"));
    options.access = mplane::AccessControl({{pki.identity("client").text(), {"user"}}},
                                           {{"test-loopback", {"user"}}});
    options.limits.connections_per_identity = 1'000;
    return options;
  }

  Component component_;
};

/// The specification with that number: another value, another token.
std::string specification(const std::size_t number) {
  return R"({"specification":"measure","version":1,)"
         R"("registry":"http://mplane.corvid.ch/registry/loopback","label":"test-loopback",)"
         R"("when":"now","parameters":{"test.input":"this is message number )" +
         std::to_string(number) + R"("},"results":["test.output"],"token":"t)" +
         std::to_string(number) + "\"}";
}

/// So many kept connections, all with a request on its way.
class Load {
 public:
  Load(const TestPki& pki, const std::uint16_t port, const std::size_t connections)
      : client_(pki.issue("client")) {
    for (std::size_t i = 0; i < connections; ++i) {
      peers_.push_back(std::make_unique<bench::TlsPeer>(client_, port));
    }
  }

  double rate() {
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < kRequests; ++i)
      requests.push_back(bench::post(specification(next_++)));
    const auto begin = Clock::now();
    for (std::size_t first = 0; first < kRequests; first += peers_.size()) {
      for (std::size_t i = 0; i < peers_.size(); ++i) peers_[i]->write(requests[first + i]);
      for (const auto& peer : peers_) check(peer->read());
    }
    const std::chrono::duration<double> took = Clock::now() - begin;
    return static_cast<double>(kRequests) / took.count();
  }

 private:
  /// Both sides give back what was sent; ours is a result.
  static void check(const std::string_view answer) {
    if (answer.find("this is message number") == std::string_view::npos) {
      throw std::runtime_error("no result: " + std::string(answer));
    }
  }

  bench::TlsClient client_;
  std::vector<std::unique_ptr<bench::TlsPeer>> peers_;
  std::size_t next_ = 0;
};

/// New connections, each for one request.
class Newcomers {
 public:
  Newcomers(const TestPki& pki, const std::uint16_t port, const bool resume)
      : client_(pki.issue("client")), port_(port), resume_(resume) {}

  double rate() {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < kHandshakes; ++i) {
      bench::TlsPeer peer(client_, port_, resume_);
      peer.write(bench::post(specification(next_++)));
      peer.read();
    }
    const std::chrono::duration<double> took = Clock::now() - begin;
    return static_cast<double>(kHandshakes) / took.count();
  }

 private:
  bench::TlsClient client_;
  const std::uint16_t port_;
  const bool resume_;
  std::size_t next_ = 0;
};

/// What is measured.
struct Subjects {
  TestPki pki;
  const mplane::TlsOptions files = pki.issue("server");
  const yardstick::BeastEcho echo{files.ca, files.cert, files.key};
  const Ours at_once{pki, false};
  const Ours through_worker{pki, true};
  Load echo_64{pki, echo.port(), 64};
  Load echo_1{pki, echo.port(), 1};
  Load ours_64{pki, at_once.port(), 64};
  Load worker_64{pki, through_worker.port(), 64};
  Load ours_1{pki, at_once.port(), 1};
  Newcomers echo_new{pki, echo.port(), false};
  Newcomers ours_new{pki, at_once.port(), false};
  Newcomers ours_again{pki, at_once.port(), true};
};

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  std::unique_ptr<Subjects> subjects;  // made when they are first needed
  const auto rate_of = [&](auto member) {
    return [&subjects, member] {
      if (!subjects) subjects = std::make_unique<Subjects>();
      return std::vector{(*subjects.*member).rate()};
    };
  };
  const std::vector<bench::Figure> rate{{"", "1/s", bench::Better::Higher}};
  const auto compare = [&](const char* const name, const auto ours, const auto echo) {
    suite.compare(name, rate, rate_of(ours), rate_of(echo));
  };
  compare("component-64", &Subjects::ours_64, &Subjects::echo_64);
  compare("component-64-worker", &Subjects::worker_64, &Subjects::echo_64);
  compare("component-1", &Subjects::ours_1, &Subjects::echo_1);
  compare("component-handshake", &Subjects::ours_new, &Subjects::echo_new);
  compare("component-handshake-resumed", &Subjects::ours_again, &Subjects::echo_new);
  return suite.finish();
}
