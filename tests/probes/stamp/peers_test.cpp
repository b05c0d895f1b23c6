// Peers that do not behave, and requests that cannot be served.
#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/stamp/packet.hpp"
#include "probes/name_server.hpp"
#include "probes/stamp/stamp_rig.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <netinet/in.h>
#include <stop_token>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// A reflector of our own making: what it replies to each request is a function's.
NameServer reflector_of(std::function<std::vector<Packet>(const StampRequest&)> reply) {
  return {NetworkNamespace::current(), "127.0.0.1", [reply](const Packet& packet, bool) {
            const auto request = StampWire().decode_request(packet);
            return request ? reply(*request) : std::vector<Packet>{};
          }};
}

Packet packet_of(const StampReply& reply) {
  Packet packet(44);
  StampWire().encode(reply, packet);
  return packet;
}

/// As a reflector without fault and without memory would reply.
StampReply honest(const StampRequest& request) {
  const StampTime now = StampTime::ntp(std::chrono::system_clock::now());
  return {.sequence = request.sequence,
          .sent = now,
          .error = {.synchronized = true, .scale = 20, .multiplier = 1},
          .session = request.session,
          .received = now,
          .request = request,
          .sender_hop_limit = 64};
}

Result train_with(const std::function<std::vector<Packet>(const StampRequest&)>& reply,
                  const std::string& label = "stamp-packets-ip4") {
  const NameServer server = reflector_of(reply);
  ServiceRig rig(stamp({{"wait", "300ms"}}));
  return rig.result(label, train_to("127.0.0.1", 3, 10'000, server.port()));
}

std::vector<std::string> fates(const Result& result) {
  std::vector<std::string> fates;
  for (const Row row : result.rows()) fates.push_back(row.get<std::string>("packet.fate"));
  return fates;
}

using Fates = std::vector<std::string>;

/// A sender of our own making.
class Asking {
 public:
  explicit Asking(const NetworkNamespace& network, const std::string& host = "127.0.0.1",
                  std::uint16_t port = 0) {
    std::async(std::launch::async, [&] {
      network.enter();
      socket_ = FileDescriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    }).get();
    const auto local = SocketAddress::of(Address::parse(host), port);
    REQUIRE(::bind(socket_.number(), local.data(), local.length) == 0);
    const timeval patience{.tv_sec = 0, .tv_usec = 300'000};
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  /// What comes back; empty if nothing does.
  Packet ask(const Packet& packet, std::uint16_t port, const std::string& host = "127.0.0.1") {
    const auto to = SocketAddress::of(Address::parse(host), port);
    ::sendto(socket_.number(), packet.data(), packet.size(), 0, to.data(), to.length);
    Packet answer(2'000);
    const auto size = ::recv(socket_.number(), answer.data(), answer.size(), 0);
    answer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return answer;
  }

 private:
  FileDescriptor socket_;
};

constexpr std::uint16_t kPort = 48'620;

Texts listening(const Texts& more = {}) {
  Texts settings{{"port", std::to_string(kPort)}};
  settings.insert(more.begin(), more.end());
  return settings;
}

Packet request_packet(std::uint32_t sequence = 0, std::uint16_t session = 9) {
  Packet packet(44);
  StampWire().encode(StampRequest{.sequence = sequence, .session = session}, packet);
  return packet;
}

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

TEST_CASE("silence is loss", "[stamp][network]") {
  const Result result = train_with([](auto&) { return std::vector<Packet>{}; });
  CHECK(fates(result) == Fates{"lost", "lost", "lost"});
}

TEST_CASE("what is no reply to what was sent does not count", "[stamp][network]") {
  const auto reply = [](const StampRequest& request) {
    StampReply other_time = honest(request);
    other_time.request.sent.fraction ^= 1U;
    StampReply other_number = honest(request);
    other_number.request.sequence += 1;
    StampReply never_sent = honest(request);
    never_sent.request.sequence = 4'000'000'000;
    StampReply other_session = honest(request);
    other_session.session ^= 0x101U;
    StampReply corrupt = honest(request);
    corrupt.error.multiplier = 0;
    Packet cut = packet_of(honest(request));
    cut.pop_back();
    return std::vector<Packet>{packet_of(other_time), packet_of(other_number),
                               packet_of(never_sent), packet_of(other_session),
                               packet_of(corrupt),    cut,
                               {'g', 'a', 'r', 'b'},  {}};
  };
  const Result result = train_with(reply, "stamp-train-ip4");
  CHECK(number(result.rows()[0], "packets.lost") == 3);
  CHECK(number(result.rows()[0], "packets.stray") == 24);
}

TEST_CASE("a reflector that knows no sessions is believed, and one that stamps by PTP",
          "[stamp][network]") {
  const Result plain = train_with([](const StampRequest& request) {
    StampReply reply = honest(request);
    reply.session = 0;
    return std::vector<Packet>{packet_of(reply)};
  });
  CHECK(fates(plain) == Fates{"replied", "replied", "replied"});
  const Result ptp = train_with([](const StampRequest& request) {
    StampReply reply = honest(request);
    reply.error.ptp = true;
    reply.received = {.seconds = 1'700'000'000, .fraction = 5'000};
    reply.sent = {.seconds = 1'700'000'000, .fraction = 6'000};
    return std::vector<Packet>{packet_of(reply)};
  });
  CHECK(fates(ptp) == Fates{"replied", "replied", "replied"});
  CHECK(ptp.rows()[0].get<double>("delay.reflector.stamp.us") == 1.0);
  CHECK(ptp.rows()[0].has_value("delay.twoway.stamp.us"));
  CHECK_FALSE(ptp.rows()[0].has_value("delay.forward.stamp.us"));  // of another time scale
}

TEST_CASE("a reflector whose stamps contradict themselves yields no delay", "[stamp][network]") {
  const auto shifted = [](std::int64_t sent_later) {
    return train_with([sent_later](const StampRequest& request) {
      StampReply reply = honest(request);
      reply.sent.seconds = static_cast<std::uint32_t>(reply.sent.seconds + sent_later);
      return std::vector<Packet>{packet_of(reply)};
    });
  };
  for (const std::int64_t later : {-1, 1}) {
    const Result result = shifted(later);
    CHECK(fates(result) == Fates{"implausible", "implausible", "implausible"});
    CHECK_FALSE(result.rows()[0].has_value("delay.twoway.stamp.us"));
    CHECK_FALSE(result.rows()[0].has_value("delay.forward.stamp.us"));
  }
}

TEST_CASE("a reflector whose clock is an hour behind shows it", "[stamp][network]") {
  const Result result = train_with([](const StampRequest& request) {
    StampReply reply = honest(request);
    reply.received.seconds -= 3'600;
    reply.sent.seconds -= 3'600;
    return std::vector<Packet>{packet_of(reply)};
  });
  const Row row = result.rows()[0];
  CHECK(row.get<double>("delay.forward.stamp.us") < -3'599e6);
  CHECK(row.get<double>("delay.backward.stamp.us") > 3'599e6);
  CHECK(number(row, "delay.twoway.stamp.us") < 300'000);
}

TEST_CASE("a train that is stopped tells what is known by then", "[stamp][network]") {
  const NameServer server = reflector_of(
      [](const StampRequest& request) { return std::vector<Packet>{packet_of(honest(request))}; });
  ServiceRig rig(stamp({{"wait", "1h"}}));
  std::stop_source stop;
  auto train = rig.start("stamp-packets-ip4", "now",
                         train_to("127.0.0.1", 1'000, 1'000'000, server.port()), stop.get_token());
  while (server.queries().empty()) std::this_thread::yield();
  stop.request_stop();
  Outcome outcome = train.get();
  const auto& result = std::get<Result>(outcome);
  CHECK(result.row_count() <= 1);  // the reply may be under way
}

TEST_CASE("where nobody listens, the host says so", "[stamp][network]") {
  ServiceRig rig(stamp({{"wait", "300ms"}}));
  const Result result = rig.result("stamp-train-ip4", train_to("127.0.0.1", 3, 10'000, "1"));
  const Row row = result.rows()[0];
  CHECK(number(row, "packets.failed") == 3);
  CHECK(number(row, "packets.lost") == 3);
  CHECK(number(row, "packets.lost.forward") == 0);
  CHECK(metadata(result, "icmp.code") == "3");
}

TEST_CASE("without a route packets do not leave, and the result says why", "[stamp][network]") {
  const NetworkNamespace alone;
  ServiceRig rig(alone, stamp({{"wait", "300ms"}}));
  const Result result = rig.result("stamp-train-ip4", train_to("192.0.2.1", 2));
  CHECK(number(result.rows()[0], "packets.failed") == 2);
  CHECK(metadata(result, "sending.problem") == "Network is unreachable");
}

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
  while (hosts.log().size() < 3) std::this_thread::yield();  // there, back, and there again
  CHECK(asking.ask(request_packet(), kPort, TwoHosts::kB4).size() == 44);
  CHECK(hosts.log().size() == 5);
  CHECK(metadata(there.stop(), "packets.refused") == "1");
}

TEST_CASE("who was silent for long is counted for anew", "[stamp][network]") {
  const NetworkNamespace network;
  Reflecting reflecting(network, "ip4", listening({{"session-timeout", "1s"}}));
  Asking asking(network);
  const auto answered = [&](std::uint32_t sequence) {
    const auto reply = StampWire().decode_reply(asking.ask(request_packet(sequence), kPort));
    REQUIRE(reply);
    return reply->sequence;
  };
  CHECK(answered(0) == 0);
  CHECK(answered(1) == 1);
  std::this_thread::sleep_for(1'100ms);  // silence is what this is about
  CHECK(answered(0) == 0);
  CHECK(answered(1) == 1);
  const Result seen = reflecting.stop();
  REQUIRE(seen.row_count() == 2);  // another train from the same port
  for (const Row row : seen.rows()) {
    CHECK(number(row, "packets.received") == 2);
    CHECK(number(row, "packets.duplicate") == 0);
  }
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

TEST_CASE("an authenticated train cannot be asked for without a key", "[stamp]") {
  ServiceRig rig(stamp());
  Texts train = train_to("127.0.0.1", 1);
  train["stamp.mode"] = "authenticated";
  CHECK_THAT(rig.exception("stamp-train-ip4", train),
             Catch::Matchers::Contains("not within \"unauthenticated\""));
}
