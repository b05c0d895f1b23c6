// Polls of components for which there is no work, on kept connections under mutual TLS, against a
// bare Beast server that answers with as many bytes. Both are asked by 64 peers at once.

#include "beast_echo.hpp"
#include "bench.hpp"
#include "components.hpp"
#include "mplane/client/client_listener.hpp"
#include "support/pki.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using mplane::test::TestPki;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kComponents = 64;
constexpr std::size_t kRounds = 128;  // of all of them

double rate_of(bench::Components& components, const std::string& request) {
  const std::vector<std::string> requests(components.size(), request);
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < kRounds; ++i) components.round(requests);
  const std::chrono::duration<double> took = Clock::now() - begin;
  return static_cast<double>(kRounds * components.size()) / took.count();
}

/// A supervisor's side for components.
class Ours {
 public:
  explicit Ours(const TestPki& pki) : listener_(options(pki)) {
    listener_.start();
    components_ = std::make_unique<bench::Components>(pki, listener_.url().port(), kComponents);
    components_->enroll();
  }

  double rate() { return rate_of(*components_, bench::poll()); }
  /// What is said when there is no work.
  std::string answer() {
    return components_->round(std::vector(components_->size(), bench::poll()));
  }

 private:
  static mplane::ClientListenerOptions options(const TestPki& pki) {
    mplane::ClientListenerOptions options;
    options.listen = "127.0.0.1:0";
    options.tls = mplane::TlsContext(pki.issue("supervisor"));
    options.callback.expiry = std::chrono::hours(24);  // also while the yardstick is measured
    return options;
  }

  mplane::ClientListener listener_;
  std::unique_ptr<bench::Components> components_;
};

class Bare {
 public:
  Bare(const TestPki& pki, std::string answer)
      : files_(pki.issue("server")),
        echo_(files_.ca, files_.cert, files_.key),
        request_(bench::post(answer)) {
    components_ = std::make_unique<bench::Components>(pki, echo_.port(), kComponents);
  }

  double rate() { return rate_of(*components_, request_); }

 private:
  const mplane::TlsOptions files_;
  const yardstick::BeastEcho echo_;
  const std::string request_;
  std::unique_ptr<bench::Components> components_;
};

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  const TestPki pki;
  std::unique_ptr<Ours> ours;  // made for who wants it
  std::unique_ptr<Bare> bare;
  const auto make = [&] {
    if (bare) return;
    ours = std::make_unique<Ours>(pki);
    bare = std::make_unique<Bare>(pki, ours->answer());
  };
  suite.compare(
      "supervisor-polls", {{"", "1/s", bench::Better::Higher}},
      [&] {
        make();
        return std::vector{ours->rate()};
      },
      [&] {
        make();
        return std::vector{bare->rate()};
      });
  return suite.finish();
}
