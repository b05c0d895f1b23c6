// What mpcom is like when nobody asks it anything: the memory of the process and of each idle
// connection, processor time, and how long a request takes beside 5,000 idle connections, and
// beside 1,000 peers that send a byte now and then, against one that has no other peers.

#include "bench.hpp"
#include "support/pki.hpp"
#include "support/program.hpp"
#include "tls_peer.hpp"

#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using bench::TlsClient;
using bench::TlsPeer;
using mplane::test::Program;
using mplane::test::TestPki;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kIdle = 5'000;
constexpr std::size_t kSlow = 1'000;
constexpr std::size_t kRequests = 1'000;  // a round
constexpr double kKibi = 1024;
constexpr double kMebi = 1024 * 1024;

using Peers = std::vector<std::unique_ptr<TlsPeer>>;

/// mpcom with all modules, as a process of its own.
class Mpcom {
 public:
  explicit Mpcom(const TestPki& pki)
      : program_({MPLANE_MPCOM, "--config", config(pki)}), client_(pki.issue("client")) {
    const std::string line = program_.wait_for_line("component: listening");
    const std::size_t colon = line.rfind(':');
    if (colon == std::string::npos) throw std::runtime_error("mpcom says: " + program_.err());
    std::from_chars(line.data() + colon + 1, line.data() + line.size(), port_);
  }

  int pid() const { return program_.pid(); }

  Peers connect(const std::size_t count) const {
    Peers peers;
    for (std::size_t i = 0; i < count; ++i) {
      peers.push_back(std::make_unique<TlsPeer>(client_, port_, true));
    }
    return peers;
  }

  /// In microseconds.
  double p99() {
    TlsPeer peer(client_, port_);
    std::vector<double> times;
    for (std::size_t i = 0; i < kRequests; ++i) {
      const std::string request =
          bench::post(R"({"specification":"measure","version":1,)"
                      R"("registry":"http://mplane.corvid.ch/registry/loopback","when":"now",)"
                      R"("parameters":{"test.input":"x"},"results":["test.output"],"token":"t)" +
                      std::to_string(next_++) + "\"}");
      const auto begin = Clock::now();
      peer.write(request);
      if (peer.read().find("resultvalues") == std::string_view::npos) {
        throw std::runtime_error("there is no result");
      }
      times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    }
    return bench::percentile(std::move(times), 99);
  }

 private:
  static std::string config(const TestPki& pki) {
    const mplane::TlsOptions files = pki.issue("component");
    return pki.folder().write(
        "component.yaml",
        "component: {listen: \"127.0.0.1:0\"}\n"
        "tls: {ca: " +
            files.ca.string() + ", cert: " + files.cert.string() + ", key: " + files.key.string() +
            "}\n"
            "access:\n  roles: {" +
            pki.identity("client").text() +
            ": user}\n"
            "  authorizations: {test-loopback: user}\n"
            "limits: {connections-per-identity: 10000}\n"
            "registries: [core, loopback]\n"
            "targets: {allow: 127.0.0.0/8}\n"
            "results: {keep: 1s}\n"
            "modules:\n"
            "  - loopback\n"
            "  - {name: ping, settings: {source-ip4: 127.0.0.1}}\n"
            "  - name: exec\n"
            "    settings: {label: uptime, registry: "
            "\"http://mplane.corvid.ch/registry/loopback\",\n"
            "               results: {test.output: out}, program: /bin/true,\n"
            "               patterns: \"(?P<out>.*)\"}\n");
  }

  Program program_;
  TlsClient client_;
  std::uint16_t port_ = 0;
  std::size_t next_ = 0;
};

/// Peers whose request never ends: each sends a byte of it a second.
class SlowSenders {
 public:
  explicit SlowSenders(Peers peers) : peers_(std::move(peers)) {
    const std::string head =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-mplane+json\r\n"
        "Content-Length: 1000000\r\n\r\n";
    for (const auto& peer : peers_) peer->write(head);
    thread_ = std::jthread([this](const std::stop_token& stop) { drip(stop); });
  }

 private:
  void drip(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    for (std::size_t i = 0; !stop.stop_requested(); i = (i + 1) % peers_.size()) {
      peers_[i]->write("x");
      never.wait_for(lock, stop, 1s / static_cast<double>(peers_.size()), [] { return false; });
    }
  }

  Peers peers_;
  std::jthread thread_;
};

/// Of that process, in processors, over two seconds.
double processors(const int pid) {
  const double before = bench::processor_time(pid);
  std::this_thread::sleep_for(2s);  // nothing is to happen meanwhile
  return (bench::processor_time(pid) - before) / 2;
}

/// What is measured, made when it is first needed: it takes a while.
class Subjects {
 public:
  Mpcom& alone() { return make(alone_); }

  /// With idle connections.
  Mpcom& crowded() {
    if (crowded_) return *crowded_;
    Mpcom& mpcom = make(crowded_);
    const double before = bench::resident_memory(mpcom.pid());
    idle_ = mpcom.connect(kIdle);
    each_ = (bench::resident_memory(mpcom.pid()) - before) / kIdle;
    return mpcom;
  }
  /// Memory of an idle connection, in bytes.
  double each() {
    crowded();
    return each_;
  }

  /// With slow senders.
  Mpcom& besieged() {
    if (besieged_) return *besieged_;
    Mpcom& mpcom = make(besieged_);
    slow_ = std::make_unique<SlowSenders>(mpcom.connect(kSlow));
    return mpcom;
  }

 private:
  Mpcom& make(std::unique_ptr<Mpcom>& mpcom) {
    if (!mpcom) mpcom = std::make_unique<Mpcom>(pki_);
    return *mpcom;
  }

  TestPki pki_;
  std::unique_ptr<Mpcom> alone_;
  std::unique_ptr<Mpcom> crowded_;
  std::unique_ptr<Mpcom> besieged_;
  Peers idle_;
  double each_ = 0;
  std::unique_ptr<SlowSenders> slow_;
};

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  bench::raise_file_limit();
  Subjects subjects;
  suite.limit("component-memory", {{"-anonymous", "B"}, {"-all", "B"}}, {8 * kMebi, 24 * kMebi},
              [&] {
                const int pid = subjects.alone().pid();
                return std::vector{bench::resident_memory(pid, true), bench::resident_memory(pid)};
              });
  constexpr double kNotMeasurable = 0.005;  // of a processor
  suite.limit("component-idle", {{"-memory", "B"}, {"-processor", ""}},
              {40 * kKibi, kNotMeasurable}, [&] {
                return std::vector{subjects.each(), processors(subjects.crowded().pid())};
              });
  suite.compare(
      "component-idle", {{"-p99", "us"}, {"-p99-slow", "us"}},
      [&] {
        return std::vector{subjects.crowded().p99(), subjects.besieged().p99()};
      },
      [&] {
        return std::vector{subjects.alone().p99(), subjects.alone().p99()};
      });
  return suite.finish();
}
