// Sender and reflector over a link that does to their packets what it is told.
#include "probes/stamp/stamp_rig.hpp"
#include "support/scratch.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <set>
#include <stop_token>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <variant>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

double real(const Row& row, std::string_view column) { return row.get<double>(column); }

bool was_dropped(const LinkRecord& record, Direction direction) {
  return record.fate.dropped && record.direction == direction;
}

/// What a host's interfaces see, from when it is made on.
class Watching {
 public:
  explicit Watching(const NetworkNamespace& host) {
    std::async(std::launch::async, [&] {
      host.enter();
      socket_ = FileDescriptor(
          ::socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL)));
    }).get();
  }

  /// The traffic classes of UDP packets whose ports, source first, are such.
  std::set<unsigned> classes(const std::function<bool(unsigned, unsigned)>& such) {
    std::set<unsigned> found;
    std::array<unsigned char, 128> packet{};
    while (::recv(socket_.number(), packet.data(), packet.size(), 0) > 0) {
      const bool ip4 = packet[0] >> 4U == 4;
      const std::size_t ports = ip4 ? 20 : 40;
      if (packet[ip4 ? 9 : 6] != IPPROTO_UDP) continue;
      const auto number = [&](std::size_t place) {
        return packet.at(place) * 256U + packet.at(place + 1);
      };
      if (!such(number(ports), number(ports + 2))) continue;
      found.insert(ip4 ? packet[1] : (number(0) >> 4U) & 0xffU);
    }
    return found;
  }

 private:
  FileDescriptor socket_;
};

}  // namespace

TEST_CASE("packets are of the class that was asked for, there and back", "[stamp][network]") {
  const std::string family = GENERATE("ip4", "ip6");
  const TwoHosts hosts({});
  Reflecting reflecting(hosts.b(), family);
  ServiceRig rig(hosts.a(), stamp());
  const std::string host = family == "ip4" ? TwoHosts::kB4 : TwoHosts::kB6;
  Watching there(hosts.a());
  Watching back(hosts.a());
  for (const unsigned dscp : {46U, 0U, 8U}) {
    Texts train = train_to(host, 2);
    train["dscp.ip"] = std::to_string(dscp);
    const Result result = rig.result("stamp-train-" + family, train);
    CHECK(number(result.rows()[0], "delay.twoway.stamp.count") == 2);
    const std::set<unsigned> expected{dscp << 2U};
    CHECK(there.classes([](unsigned, unsigned to) { return to == 862; }) == expected);
    CHECK(back.classes([](unsigned from, unsigned) { return from == 862; }) == expected);
  }
}

TEST_CASE("the delay of each direction is the link's", "[stamp][network]") {
  const std::string family = GENERATE("ip4", "ip6");
  const TwoHosts hosts({.a_to_b = {.delay = 20ms}, .b_to_a = {.delay = 5ms}});
  Reflecting reflecting(hosts.b(), family);
  ServiceRig rig(hosts.a(), stamp());
  const std::string host = family == "ip4" ? TwoHosts::kB4 : TwoHosts::kB6;
  const Result result = rig.result("stamp-train-" + family, train_to(host, 20));
  const Row row = result.rows()[0];
  CHECK(number(row, "packets.sent") == 20);
  CHECK(number(row, "packets.lost") == 0);
  CHECK(number(row, "packets.stray") == 0);
  CHECK(number(row, "delay.twoway.stamp.count") == 20);
  CHECK(real(row, "delay.forward.stamp.us.min") >= 20'000);
  CHECK(real(row, "delay.forward.stamp.us.50pct") < 25'000);
  CHECK(real(row, "delay.backward.stamp.us.min") >= 5'000);
  CHECK(real(row, "delay.backward.stamp.us.50pct") < 10'000);
  CHECK(number(row, "delay.twoway.stamp.us.min") >= 25'000);
  CHECK(number(row, "delay.twoway.stamp.us.50pct") < 35'000);
  CHECK(real(row, "ipdv.forward.stamp.us.mean") <= real(row, "ipdv.forward.stamp.us.max"));
  CHECK(to_string(row.get<Address>("source." + family)) ==
        (family == "ip4" ? TwoHosts::kA4 : TwoHosts::kA6));
  CHECK(metadata(result, "timestamps.source") == "kernel");
  CHECK(metadata(result, "packets.wait.us") == "10000000");
}

TEST_CASE("losses have the direction that they had", "[stamp][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 0.2}, .b_to_a = {.loss = 0.3}, .seed = 11});
  Reflecting reflecting(hosts.b());
  ServiceRig rig(hosts.a(), stamp({{"wait", kShort}}));
  Texts train = train_to(TwoHosts::kB4, 100);
  const Result result = rig.result("stamp-train-ip4", train);
  const Row row = result.rows()[0];
  const auto there = hosts.count([](auto& r) { return was_dropped(r, Direction::AToB); });
  const auto back = hosts.count([](auto& r) { return was_dropped(r, Direction::BToA); });
  REQUIRE(there > 5);
  REQUIRE(back > 5);
  CHECK(number(row, "packets.lost") == there + back);
  const auto untold =
      there + back - number(row, "packets.lost.forward") - number(row, "packets.lost.backward");
  CHECK(number(row, "packets.lost.forward") <= there);
  CHECK(number(row, "packets.lost.backward") <= back);
  CHECK(untold <= 4);  // behind the last that was answered
  train["stamp.reflector"] = "stateless";
  const Result other = rig.result("stamp-train-ip4", train);
  CHECK_FALSE(other.rows()[0].has_value("packets.lost.forward"));
  CHECK_FALSE(other.rows()[0].has_value("packets.lost.backward"));
}

TEST_CASE("each packet has a row with all that is known of it", "[stamp][network]") {
  const TwoHosts hosts({.a_to_b = {.delay = 2ms}, .b_to_a = {.loss = 0.3}, .seed = 3});
  Reflecting reflecting(hosts.b());
  ServiceRig rig(hosts.a(), stamp({{"wait", kShort}}));
  const Result result = rig.result("stamp-packets-ip4", train_to(TwoHosts::kB4, 20));
  REQUIRE(result.row_count() == 20);
  std::uint64_t expected = 0;
  std::size_t lost = 0;
  for (const Row row : result.rows()) {
    CHECK(number(row, "packet.number") == expected++);
    const bool replied = row.get<std::string>("packet.fate") == "replied";
    CHECK(row.has_value("delay.forward.stamp.us") == replied);
    CHECK(row.has_value("delay.twoway.stamp.us") == replied);
    lost += replied ? 0 : 1;
    if (!replied) continue;
    CHECK(number(row, "packet.number.reflector") == number(row, "packet.number"));
    CHECK(number(row, "hoplimit.forward.ip") == 255);
    CHECK(number(row, "hoplimit.reply.ip") == 64);
    CHECK(real(row, "delay.reflector.stamp.us") >= 0);
    const double sum = real(row, "delay.forward.stamp.us") + real(row, "delay.backward.stamp.us");
    CHECK(std::abs(sum - static_cast<double>(number(row, "delay.twoway.stamp.us"))) < 2);
  }
  CHECK(lost == hosts.count([](auto& r) { return r.fate.dropped; }));
}

TEST_CASE("what the link doubles and holds back is counted", "[stamp][network]") {
  const TwoHosts hosts(
      {.b_to_a = {.duplicate = 0.3, .reorder = 0.2, .reorder_by = 25ms}, .seed = 5});
  Reflecting reflecting(hosts.b());
  ServiceRig rig(hosts.a(), stamp());
  const Result result = rig.result("stamp-train-ip4", train_to(TwoHosts::kB4, 100));
  const Row row = result.rows()[0];
  const auto doubled = hosts.count([](auto& r) { return r.fate.duplicated; });
  CHECK(number(row, "packets.lost") == 0);
  CHECK(number(row, "packets.lost.backward") == 0);
  CHECK(number(row, "packets.duplicate") + 1 >= doubled);  // the last may come after the end
  CHECK(number(row, "packets.duplicate") <= doubled);
  CHECK(number(row, "packets.outoforder") >= 5);
}

TEST_CASE("the reflector tells whom it replied to, and what it missed", "[stamp][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 0.2, .duplicate = 0.2}, .seed = 4});
  Reflecting reflecting(hosts.b());
  ServiceRig rig(hosts.a(), stamp({{"wait", kShort}}));
  rig.result("stamp-train-ip4", train_to(TwoHosts::kB4, 60));
  const Result seen = reflecting.stop();
  REQUIRE(seen.row_count() == 1);
  const Row row = seen.rows()[0];
  const auto dropped = hosts.count([](auto& r) { return was_dropped(r, Direction::AToB); });
  const auto doubled = hosts.count([](auto& r) { return r.fate.duplicated; });
  CHECK(to_string(row.get<Address>("source.ip4")) == TwoHosts::kA4);
  CHECK(to_string(row.get<Address>("destination.ip4")) == TwoHosts::kB4);
  CHECK(number(row, "source.port") >= 1'024);
  CHECK(number(row, "stamp.session") != 0);
  CHECK(number(row, "packets.received") == 60 - dropped + doubled);
  CHECK(number(row, "packets.reflected") == number(row, "packets.received"));
  CHECK(number(row, "packets.duplicate") == doubled);
  CHECK(number(row, "packets.lost") <= dropped);
  CHECK(number(row, "packets.lost") + 4 >= dropped);  // but the last ones
  CHECK(metadata(seen, "packets.stray") == "0");
  CHECK(metadata(seen, "timestamps.source") == "kernel-receive");
}

TEST_CASE("runs of the reflector that overlap see the same senders", "[stamp][network]") {
  const TwoHosts hosts({});
  Reflecting reflecting(hosts.b());
  ServiceRig rig(hosts.a(), stamp());
  std::stop_source stop;
  auto second =
      reflecting.rig().start("stamp-reflector-ip4", "now ... future", {}, stop.get_token());
  on_loop(reflecting.rig().engine(), [] {});
  const Result train = rig.result("stamp-train-ip4", train_to(TwoHosts::kB4, 5));
  CHECK(number(train.rows()[0], "delay.twoway.stamp.count") == 5);
  CHECK(reflecting.stop().row_count() == 1);
  rig.result("stamp-train-ip4", train_to(TwoHosts::kB4, 5));  // the port stays open for the other
  stop.request_stop();
  Outcome outcome = second.get();
  const auto& seen = std::get<Result>(outcome);
  REQUIRE(seen.row_count() == 2);
  for (const Row row : seen.rows()) CHECK(number(row, "packets.reflected") == 5);
}

TEST_CASE("a reflector that vanishes in mid-run leaves losses, and its host's word",
          "[stamp][network]") {
  const TwoHosts hosts({});
  Reflecting reflecting(hosts.b());
  ServiceRig rig(hosts.a(), stamp({{"wait", kShort}}));
  auto train = rig.start("stamp-packets-ip4", "now", train_to(TwoHosts::kB4, 40));
  const auto replies = [&] {
    return hosts.count([](auto& r) { return r.direction == Direction::BToA; });
  };
  while (replies() < 5) std::this_thread::yield();
  reflecting.stop();
  Outcome outcome = train.get();
  const auto& result = std::get<Result>(outcome);
  REQUIRE(result.row_count() == 40);
  std::size_t replied = 0;
  std::size_t unreachable = 0;
  for (const Row row : result.rows()) {
    const auto fate = row.get<std::string>("packet.fate");
    if (fate == "replied") ++replied;
    if (fate == "unreachable") ++unreachable;
  }
  CHECK(replied >= 5);
  CHECK(unreachable >= 1);  // the kernel says so only some times a second
  CHECK(metadata(result, "icmp.type") == "3");
  CHECK(metadata(result, "icmp.code") == "3");
  CHECK(metadata(result, "intermediate.ip4") == TwoHosts::kB4);
}

TEST_CASE("authenticated packets are reflected, and no others", "[stamp][network]") {
  const ScratchFolder folder;
  const auto key = [&](const std::string& name, char digit) -> Texts {
    const std::string file = folder.write(name, std::string(64, digit));
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    return {{"wait", "300ms"}, {"key-file", file}};
  };
  const TwoHosts hosts({});
  Reflecting reflecting(hosts.b(), "ip4", key("right", 'a'));
  Texts train = train_to(TwoHosts::kB4, 5);
  train["stamp.mode"] = "authenticated";
  {
    ServiceRig rig(hosts.a(), stamp(key("same", 'a')));
    const Result result = rig.result("stamp-train-ip4", train);
    CHECK(number(result.rows()[0], "delay.twoway.stamp.count") == 5);
    const Result plain = rig.result("stamp-train-ip4", train_to(TwoHosts::kB4, 5));
    CHECK(number(plain.rows()[0], "packets.lost") == 5);
  }
  {
    ServiceRig rig(hosts.a(), stamp(key("wrong", 'b')));
    const Result result = rig.result("stamp-train-ip4", train);
    CHECK(number(result.rows()[0], "packets.lost") == 5);
  }
  const Result seen = reflecting.stop();
  REQUIRE(seen.row_count() == 1);
  CHECK(number(seen.rows()[0], "packets.reflected") == 5);
  CHECK(metadata(seen, "packets.stray") == "10");
}
