// Peers that do not behave, and requests that cannot be served.
#include "probes/stamp/asking.hpp"
#include "support/comes_true.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
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
  REQUIRE(comes_true([&] { return !server.queries().empty(); }));
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

TEST_CASE("an authenticated train cannot be asked for without a key", "[stamp]") {
  ServiceRig rig(stamp());
  Texts train = train_to("127.0.0.1", 1);
  train["stamp.mode"] = "authenticated";
  CHECK_THAT(rig.exception("stamp-train-ip4", train),
             Catch::Matchers::Contains("not within \"unauthenticated\""));
}
