#include "support/link/link.hpp"

#include "probe/hex.hpp"
#include "support/link/frame.hpp"
#include "support/link/link_options.hpp"
#include "support/link/two_hosts.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <future>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

std::vector<Fate> fates(const Impairment& impairment, std::uint64_t seed, std::size_t count) {
  FateSource source(impairment, seed);
  std::vector<Fate> all;
  while (all.size() < count) all.push_back(source.next());
  return all;
}

std::size_t dropped(const std::vector<Fate>& all) {
  const auto count = std::count_if(all.begin(), all.end(), [](const Fate& f) { return f.dropped; });
  return static_cast<std::size_t>(count);
}

bool is_echo(const LinkRecord& r) { return r.packet.starts_with("icmp"); }
bool is_request(const LinkRecord& r) { return is_echo(r) && r.direction == Direction::AToB; }
bool is_reply(const LinkRecord& r) { return is_echo(r) && r.direction == Direction::BToA; }

std::string text_of(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("the same seed decides the same", "[link]") {
  const Impairment impairment{.loss = 0.3, .duplicate = 0.2, .reorder = 0.1};
  CHECK(fates(impairment, 7, 1'000) == fates(impairment, 7, 1'000));
  CHECK(fates(impairment, 7, 1'000) != fates(impairment, 8, 1'000));
}

TEST_CASE("what is decided does not change from machine to machine", "[link]") {
  std::string drops;
  for (const Fate& fate : fates({.loss = 0.5}, 1, 20)) drops += fate.dropped ? 'x' : '.';
  CHECK(drops == ".x..xx.xx..x..x..xxx");
}

TEST_CASE("a change of one chance leaves the decisions about the others", "[link]") {
  const auto plain = fates({.loss = 0.3}, 5, 500);
  const auto more = fates({.loss = 0.3, .duplicate = 0.5}, 5, 500);
  CHECK(std::equal(plain.begin(), plain.end(), more.begin(),
                   [](const Fate& a, const Fate& b) { return a.dropped == b.dropped; }));
}

TEST_CASE("chances are met over many packets", "[link]") {
  const double loss = GENERATE(0.0, 0.01, 0.1, 0.5, 1.0);
  const double expected = loss * 100'000;
  const auto count = static_cast<double>(dropped(fates({.loss = loss}, 11, 100'000)));
  CHECK(std::abs(count - expected) <= 5 * std::sqrt(expected * (1 - loss)));  // five sigma
}

TEST_CASE("what is dropped is neither doubled nor held back", "[link]") {
  for (const Fate& fate : fates({.loss = 1, .duplicate = 1, .reorder = 1}, 3, 10)) {
    CHECK(fate == Fate{.dropped = true});
  }
}

TEST_CASE("frames are told in words, and housekeeping is known", "[link]") {
  const std::string ethernet = "0200 0000 0001 0200 0000 0002 ";
  const std::string ip4 = "45000000 00000000 40XX0000 0a4d0001 0a4d0002 ";
  const std::string ip6 =
      "60000000 0008XX40 fd770000000000000000000000000001"
      "fd770000000000000000000000000002 ";
  const auto with = [](std::string header, const std::string& protocol) {
    return header.replace(header.find("XX"), 2, protocol);
  };
  struct Row {
    std::string frame;
    bool housekeeping;
    std::string words;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {ethernet + "0806 0001", true, "other"},
      {ethernet + "0800 " + with(ip4, "01") + "0800 0000 4d50 0007", false,
       "icmp4 type=8 id=19792 seq=7 source=10.77.0.1 destination=10.77.0.2"},
      {ethernet + "0800 " + with(ip4, "11") + "1267 035e 000c 0000 0000002a", false,
       "udp4 ports=4711-862 first=0000002a source=10.77.0.1 destination=10.77.0.2"},
      {ethernet + "86dd " + with(ip6, "3a") + "8000 0000 4d50 0007", false,
       "icmp6 type=128 id=19792 seq=7 source=fd77::1 destination=fd77::2"},
      {ethernet + "86dd " + with(ip6, "06") + "1267 01bb 0000 0000", false,
       "tcp6 ports=4711-443 source=fd77::1 destination=fd77::2"},
      {ethernet + "86dd " + with(ip6, "3a") + "8700 0000 0000 0000", true,
       "icmp6 type=135 id=0 seq=0 source=fd77::1 destination=fd77::2"},
      {ethernet + "86dd " + with(ip6, "00") + "3a00 0502 0000 0000 8f00 0000 0000 0000", true,
       "icmp6 type=143 id=0 seq=0 source=fd77::1 destination=fd77::2"},
      {ethernet + "0800 4500", false, "other"},
      {"0200", false, "other"},
  }));
  CAPTURE(row.frame);
  const auto frame = bytes_of(row.frame);
  CHECK(is_housekeeping(frame) == row.housekeeping);
  CHECK(describe(frame) == row.words);
}

TEST_CASE("the options of the link are read", "[link]") {
  const LinkOptions options = parse_link_options(
      {"--a", "x", "--b", "y", "--delay-ab", "10ms", "--delay-ba", "1.5s", "--loss", "0.1",
       "--loss-ba", "0.2", "--reorder-by", "700us", "--seed", "42", "--log", "file"});
  CHECK(options.interface_a == "x");
  CHECK(options.interface_b == "y");
  CHECK(options.log_file == "file");
  CHECK(options.settings.seed == 42);
  CHECK(options.settings.a_to_b.delay == 10ms);
  CHECK(options.settings.b_to_a.delay == 1500ms);
  CHECK(options.settings.a_to_b.loss == 0.1);
  CHECK(options.settings.b_to_a.loss == 0.2);
  CHECK(options.settings.b_to_a.reorder_by == 700us);
}

TEST_CASE("options that make no sense are refused by name", "[link]") {
  using Arguments = std::vector<std::string>;
  const auto [arguments, words] = GENERATE(table<Arguments, std::string>({
      {{"--a", "x"}, "--a and --b name the two interfaces"},
      {{"--a", "x", "--b"}, "--b lacks its value"},
      {{"a"}, "a is no option"},
      {{"--speed", "9"}, "there is no option --speed"},
      {{"--loss", "2"}, "2 is no chance from 0 to 1"},
      {{"--loss", "much"}, "much is no number"},
      {{"--delay-ab", "10"}, "10 has no unit of ns, us, ms, s"},
      {{"--delay-ab", "-10ms"}, "-10ms is no number"},
  }));
  CHECK_THROWS_WITH(parse_link_options(arguments), words);
}

TEST_CASE("a record is a line of the log", "[link]") {
  LinkRecord record{.direction = Direction::BToA,
                    .number = 7,
                    .fate = {.duplicated = true, .held_back = true},
                    .arrived = LinkRecord::WallTime(1'000'000'001ns),
                    .departed = LinkRecord::WallTime(1'010'000'002ns),
                    .bytes = 98,
                    .packet = "icmp4 type=0"};
  CHECK(log_line(record) == "b-a,7,duplicated+reordered,1000000001,1010000002,98,icmp4 type=0");
  record.fate = {.dropped = true};
  record.departed = {};
  CHECK(log_line(record) == "b-a,7,dropped,1000000001,0,98,icmp4 type=0");
}

TEST_CASE("two hosts know each other from the start", "[link][system]") {
  const TwoHosts hosts({});
  CHECK_THAT(hosts.a().run("ip neigh show nud permanent"),
             Catch::Contains("10.77.0.2 dev eth0") && Catch::Contains("fd77::2 dev eth0"));
  CHECK_THAT(hosts.b().run("ip neigh show nud permanent"),
             Catch::Contains("10.77.0.1 dev eth0") && Catch::Contains("fd77::1 dev eth0"));
}

TEST_CASE("packets take the link's delay each way", "[link][system]") {
  const TwoHosts hosts({.a_to_b = {.delay = 10ms}, .b_to_a = {.delay = 30ms}});
  hosts.a().run("ping -q -c 20 -i 0.02 10.77.0.2");
  hosts.a().run("ping -q -c 20 -i 0.02 fd77::2");
  std::vector<std::chrono::nanoseconds> late;
  for (const LinkRecord& record : hosts.log()) {
    late.push_back(record.departed - record.arrived -
                   (record.direction == Direction::AToB ? 10ms : 30ms));
  }
  REQUIRE(late.size() == 80);  // address resolution is not among them
  std::sort(late.begin(), late.end());
  CHECK(late.front() >= -50us);  // the stamp and the deadline are of two clocks
  CHECK(late[late.size() / 2] <= 300us);
}

TEST_CASE("what the link dropped is what ping misses", "[link][system]") {
  const TwoHosts hosts(
      {.a_to_b = {.delay = 1ms, .loss = 0.1}, .b_to_a = {.delay = 1ms, .loss = 0.1}, .seed = 4});
  const std::string output = hosts.a().run("ping -q -c 200 -i 0.01 -W 1 10.77.0.2");
  const std::size_t lost = hosts.count([](const LinkRecord& r) { return r.fate.dropped; });
  CHECK(hosts.count(is_request) == 200);
  CHECK(lost > 10);
  CHECK_THAT(output, Catch::Contains(std::to_string(200 - lost) + " received"));
}

TEST_CASE("doubled packets arrive twice, and are told by ping", "[link][system]") {
  const TwoHosts hosts({.a_to_b = {.duplicate = 1}});
  const std::string output = hosts.a().run("ping -q -c 3 -i 0.01 10.77.0.2");
  CHECK_THAT(output, Catch::Contains("duplicates"));
  CHECK(hosts.count(is_request) == 3);
  CHECK(hosts.count(is_reply) >= 5);  // ping leaves with its last first reply
}

TEST_CASE("packets held back are overtaken", "[link][system]") {
  const TwoHosts hosts({.a_to_b = {.delay = 1ms, .reorder = 0.2, .reorder_by = 50ms}, .seed = 2});
  hosts.a().run("ping -q -c 30 -i 0.01 -W 1 10.77.0.2");
  std::vector<std::uint64_t> order;
  std::size_t held_back = 0;
  for (const LinkRecord& record : hosts.log()) {
    if (!is_request(record)) continue;
    order.push_back(record.number);
    held_back += record.fate.held_back ? 1 : 0;
  }
  CHECK(order.size() == 30);
  CHECK(held_back > 0);
  CHECK_FALSE(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("TCP with offloaded checksums and segments passes unharmed", "[link][system]") {
  const TwoHosts hosts({.a_to_b = {.delay = 1ms}, .b_to_a = {.delay = 1ms}});
  const std::string server =
      "import socket,hashlib; s=socket.create_server(('10.77.0.2',9)); print('up',flush=True); "
      "c=s.accept()[0]; d=b''.join(iter(lambda:c.recv(65536),b'')); "
      "print(len(d),hashlib.md5(d).hexdigest())";
  const std::string client =
      "import socket,time; d=bytes(i*i%251 for i in range(1000000))\n"
      "for n in range(200):\n"
      "  try: c=socket.create_connection(('10.77.0.2',9)); break\n"
      "  except ConnectionRefusedError: time.sleep(0.02)\n"
      "c.sendall(d); c.close()";
  auto served = std::async(std::launch::async, [&] {
    return hosts.b().run({"python3", "-c", server});
  });
  hosts.a().run({"python3", "-c", client});
  CHECK_THAT(served.get(), Catch::Contains("1000000 "));
}

TEST_CASE("an interface that is not there is named", "[link]") {
  CHECK_THROWS_WITH(Link("nosuch0", "nosuch1", {}, [](const LinkRecord&) {}),
                    Catch::Contains("no interface nosuch0"));
}

TEST_CASE("with-two-hosts sets a network up, runs a command and takes it down", "[link][system]") {
  const std::string log = "/tmp/mplane-link-test." + std::to_string(::getpid());
  const std::string command =
      "MPLANE_TEST_LINK=" TEST_LINK " " WITH_TWO_HOSTS " --delay-ab 5ms --log " + log +
      " -- sh -c 'ip netns exec $HOST_A ping -q -c 2 -i 0.01 $B4 && "
      "ip netns exec $HOST_B ping -q -c 2 -i 0.01 $A6 && exit 42' >/dev/null";
  const int status = std::system(command.c_str());
  CHECK(WEXITSTATUS(status) == 42);
  const std::string lines = text_of(log);
  ::unlink(log.c_str());
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 9);
  CHECK_THAT(lines, Catch::StartsWith(log_header()));
  CHECK(std::system("ip netns list | grep -q mplane-a-") != 0);
}
