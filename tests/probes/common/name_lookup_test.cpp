#include "mplane/probes/common/name_lookup.hpp"

#include "mplane/probe/engine.hpp"
#include "probe/on_loop.hpp"
#include "probes/dns_reply.hpp"
#include "probes/name_server.hpp"
#include "support/link/network_namespace.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kA = 1;
constexpr std::uint16_t kCname = 5;
constexpr std::uint16_t kAaaa = 28;
const Packet kFirst4{192, 0, 2, 80};
const Packet kSecond4{192, 0, 2, 7};
const Packet kFirst6{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80};

/// The query's own type in the answer: both addresses, or the one.
Packet addresses(const Packet& query) {
  DnsReply reply(query);
  if (DnsReply::type_asked(query) == kAaaa) return reply.answer(kAaaa, kFirst6).packet();
  return reply.answer(kA, kFirst4).answer(kA, kSecond4).packet();
}

/// Look-ups on an engine of their own.
class Rig {
 public:
  Rig() { engine_.start(); }
  ~Rig() {
    drop();
    engine_.stop();
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  std::future<NameAnswer> begin(const std::string& name, IpFamily family,
                                const NameLookupOptions& options) {
    auto promise = std::make_shared<std::promise<NameAnswer>>();
    auto answer = promise->get_future();
    on_loop(engine_, [&] {
      lookup_ = std::make_unique<NameLookup>(engine_, options);
      lookup_->begin(name, family, [promise = std::move(promise)](NameAnswer found) {
        promise->set_value(std::move(found));
      });
    });
    return answer;
  }
  NameAnswer ask(const std::vector<Endpoint>& servers, IpFamily family = IpFamily::Ip4,
                 const std::string& name = "www.example.org") {
    return begin(name, family, {.servers = servers}).get();
  }
  void drop() {
    on_loop(engine_, [&] { lookup_.reset(); });
  }

 private:
  Engine engine_;
  std::unique_ptr<NameLookup> lookup_;
};

NameServer server_of(NameServer::Reply reply) {
  return {NetworkNamespace::current(), "127.0.0.1", std::move(reply)};
}

std::vector<std::string> texts(const NameAnswer& answer) {
  std::vector<std::string> texts;
  for (const Address& address : answer.addresses) texts.push_back(to_string(address));
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a name's addresses are those of the family asked for, in the answer's order",
          "[probing][network]") {
  const std::string host = GENERATE("127.0.0.1", "::1");
  const NameServer server(
      NetworkNamespace::current(), host,
      [](const Packet& query, bool) -> std::vector<Packet> { return {addresses(query)}; });
  Rig rig;
  const NameAnswer ip4 = rig.ask({server.endpoint()}, IpFamily::Ip4);
  CHECK(texts(ip4) == Texts{"192.0.2.80", "192.0.2.7"});
  CHECK(ip4.reason.empty());
  CHECK(ip4.took > 0s);
  CHECK(texts(rig.ask({server.endpoint()}, IpFamily::Ip6)) == Texts{"2001:db8::80"});
  REQUIRE(server.queries().size() == 2);
  CHECK(DnsReply::type_asked(server.queries()[0]) == kA);
  CHECK(DnsReply::type_asked(server.queries()[1]) == kAaaa);
}

TEST_CASE("a name that stands for another one has the other's addresses", "[probing][network]") {
  const NameServer server = server_of([](const Packet& query, bool) -> std::vector<Packet> {
    return {DnsReply(query)
                .answer(kCname, DnsReply::encoded("host.example.net"))
                .answer("host.example.net", kA, kFirst4)
                .packet()};
  });
  CHECK(texts(Rig().ask({server.endpoint()})) == Texts{"192.0.2.80"});
}

TEST_CASE("a name without addresses says why", "[probing][network]") {
  struct Row {
    std::uint8_t rcode;
    std::string words;
  };
  const auto row = GENERATE(values<Row>({{0, "no data"},
                                         {1, "misformatted"},
                                         {2, "DNS servers"},
                                         {3, "not found"},
                                         {5, "DNS servers"}}));
  CAPTURE(row.rcode);
  const NameServer server = server_of([row](const Packet& query, bool) -> std::vector<Packet> {
    return {DnsReply(query).rcode(row.rcode).packet()};
  });
  const NameAnswer answer = Rig().ask({server.endpoint()});
  CHECK(answer.addresses.empty());
  CHECK_THAT(answer.reason, Catch::Contains(row.words, Catch::CaseSensitive::No));
}

TEST_CASE("an answer that was cut is asked for again by TCP", "[probing][network]") {
  const NameServer server = server_of([](const Packet& query, bool by_tcp) -> std::vector<Packet> {
    return {by_tcp ? addresses(query) : DnsReply(query).truncated().packet()};
  });
  const NameAnswer answer = Rig().ask({server.endpoint()});
  CHECK(answer.reason.empty());
  CHECK(texts(answer) == Texts{"192.0.2.80", "192.0.2.7"});
  CHECK(server.queries().size() == 2);
}

TEST_CASE("what answers no question of ours is passed over", "[probing][network]") {
  const NameServer server = server_of([](const Packet& query, bool) -> std::vector<Packet> {
    Packet other_id = DnsReply(query).answer(kA, kSecond4).packet();
    other_id[0] ^= 0xffU;
    return {{1, 2, 3}, other_id, addresses(query)};
  });
  CHECK(texts(Rig().ask({server.endpoint()})) == Texts{"192.0.2.80", "192.0.2.7"});
}

TEST_CASE("a server that nobody runs is passed over for the next one", "[probing][network]") {
  const NameServer server = server_of(
      [](const Packet& query, bool) -> std::vector<Packet> { return {addresses(query)}; });
  const Endpoint nobody{Address::parse("127.0.0.1"), 9};
  CHECK(texts(Rig().ask({nobody, server.endpoint()})) == Texts{"192.0.2.80", "192.0.2.7"});
}

TEST_CASE("silence ends with the time for it", "[probing][network]") {
  const NameServer server = server_of([](const Packet&, bool) { return std::vector<Packet>(); });
  Rig rig;
  const NameAnswer answer = rig.begin("www.example.org", IpFamily::Ip4,
                                      {.servers = {server.endpoint()}, .timeout = 200ms})
                                .get();
  CHECK(answer.reason == "no answer in time");
  CHECK(answer.took >= 200ms);
  CHECK(answer.took < 3s);
}

TEST_CASE("a look-up that is dropped calls nobody", "[probing][network]") {
  std::promise<void> asked;
  const NameServer server = server_of([&asked](const Packet&, bool) {
    asked.set_value();
    return std::vector<Packet>();
  });
  Rig rig;
  auto answer = rig.begin("www.example.org", IpFamily::Ip4, {.servers = {server.endpoint()}});
  asked.get_future().wait();
  rig.drop();
  CHECK_THROWS_AS(answer.get(), std::future_error);  // broken: its promise went with the look-up
}

TEST_CASE("an address instead of a name is taken as it is, and nobody asked", "[probing]") {
  Rig rig;
  CHECK(texts(rig.ask({}, IpFamily::Ip4, "192.0.2.9")) == Texts{"192.0.2.9"});
  CHECK(texts(rig.ask({}, IpFamily::Ip6, "2001:db8::9")) == Texts{"2001:db8::9"});
  CHECK(rig.ask({}, IpFamily::Ip6, "192.0.2.9").reason == "it is no IPv6 host");
  CHECK(rig.ask({}, IpFamily::Ip4, "192.0.2.0/24").reason == "it is no IPv4 host");
}
