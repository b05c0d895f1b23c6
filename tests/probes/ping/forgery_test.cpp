#include "mplane/probes/ping/statistics.hpp"
#include "ping_rig.hpp"
#include "support/link/two_hosts.hpp"

#include <chrono>
#include <cstdio>
#include <future>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// Sends an echo reply to 10.77.0.1 from the thread's network.
void send_reply(unsigned identifier, unsigned sequence, const std::vector<std::uint8_t>& payload) {
  std::vector<std::uint8_t> message{0,
                                    0,
                                    0,
                                    0,
                                    static_cast<std::uint8_t>(identifier >> 8U),
                                    static_cast<std::uint8_t>(identifier),
                                    static_cast<std::uint8_t>(sequence >> 8U),
                                    static_cast<std::uint8_t>(sequence)};
  message.insert(message.end(), payload.begin(), payload.end());
  const auto sum = internet_checksum(message);
  message[2] = static_cast<std::uint8_t>(sum >> 8U);
  message[3] = static_cast<std::uint8_t>(sum);
  const FileDescriptor socket(::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(0x0a4d0001);
  ::sendto(socket.number(), message.data(), message.size(), 0,
           reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

/// What the link saw of a request that it dropped.
struct Seen {
  unsigned identifier = 0;
  unsigned sequence = 0;
};

Seen wait_for_request(const TwoHosts& hosts) {
  while (hosts.log().empty()) std::this_thread::yield();
  Seen seen;
  std::sscanf(hosts.log().front().packet.c_str(), "icmp4 type=8 id=%u seq=%u", &seen.identifier,
              &seen.sequence);
  return seen;
}

}  // namespace

TEST_CASE("forged replies are not believed, though they come from the target and fit the request",
          "[ping][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  PingRig rig(hosts.a());
  const PingRequest request{.source = Address::parse(TwoHosts::kA4),
                            .destination = Address::parse(TwoHosts::kB4),
                            .count = 1,
                            .interval = 1s,
                            .wait = 500ms};
  auto outcome = rig.start(request);
  const Seen seen = wait_for_request(hosts);
  REQUIRE(seen.identifier != 0);
  std::async(std::launch::async, [&] {
    hosts.b().enter();
    for (const std::size_t size : {0U, 8U, 16U, 56U, 1'400U}) {
      send_reply(seen.identifier, seen.sequence, std::vector<std::uint8_t>(size));
    }
  }).get();
  const auto report = outcome.get();
  CHECK(hosts.count([](const LinkRecord& r) { return r.direction == Direction::BToA; }) == 5);
  CHECK(report.samples.size() == 1);
  CHECK(summarize(report.samples).count == 0);
  CHECK(report.late == 0);
  CHECK(report.duplicates == 0);
}
