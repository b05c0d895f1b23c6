#include "mplane/probes/dns.hpp"

#include "mplane/probe/target_policy.hpp"
#include "probes/dns_reply.hpp"
#include "probes/name_server.hpp"
#include "probes/service_rig.hpp"
#include "support/link/two_hosts.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kA = 1;
const Packet kAddress{192, 0, 2, 80};

/// One address, as most tests want it.
Packet answer(const Packet& query) { return DnsReply(query).answer(kA, kAddress).packet(); }

NameServer server_of(NameServer::Reply reply, const std::string& host = "127.0.0.1") {
  return {NetworkNamespace::current(), host, std::move(reply)};
}
NameServer::Reply answering() {
  return [](const Packet& query, bool) { return std::vector<Packet>{answer(query)}; };
}

ServiceRig::Make probe(const Texts& settings = {{"wait", "500ms"}}, TargetCheck check = {}) {
  return [settings, check](Engine& engine) {
    return make_dns(probes_elements(), settings, {.engine = engine, .check_target = check});
  };
}

Texts question(const std::string& port, const std::string& server = "127.0.0.1") {
  const bool ip6 = server.find(':') != std::string::npos;
  return {{ip6 ? "destination.ip6" : "destination.ip4", server},
          {"destination.port", port},
          {"dns.name", "www.example.org"},
          {"dns.type", "A"},
          {"dns.transport", "udp"},
          {"dns.recursion", "true"},
          {"dns.dnssec", "false"},
          {"dns.nsid", "false"},
          {"dns.edns.octets", "1232"}};
}

std::string outcome(const Result& result) {
  return result.rows()[0].get<std::string>("dns.outcome");
}

}  // namespace

TEST_CASE("an answer has its time, code, flags and records", "[dns][network]") {
  const std::string host = GENERATE("127.0.0.1", "::1");
  const NameServer server = server_of(answering(), host);
  ServiceRig rig(probe());
  const std::string tail = host == "::1" ? "ip6" : "ip4";
  const Result result = rig.result("dns-query-" + tail, question(server.port(), host));
  const Row row = result.rows()[0];
  CHECK(outcome(result) == "answered");
  CHECK(row.get<std::uint64_t>("delay.twoway.dns.us") < 500'000);
  CHECK(row.get<std::string>("dns.rcode") == "NOERROR");
  CHECK(row.get<std::string>("dns.flags") == "qr rd ra");
  CHECK(row.get<std::uint64_t>("dns.answers") == 1);
  CHECK(row.get<std::string>("dns.records") == "www.example.org. 300 IN A 192.0.2.80");
  CHECK(row.get<std::uint64_t>("dns.ttl.s") == 300);
  CHECK(row.get<std::uint64_t>("octets.dns") == 33 + 16);
  CHECK(row.get<std::uint64_t>("packets.stray") == 0);
  CHECK(result.find_metadata("timestamps.source") != nullptr);
}

TEST_CASE("the delay is the link's and the server's", "[dns][network]") {
  const std::string transport = GENERATE("udp", "tcp");
  const TwoHosts hosts({.a_to_b = {.delay = 10ms}, .b_to_a = {.delay = 10ms}});
  const NameServer server(hosts.b(), TwoHosts::kB4, answering());
  ServiceRig rig(hosts.a(), probe());
  Texts asked = question(server.port(), TwoHosts::kB4);
  asked["dns.transport"] = transport;
  const Result result = rig.result("dns-query-ip4", asked);
  const auto delay = result.rows()[0].get<std::uint64_t>("delay.twoway.dns.us");
  if (transport == "udp") {
    CHECK(delay >= 20'000);
    CHECK_FALSE(result.rows()[0].has_value("delay.connect.tcp.us"));
  } else {
    CHECK(delay >= 40'000);  // the handshake comes before
    const auto connecting = result.rows()[0].get<std::uint64_t>("delay.connect.tcp.us");
    CHECK(connecting >= 20'000);
    CHECK(delay - connecting >= 20'000);
  }
}

TEST_CASE("a query asks for what was specified, and for no more", "[dns][network]") {
  const NameServer server = server_of(answering());
  ServiceRig rig(probe());
  Texts asked = question(server.port());
  asked["dns.edns.octets"] = "0";
  asked["dns.recursion"] = "false";
  rig.result("dns-query-ip4", asked);
  asked["dns.edns.octets"] = "1400";
  asked["dns.dnssec"] = "true";
  asked["dns.nsid"] = "true";
  asked["dns.recursion"] = "true";
  asked["dns.type"] = "TYPE65";
  rig.result("dns-query-ip4", asked);
  const auto queries = server.queries();
  REQUIRE(queries.size() == 2);
  const Packet name = DnsReply::encoded("www.example.org");
  const auto expected = [&](Packet head, const Packet& tail) {
    head.insert(head.end(), name.begin(), name.end());
    head.insert(head.end(), tail.begin(), tail.end());
    return head;
  };
  const auto behind_id = [](const Packet& query) { return Packet(query.begin() + 2, query.end()); };
  CHECK(behind_id(queries[0]) == expected({0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, {0, 1, 0, 1}));
  // RFC 6891 section 6.1.2: root, OPT, size, extended code and version, DO, length; then NSID.
  CHECK(behind_id(queries[1]) ==
        expected({1, 0, 0, 1, 0, 0, 0, 0, 0, 1},
                 {0, 65, 0, 1, 0, 0, 41, 5, 120, 0, 0, 0x80, 0, 0, 4, 0, 3, 0, 0}));
}

TEST_CASE("a server that has a name tells it when asked", "[dns][network]") {
  struct Row {
    Packet options;
    std::string name;
  };
  const auto row = GENERATE(values<Row>({{{0, 3, 0, 3, 'n', 's', '1'}, "ns1"},
                                         {{0, 10, 0, 1, 9, 0, 3, 0, 2, 'n', 's'}, "ns"},
                                         {{0, 3, 0, 2, 0x00, 0xff}, "00ff"},
                                         {{0, 3, 0, 9, 'n'}, "none"}}));
  const NameServer server = server_of([row](const Packet& query, bool) {
    return std::vector<Packet>{DnsReply(query).answer(kA, kAddress).edns(row.options).packet()};
  });
  ServiceRig rig(probe());
  Texts asked = question(server.port());
  asked["dns.nsid"] = "true";
  const Result result = rig.result("dns-query-ip4", asked);
  CHECK(outcome(result) == "answered");
  const bool has = result.rows()[0].has_value("dns.server.name");
  CHECK((has ? result.rows()[0].get<std::string>("dns.server.name") : "none") == row.name);
}

TEST_CASE("codes other than success are answers, too", "[dns][network]") {
  struct Row {
    std::uint8_t code;
    std::string name;
  };
  const auto row =
      GENERATE(values<Row>({{1, "FORMERR"}, {2, "SERVFAIL"}, {3, "NXDOMAIN"}, {5, "REFUSED"}}));
  const NameServer server = server_of([row](const Packet& query, bool) {
    return std::vector<Packet>{DnsReply(query).rcode(row.code).packet()};
  });
  ServiceRig rig(probe());
  const Result result = rig.result("dns-query-ip4", question(server.port()));
  CHECK(outcome(result) == "answered");
  CHECK(result.rows()[0].get<std::string>("dns.rcode") == row.name);
  CHECK(result.rows()[0].get<std::uint64_t>("dns.answers") == 0);
  CHECK_FALSE(result.rows()[0].has_value("dns.ttl.s"));
}

TEST_CASE("codes that take EDNS have their names, too", "[dns][network]") {
  struct Row {
    std::uint8_t upper, lower;
    std::string name;
  };
  const auto row = GENERATE(values<Row>(
      {{1, 0, "BADVERS"}, {1, 7, "BADCOOKIE"}, {2, 1, "RCODE33"}, {0, 11, "DSOTYPENI"}}));
  const bool questioned = GENERATE(true, false);
  const NameServer server = server_of([row, questioned](const Packet& query, bool) {
    DnsReply reply(query);
    if (!questioned) reply.unquestioned();
    return std::vector<Packet>{reply.rcode(row.lower).edns({}, row.upper).packet()};
  });
  ServiceRig rig(probe());
  const Result result = rig.result("dns-query-ip4", question(server.port()));
  REQUIRE(outcome(result) == "answered");
  CHECK(result.rows()[0].get<std::string>("dns.rcode") == row.name);
}

TEST_CASE("a truncated answer says so, and is not asked for again", "[dns][network]") {
  const NameServer server = server_of([](const Packet& query, bool) {
    return std::vector<Packet>{DnsReply(query).truncated().packet()};
  });
  ServiceRig rig(probe());
  const Result result = rig.result("dns-query-ip4", question(server.port()));
  CHECK(result.rows()[0].get<std::string>("dns.flags") == "qr tc rd ra");
  CHECK(server.queries().size() == 1);
}

TEST_CASE("the records of long answers are cut", "[dns][network]") {
  const NameServer server = server_of([](const Packet& query, bool) {
    DnsReply reply(query);
    for (int n = 0; n < 200; ++n) reply.answer(kA, kAddress, n == 100 ? 7 : 300);
    return std::vector<Packet>{reply.packet()};
  });
  ServiceRig rig(probe());
  const Result result = rig.result("dns-query-ip4", question(server.port()));
  const Row row = result.rows()[0];
  CHECK(row.get<std::uint64_t>("dns.answers") == 200);
  CHECK(row.get<std::uint64_t>("dns.ttl.s") == 7);
  CHECK(row.get<std::string>("dns.records").size() == 4'096 + 3);
  CHECK_THAT(row.get<std::string>("dns.records"), Catch::EndsWith("..."));
}

TEST_CASE("silence and garbage are told apart", "[dns][network]") {
  const NameServer silent = server_of([](const Packet&, bool) { return std::vector<Packet>(); });
  const NameServer garbage = server_of([](const Packet& query, bool) {
    Packet other_id = answer(query);
    other_id[0] ^= 0xffU;
    return std::vector<Packet>{{}, {1, 2, 3}, Packet(512, 0xff), query, other_id};
  });
  ServiceRig rig(probe());
  const Result nothing = rig.result("dns-query-ip4", question(silent.port()));
  CHECK(outcome(nothing) == "timed-out");
  CHECK(nothing.rows()[0].get<std::uint64_t>("packets.stray") == 0);
  CHECK_FALSE(nothing.rows()[0].has_value("delay.twoway.dns.us"));
  const Result odd = rig.result("dns-query-ip4", question(garbage.port()));
  CHECK(outcome(odd) == "timed-out");
  CHECK(odd.rows()[0].get<std::uint64_t>("packets.stray") == 5);
}

TEST_CASE("an answer behind garbage counts", "[dns][network]") {
  const NameServer server = server_of([](const Packet& query, bool) {
    return std::vector<Packet>{Packet(12, 0), answer(query)};
  });
  ServiceRig rig(probe());
  const Result result = rig.result("dns-query-ip4", question(server.port()));
  CHECK(outcome(result) == "answered");
  CHECK(result.rows()[0].get<std::uint64_t>("packets.stray") == 1);
}

TEST_CASE("a host that serves no names refuses, and says so itself", "[dns][network]") {
  const std::string family = GENERATE("ip4", "ip6");
  const std::string transport = GENERATE("udp", "tcp");
  const TwoHosts hosts({});
  ServiceRig rig(hosts.a(), probe());
  Texts asked = question("9", family == "ip4" ? TwoHosts::kB4 : TwoHosts::kB6);
  asked["dns.transport"] = transport;
  const Result result = rig.result("dns-query-" + family, asked);
  CHECK(outcome(result) == "refused");
  if (transport == "tcp") return;  // a reset is no ICMP error
  CHECK(result.rows()[0].get<std::uint64_t>("icmp.type") == (family == "ip4" ? 3 : 1));
  CHECK(result.rows()[0].get<std::uint64_t>("icmp.code") == (family == "ip4" ? 3 : 4));
  CHECK(to_string(result.rows()[0].get<Address>("intermediate." + family)) ==
        (family == "ip4" ? TwoHosts::kB4 : TwoHosts::kB6));
}

TEST_CASE("a firewall's word is told apart from the lack of a route", "[dns][network]") {
  const TwoHosts hosts({});
  hosts.b().set("ipv4/ip_forward", "1");
  hosts.a().run("ip route add 198.51.100.0/24 via 10.77.0.2");
  hosts.b().run("ip route add prohibit 198.51.100.0/24");
  ServiceRig rig(hosts.a(), probe());
  const Result told = rig.result("dns-query-ip4", question("53", "198.51.100.7"));
  CHECK(outcome(told) == "prohibited");
  CHECK(to_string(told.rows()[0].get<Address>("intermediate.ip4")) == TwoHosts::kB4);
  const Result lost = rig.result("dns-query-ip4", question("53", "203.0.113.7"));
  CHECK(outcome(lost) == "unreachable");
  CHECK_FALSE(lost.rows()[0].has_value("icmp.type"));
}

TEST_CASE("a query that this host may not send says so", "[dns][network]") {
  ServiceRig rig(probe());
  const Result result = rig.result("dns-query-ip4", question("53", "255.255.255.255"));
  CHECK(outcome(result) == "unsent");
  REQUIRE(result.find_metadata("sending.problem") != nullptr);
  CHECK(result.find_metadata("sending.problem")->get<std::string>() == "Permission denied");
}

TEST_CASE("a TCP server that hangs up without an answer is broken", "[dns][network]") {
  const NameServer server = server_of([](const Packet&, bool) { return std::vector<Packet>(); });
  ServiceRig rig(probe());
  Texts asked = question(server.port());
  asked["dns.transport"] = "tcp";
  CHECK(outcome(rig.result("dns-query-ip4", asked)) == "broken");
}

TEST_CASE("a query that is stopped says that it was interrupted", "[dns][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  ServiceRig rig(hosts.a(), probe({{"wait", "1h"}}));
  std::stop_source stop;
  auto later = rig.start("dns-query-ip4", "now", question("53", TwoHosts::kB4), stop.get_token());
  while (hosts.log().empty()) std::this_thread::yield();
  stop.request_stop();
  CHECK(outcome(std::get<Result>(later.get())) == "interrupted");
}

TEST_CASE("a thousand queries at once have an answer each", "[dns][network]") {
  const NameServer server = server_of(answering());
  ServiceRig rig(probe({{"wait", "20s"}}));
  std::vector<std::future<Outcome>> outcomes;
  for (int n = 0; n < 1'000; ++n) {
    outcomes.push_back(rig.start("dns-query-ip4", "now", question(server.port())));
    if (n % 100 == 99) outcomes[static_cast<std::size_t>(n)].wait();  // its buffer is not endless
  }
  int answered = 0;
  for (auto& one : outcomes) answered += outcome(std::get<Result>(one.get())) == "answered";
  CHECK(answered == 1'000);
}

TEST_CASE("the host's own servers are those of its file", "[dns][network]") {
  const ScratchFolder folder;
  const std::string file =
      folder.write("resolv.conf", "search example\nnameserver nonsense\nnameserver 127.0.0.9\n");
  ServiceRig rig(NetworkNamespace(), probe({{"wait", "200ms"}, {"resolv-conf", file}}));
  Texts asked = question("53");
  asked.erase("destination.ip4");
  asked.erase("destination.port");
  const Result result = rig.result("dns-system-ip4", asked);
  CHECK(to_string(result.rows()[0].get<Address>("destination.ip4")) == "127.0.0.9");
  CHECK(outcome(result) == "refused");  // nobody serves there
  CHECK_THAT(rig.exception("dns-system-ip6", asked), Catch::Contains("lists no server of IPv6"));
}

TEST_CASE("what cannot be asked is refused at once", "[dns]") {
  ServiceRig rig(probe());
  const auto with = [](const std::string& name, const std::string& value) {
    Texts asked = question("53");
    asked[name] = value;
    return asked;
  };
  for (const std::string& name :
       {std::string("a..b"), std::string("a b"), std::string("www.example.org\0.evil", 21)}) {
    CAPTURE(name);
    CHECK_THAT(rig.exception("dns-query-ip4", with("dns.name", name)), Catch::Contains("no name"));
  }
  for (const std::string type :
       {"BANANA", "AXFR", "IXFR", "OPT", "TSIG", "TYPE0", "A A", "TYPE65788", "TYPE65536", "TYPE-1",
        "type252", "TYPE4294967297", "TYPE65x", "TYPE"}) {
    CAPTURE(type);
    CHECK_THAT(rig.exception("dns-query-ip4", with("dns.type", type)),
               Catch::Contains("no type of DNS records"));
  }
  Texts signatures = with("dns.dnssec", "true");
  signatures["dns.edns.octets"] = "0";
  CHECK_THAT(rig.exception("dns-query-ip4", signatures), Catch::Contains("EDNS"));
}

TEST_CASE("servers that must not be asked are not", "[dns][network]") {
  const NameServer server = server_of(answering());
  const TargetPolicy policy;
  ServiceRig rig(probe({}, [policy](const Address& target) { policy.check(target); }));
  CHECK_THAT(rig.exception("dns-query-ip4", question(server.port())), Catch::Contains("127.0.0.1"));
  CHECK(server.queries().empty());
}

TEST_CASE("replies are read whatever their bytes", "[dns]") {
  const DnsQuestion asked{.name = "www.example.org"};
  const Packet good = answer(encode_query(asked, 7));
  REQUIRE(decode_answer(asked, 7, good));
  for (std::size_t length = 0; length < good.size(); ++length) {
    CHECK_FALSE(decode_answer(asked, 7, Bytes(good).first(length)));
  }
  for (std::size_t place = 0; place < good.size(); ++place) {  // none of them crashes
    Packet bent = good;
    bent[place] ^= 0xffU;
    CHECK_NOTHROW(decode_answer(asked, 7, bent));
  }
  CHECK_FALSE(decode_answer({.name = "other.example.org"}, 7, good));
  CHECK_FALSE(decode_answer({.name = "www.example.org", .type = "AAAA"}, 7, good));
  CHECK_FALSE(decode_answer(asked, 8, good));
  CHECK(decode_answer({.name = "WWW.Example.org."}, 7, good));  // RFC 4343
}

TEST_CASE("settings and registry of dns have to be right", "[dns]") {
  Engine engine;
  const ProbeContext context{.engine = engine};
  CHECK_THROWS_WITH(make_dns(probes_elements(), {{"resolver", "1.1.1.1"}}, context),
                    Catch::Contains("resolver: dns has no such setting"));
  CHECK_THROWS_WITH(make_dns(probes_elements(), {{"wait", "1ms"}}, context),
                    Catch::Contains("is not from 100ms to 1h"));
  CHECK_THROWS_WITH(make_dns(Registry::core(), {}, context),
                    Catch::Contains("dns needs the registry"));
}
