// What a reflector replies to, and what it tells.
#include "mplane/probe/target_policy.hpp"
#include "probes/stamp/asking.hpp"
#include "reflector_run.hpp"
#include "support/comes_true.hpp"
#include "support/link/veth_hosts.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// A run of a reflector in some network, whose clock stands still until the test moves it.
class Timed {
 public:
  Timed(const NetworkNamespace& network, const Texts& settings) : rig_(network, stamp(settings)) {
    on_loop(rig_.engine(), [&] {
      const StampSettings read = parse_stamp_settings(settings);
      const auto reflectors = std::make_shared<detail::Reflectors>(
          rig_.engine(), read, TargetCheck(), [this] { return now_; });
      run_ = std::make_unique<detail::ReflectorRun>(rig_.engine(), reflectors, IpFamily::Ip4,
                                                    std::nullopt, read.max_sessions);
      run_->begin([] {});
    });
  }
  ~Timed() {
    on_loop(rig_.engine(), [this] { run_.reset(); });
  }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

  void pass(Duration time) {
    on_loop(rig_.engine(), [&] { now_ += time; });
  }
  Result result() {
    const auto& capability = rig_.service("stamp-reflector-ip4").capability;
    return on_loop(rig_.engine(),
                   [&] { return run_->take_result(capability.specify("now ... future").build()); });
  }

 private:
  ServiceRig rig_;
  SteadyTime now_ = std::chrono::steady_clock::now();
  std::unique_ptr<detail::ReflectorRun> run_;
};

/// Sends a packet from a port of host a that somebody else has, to host b.
void send_as(const NetworkNamespace& host, std::uint16_t port, const Packet& packet,
             std::uint16_t to) {
  Packet datagram{0x45, 0, 0, 0, 0, 0, 0, 0, 64, IPPROTO_UDP, 0, 0, 10, 77, 0, 1, 10, 77, 0, 2};
  for (const std::size_t number :
       {std::size_t{port}, std::size_t{to}, 8 + packet.size(), std::size_t{0}}) {
    datagram.push_back(static_cast<std::uint8_t>(number >> 8U));
    datagram.push_back(static_cast<std::uint8_t>(number & 0xffU));
  }
  datagram.insert(datagram.end(), packet.begin(), packet.end());
  std::async(std::launch::async, [&] {
    host.enter();
    const FileDescriptor socket(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    const auto target = SocketAddress::of(Address::parse(TwoHosts::kB4), 0);
    ::sendto(socket.number(), datagram.data(), datagram.size(), 0, target.data(), target.length);
  }).get();
}

}  // namespace

TEST_CASE("a target that must not be measured is neither asked nor replied to",
          "[stamp][network]") {
  const auto check = [](const Address& target) {
    if (target == Address(Ip4::parse("127.0.0.9"))) {
      throw Error(ErrorKind::Refused, "", to_string(target) + " is denied");
    }
  };
  const NetworkNamespace network;
  Reflecting reflecting(network, "ip4", listening(), check);
  CHECK(reflecting.rig().exception("stamp-train-ip4", train_to("127.0.0.9", 1)) ==
        "127.0.0.9 is denied");
  CHECK(Asking(network, "127.0.0.8").ask(request_packet(), kPort).size() == 44);
  CHECK(Asking(network, "127.0.0.9").ask(request_packet(), kPort).empty());
  const Result seen = reflecting.stop();
  CHECK(seen.row_count() == 1);
  CHECK(metadata(seen, "packets.refused") == "1");
}

TEST_CASE("what is no request is not replied to", "[stamp][network]") {
  const NetworkNamespace network;
  Reflecting reflecting(network, "ip4", listening());
  Asking asking(network);
  Packet corrupt = request_packet();
  corrupt[13] = 0;
  for (const Packet& packet : {Packet{}, Packet{1, 2, 3}, Packet(13, 0xff), corrupt}) {
    CHECK(asking.ask(packet, kPort).empty());
  }
  CHECK(metadata(reflecting.stop(), "packets.stray") == "4");
}

TEST_CASE("replies are as long as requests, and hold them", "[stamp][network]") {
  const NetworkNamespace network;
  Reflecting reflecting(network, "ip4", listening());
  Asking asking(network);
  Packet longer = request_packet(7, 0x1234);
  longer.resize(100, 0x5a);
  const Packet answer = asking.ask(longer, kPort);
  REQUIRE(answer.size() == 100);
  CHECK(std::all_of(answer.begin() + 44, answer.end(), [](auto octet) { return octet == 0x5a; }));
  const auto reply = StampWire().decode_reply(answer);
  REQUIRE(reply);
  CHECK(reply->sequence == 0);
  CHECK(reply->session == 0x1234);
  CHECK(reply->request.sequence == 7);
  CHECK(reply->sender_hop_limit == 64);
  const auto near = std::chrono::system_clock::now();
  const auto took = wall_time(reply->sent, false, near) - wall_time(reply->received, false, near);
  CHECK(took >= 0ns);
  CHECK(took < 1s);
  CHECK(asking.ask(Packet(longer.begin(), longer.begin() + 14), kPort).size() == 44);
}

TEST_CASE("each session has replies counted for itself", "[stamp][network]") {
  const NetworkNamespace network;
  Reflecting reflecting(network, "ip4", listening());
  Asking asking(network);
  const auto answered = [&](std::uint32_t sequence, std::uint16_t session) {
    const auto reply =
        StampWire().decode_reply(asking.ask(request_packet(sequence, session), kPort));
    REQUIRE(reply);
    return reply->sequence;
  };
  CHECK(answered(0, 1) == 0);
  CHECK(answered(5, 1) == 1);
  CHECK(answered(0, 2) == 0);
  CHECK(answered(9, 1) == 2);
  const Result seen = reflecting.stop();
  REQUIRE(seen.row_count() == 2);
  CHECK(number(seen.rows()[0], "packets.lost") == 7);
}

TEST_CASE("what may be another reflector is not replied to", "[stamp][network]") {
  const TwoHosts hosts({});
  Reflecting reflecting(hosts.b(), "ip4", listening());
  for (const auto& [port, length] : {std::pair{862, 0}, {int{kPort}, 0}, {int{kPort} + 1, 44}}) {
    Asking asking(hosts.a(), TwoHosts::kA4, static_cast<std::uint16_t>(port));
    CHECK(asking.ask(request_packet(), kPort, TwoHosts::kB4).size() ==
          static_cast<std::size_t>(length));
  }
  CHECK(metadata(reflecting.stop(), "packets.refused") == "2");
}

TEST_CASE("what replies to a reply is not replied to", "[stamp][network]") {
  const NetworkNamespace network;
  Reflecting reflecting(network, "ip4", listening());
  Asking other(network);  // in a reflector's place, with a clock of its own
  const Packet reply = other.ask(request_packet(), kPort);
  const auto request = StampWire().decode_request(reply);
  REQUIRE(request);
  StampReply back = honest(*request);
  back.sent.seconds -= 1'000'000;
  back.received.seconds -= 1'000'000;
  CHECK(other.ask(packet_of(back), kPort).empty());
  CHECK(metadata(reflecting.stop(), "packets.refused") == "1");
}

TEST_CASE("two reflectors that somebody sets on each other stop", "[stamp][network]") {
  const TwoHosts hosts({});
  constexpr std::uint16_t kOther = kPort + 7;
  Reflecting here(hosts.a(), "ip4", {{"port", std::to_string(kOther)}});
  Reflecting there(hosts.b(), "ip4", listening());
  Asking asking(hosts.a(), TwoHosts::kA4);
  send_as(hosts.a(), kOther, request_packet(), kPort);
  // There, back, and there again.
  REQUIRE(comes_true([&] { return hosts.log().size() >= 3; }));
  CHECK(asking.ask(request_packet(), kPort, TwoHosts::kB4).size() == 44);
  CHECK(hosts.log().size() == 5);
  CHECK(metadata(there.stop(), "packets.refused") == "1");
}

TEST_CASE("who was silent for long is counted for anew", "[stamp][network]") {
  const NetworkNamespace network;
  Timed reflecting(network, listening({{"session-timeout", "1s"}}));
  Asking asking(network);
  const auto answered = [&](std::uint32_t sequence) {
    const auto reply = StampWire().decode_reply(asking.ask(request_packet(sequence), kPort));
    REQUIRE(reply);
    return reply->sequence;
  };
  CHECK(answered(0) == 0);
  CHECK(answered(1) == 1);
  reflecting.pass(1s);
  CHECK(answered(2) == 2);
  reflecting.pass(1s + 1us);
  CHECK(answered(0) == 0);
  CHECK(answered(1) == 1);
  const Result seen = reflecting.result();
  REQUIRE(seen.row_count() == 2);  // another train from the same port
  CHECK(number(seen.rows()[0], "packets.received") == 3);
  CHECK(number(seen.rows()[1], "packets.received") == 2);
  for (const Row row : seen.rows()) CHECK(number(row, "packets.duplicate") == 0);
}

TEST_CASE("replies that cannot leave are told of sessions without a row, too", "[stamp][network]") {
  const VethHosts hosts;
  Timed reflecting(hosts.b(), listening({{"session-timeout", "1s"}, {"max-sessions", "1"}}));
  Asking asking(hosts.a(), "10.77.0.1");
  CHECK(asking.ask(request_packet(0, 1), kPort, "10.77.0.2").size() == 44);
  reflecting.pass(2s);
  hosts.b().run("ip rule add ipproto udp prohibit");
  CHECK(asking.ask(request_packet(0, 2), kPort, "10.77.0.2").empty());
  const Result seen = reflecting.result();
  CHECK(seen.row_count() == 1);
  CHECK(metadata(seen, "packets.omitted") == "1");
  CHECK(metadata(seen, "sending.problem") == "Permission denied");
}

TEST_CASE("one host has no more than its share of the sessions", "[stamp][network]") {
  const NetworkNamespace network;
  Reflecting reflecting(network, "ip4", listening({{"max-sessions-per-host", "2"}}));
  Asking one(network, "127.0.0.8");
  CHECK(one.ask(request_packet(0, 1), kPort).size() == 44);
  CHECK(one.ask(request_packet(0, 2), kPort).size() == 44);
  CHECK(one.ask(request_packet(0, 3), kPort).empty());
  CHECK(one.ask(request_packet(1, 1), kPort).size() == 44);
  CHECK(Asking(network, "127.0.0.9").ask(request_packet(0, 3), kPort).size() == 44);
  CHECK(metadata(reflecting.stop(), "packets.refused") == "1");
}

TEST_CASE("what is refused takes nothing of the rate", "[stamp][network]") {
  const auto check = [](const Address& target) {
    if (target == Address(Ip4::parse("127.0.0.9"))) {
      throw Error(ErrorKind::Refused, "", to_string(target) + " is denied");
    }
  };
  const NetworkNamespace network;
  Reflecting reflecting(network, "ip4", listening({{"max-rate", "1"}}), check);
  CHECK(Asking(network, "127.0.0.9").ask(request_packet(), kPort).empty());
  CHECK(Asking(network, "127.0.0.8").ask(request_packet(), kPort).size() == 44);
}

TEST_CASE("no more sessions than allowed are counted for", "[stamp][network]") {
  const NetworkNamespace network;
  Reflecting reflecting(network, "ip4", listening({{"max-sessions", "2"}}));
  Asking asking(network);
  CHECK(asking.ask(request_packet(0, 1), kPort).size() == 44);
  CHECK(asking.ask(request_packet(0, 2), kPort).size() == 44);
  CHECK(asking.ask(request_packet(0, 3), kPort).empty());
  CHECK(asking.ask(request_packet(1, 2), kPort).size() == 44);
  CHECK(metadata(reflecting.stop(), "packets.refused") == "1");
}

TEST_CASE("above the greatest rate nothing is replied to", "[stamp][network]") {
  const NetworkNamespace network;
  Reflecting reflecting(network, "ip4", listening({{"max-rate", "1"}}));
  Asking asking(network);
  CHECK(asking.ask(request_packet(0), kPort).size() == 44);
  CHECK(asking.ask(request_packet(1), kPort).empty());
  CHECK(metadata(reflecting.stop(), "packets.refused") == "1");
}

TEST_CASE("a reflector listens for its scope and then no longer", "[stamp][network]") {
  const NetworkNamespace network;
  ServiceRig rig(network, stamp(listening()));
  auto listened = rig.start("stamp-reflector-ip4", "now + 1s", {});
  on_loop(rig.engine(), [] {});
  CHECK(Asking(network).ask(request_packet(), kPort).size() == 44);
  Outcome outcome = listened.get();
  CHECK(std::get<Result>(outcome).row_count() == 1);
  CHECK(Asking(network).ask(request_packet(), kPort).empty());
  CHECK(rig.exception("stamp-reflector-ip4", {}) ==
        "now is no time to listen for, such as now + 1m");
}

TEST_CASE("a reflector is offered where it is wanted and its port can be had", "[stamp][network]") {
  const NetworkNamespace network;
  std::vector<LogRecord> logged;
  const auto reflectors = [&](const Texts& settings) {
    const ServiceRig rig(network, [&](Engine& engine) {
      const auto log = [&](const LogRecord& record) { logged.push_back(record); };
      return make_stamp(probes_elements(), settings, {.engine = engine, .log = log});
    });
    const auto labels = rig.labels();
    CHECK(std::count(labels.begin(), labels.end(), "stamp-train-ip4") == 1);
    return std::count(labels.begin(), labels.end(), "stamp-reflector-ip4");
  };
  CHECK(reflectors({}) == 1);
  CHECK(reflectors({{"reflect", "false"}}) == 0);
  CHECK(logged.empty());
  Reflecting reflecting(network);
  CHECK(reflectors({}) == 0);
  REQUIRE(logged.size() == 1);  // IPv6 has its own port
  CHECK(logged[0].severity == Severity::Warning);
  CHECK(logged[0].fields.at(0).second == "UDP port 862 cannot be had: Address already in use");
}
