// What the phases of DNS, TLS and HTTP are worth: against servers that hold what they send for 80
// ms, behind a link of 10 ms each way. A busy machine holds packets for longer: the truth of a
// phase is what the link's log says, from the packet that begins it to the one that ends it.

#include "bench.hpp"
#include "mplane/probes/dns.hpp"
#include "mplane/probes/http.hpp"
#include "mplane/probes/tls.hpp"
#include "probes/dns_reply.hpp"
#include "probes/listening.hpp"
#include "probes/name_server.hpp"
#include "probes/service_rig.hpp"
#include "probes/tls_server.hpp"
#include "support/link/two_hosts.hpp"
#include "support/pki.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

constexpr auto kEachWay = 10ms;
constexpr auto kHold = 80ms;
constexpr const char* kName = "www.example.org";

void hold() { std::this_thread::sleep_for(kHold); }

/// How far a phase is off, as a part of what it may be: 1 ms or 2 %.
double off(const Result& result, std::string_view column, double truth) {
  const auto measured = static_cast<double>(result.rows()[0].get<std::uint64_t>(column));
  return std::abs(measured - truth) / std::max(1'000.0, truth / 50);
}

/// Two hosts, and on the second of them all that a request meets.
class Site {
 public:
  TwoHosts hosts{{.a_to_b = {.delay = kEachWay}, .b_to_a = {.delay = kEachWay}}};
  const TestPki pki;
  const TlsOptions files = pki.issue_for("server", {kName}, {TwoHosts::kB4});
  const TlsServer tls{files.cert, files.key};
  const NameServer names{hosts.b(), TwoHosts::kB4, [this](const Packet& query, bool) {
                           hold();
                           const Packet address{10, 77, 0, 2};
                           return std::vector<Packet>{DnsReply(query).answer(1, address).packet()};
                         }};
  const Listening web{hosts.b(), TwoHosts::kB4, [this](int connection) {
                        hold();
                        tls.serve(connection, &Site::serve);
                      }};

 private:
  static void serve(SSL* session) {
    std::string head;
    char block[2'048];
    while (head.find("\r\n\r\n") == std::string::npos) {
      const int count = ::SSL_read(session, block, sizeof block);
      if (count <= 0) return;
      head.append(block, static_cast<std::size_t>(count));
    }
    hold();
    constexpr std::string_view kFirst = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
    ::SSL_write(session, kFirst.data(), static_cast<int>(kFirst.size()));
    hold();
    ::SSL_write(session, "world", 5);
  }
};

/// The packets of one protocol that passed in one direction: those that carry something.
std::vector<LinkRecord> packets(const Site& site, Direction direction, std::string_view protocol) {
  constexpr std::size_t kBare = 80;  // bytes: what TCP sends without content is shorter
  auto all = site.hosts.log();
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const LinkRecord& record) {
                             const bool bare = protocol == "tcp4" && record.bytes < kBare;
                             return record.direction != direction || bare ||
                                    !record.packet.starts_with(protocol);
                           }),
            all.end());
  return all;
}

/// From a packet's arrival at the link to the departure of another.
double between(const LinkRecord& first, const LinkRecord& last) {
  return std::chrono::duration<double, std::micro>(last.departed - first.arrived).count();
}

/// How long a question by UDP was away, beyond the one who asked.
double question(const Site& site) {
  return between(packets(site, Direction::AToB, "udp4").at(0),
                 packets(site, Direction::BToA, "udp4").at(0));
}

/// The SYN and its answer, which are the first packets of their directions.
double connection(const Site& site) {
  const auto log = site.hosts.log();
  const auto first = [&](Direction direction) {
    return *std::find_if(log.begin(), log.end(), [&](const LinkRecord& record) {
      return record.direction == direction && record.packet.starts_with("tcp4");
    });
  };
  return between(first(Direction::AToB), first(Direction::BToA));
}

/// The last packet of the server's part of the handshake: before the client's next word.
LinkRecord end_of_handshake(const Site& site) {
  const auto asked = packets(site, Direction::AToB, "tcp4");
  auto said = packets(site, Direction::BToA, "tcp4");
  if (asked.size() > 1) {
    const auto later = [&](const LinkRecord& r) { return r.departed > asked[1].arrived; };
    said.erase(std::remove_if(said.begin(), said.end(), later), said.end());
  }
  return said.at(said.size() - 1);
}

double handshake(const Site& site) {
  return between(packets(site, Direction::AToB, "tcp4").at(0), end_of_handshake(site));
}

std::vector<double> dns_phases() {
  Site site;
  ServiceRig rig(site.hosts.a(), [](Engine& engine) {
    return make_dns(probes_elements(), {}, {.engine = engine});
  });
  const Result result = rig.result("dns-query-ip4", {{"destination.ip4", TwoHosts::kB4},
                                                     {"destination.port", site.names.port()},
                                                     {"dns.name", kName},
                                                     {"dns.type", "A"},
                                                     {"dns.transport", "udp"},
                                                     {"dns.recursion", "true"},
                                                     {"dns.dnssec", "false"},
                                                     {"dns.nsid", "false"},
                                                     {"dns.edns.octets", "1232"}});
  return {off(result, "delay.twoway.dns.us", question(site))};
}

std::vector<double> tls_phases() {
  Site site;
  ServiceRig rig(site.hosts.a(), [&](Engine& engine) {
    return make_tls(probes_elements(), {{"ca-file", site.files.ca}}, {.engine = engine});
  });
  const Result result = rig.result(
      "tls-handshake-ip4",
      {{"destination.name", TwoHosts::kB4}, {"destination.port", std::to_string(site.web.port())}});
  return {off(result, "delay.connect.tcp.us", connection(site)),
          off(result, "delay.handshake.tls.us", handshake(site))};
}

std::vector<double> http_phases() {
  Site site;
  const Texts settings{{"ca-file", site.files.ca},
                       {"resolver", std::string(TwoHosts::kB4) + ":" + site.names.port()}};
  ServiceRig rig(site.hosts.a(), [&](Engine& engine) {
    return make_http(probes_elements(), settings, {.engine = engine});
  });
  const std::string url =
      "https://" + std::string(kName) + ":" + std::to_string(site.web.port()) + "/";
  const Result result =
      rig.result("http-get-ip4", {{"destination.url", url}, {"http.version", "1.1"}});
  // Session tickets come first; the two parts of the answer are the last.
  const auto said = packets(site, Direction::BToA, "tcp4");
  const LinkRecord& begin = said.at(said.size() - 2);
  const LinkRecord& end = said.back();
  const auto apart = [](const LinkRecord& first, const LinkRecord& last) {
    return std::chrono::duration<double, std::micro>(last.departed - first.departed).count();
  };
  return {off(result, "delay.resolution.us", question(site)),
          off(result, "delay.connect.tcp.us", connection(site)),
          off(result, "delay.handshake.tls.us", handshake(site)),
          off(result, "delay.firstbyte.us", apart(end_of_handshake(site), begin)),
          off(result, "delay.transfer.us", apart(begin, end))};
}

bench::Figure phase(const std::string& suffix) { return {suffix, "of 1 ms or 2 %"}; }

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  suite.limit("phases-dns", {phase("")}, {1}, dns_phases);
  suite.limit("phases-tls", {phase("-connect"), phase("-handshake")}, {1, 1}, tls_phases);
  suite.limit("phases-http",
              {phase("-resolve"), phase("-connect"), phase("-handshake"), phase("-firstbyte"),
               phase("-transfer")},
              {1, 1, 1, 1, 1}, http_phases);
  return suite.finish();
}
