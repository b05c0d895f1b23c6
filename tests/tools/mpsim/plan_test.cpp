#include "plan.hpp"

#include "mplane/model/error.hpp"
#include "source_addresses.hpp"
#include "temper.hpp"

#include <map>
#include <numeric>
#include <string>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

constexpr MachineLimits kPlenty{20'000, 28'232, 2};

std::size_t total(const std::vector<WorkerShare>& shares) {
  return std::accumulate(shares.begin(), shares.end(), std::size_t{0},
                         [](const std::size_t sum, const auto& one) { return sum + one.count; });
}

std::string refusal(const std::size_t components, const std::size_t sources,
                    const MachineLimits& limits) {
  try {
    divide(components, sources, limits);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Configuration);
    return error.what();
  }
  return "none";
}

TEST_CASE("a small fleet has one worker, a larger one a worker for each core") {
  CHECK(divide(200, 254, kPlenty) == std::vector<WorkerShare>{{0, 200}});
  CHECK(divide(3'001, 254, kPlenty) == std::vector<WorkerShare>{{0, 1'500}, {1'500, 1'501}});
}

TEST_CASE("no worker has more than 15,000 connections, two for each component") {
  const auto shares = divide(100'000, 254, kPlenty);
  CHECK(total(shares) == 100'000);
  CHECK(shares.size() == 14);
  for (const WorkerShare& share : shares) CHECK(share.count * 2 <= 15'000);
}

TEST_CASE("where processes have few descriptors there are more workers") {
  const auto shares = divide(10'000, 254, {1'064, 28'232, 2});
  CHECK(shares.size() == 20);
  CHECK(total(shares) == 10'000);
}

TEST_CASE("the limit that does not allow for a fleet is named") {
  CHECK_THAT(refusal(100'000, 1, kPlenty), Catch::Contains("net.ipv4.ip_local_port_range"));
  CHECK_THAT(refusal(100'000, 254, {100, 28'232, 2}), Catch::Contains("RLIMIT_NOFILE"));
  CHECK_THAT(refusal(10, 254, {64, 28'232, 2}), Catch::Contains("RLIMIT_NOFILE"));
}

TEST_CASE("components take turns with the hosts of a network") {
  const SourceAddresses sources = SourceAddresses::parse("127.0.1.0/24");
  CHECK(sources.size() == 254);
  CHECK(to_string(sources.of(0)) == "127.0.1.1");
  CHECK(to_string(sources.of(253)) == "127.0.1.254");
  CHECK(to_string(sources.of(254)) == "127.0.1.1");
  CHECK(to_string(SourceAddresses::parse("127.2.0.0/15").of(255)) == "127.2.1.0");
  CHECK(SourceAddresses::parse("127.0.1.7").size() == 1);
  CHECK(SourceAddresses::parse("127.0.1.6/31").size() == 2);
}

TEST_CASE("so many misbehave as were asked for, always the same") {
  constexpr std::size_t kComponents = 20'000;
  const Misbehaviour parts{0.1, 0.2, 0.05, 0.15};
  std::map<Temper, double> found;
  bool same = true;
  for (std::size_t n = 0; n < kComponents; ++n) {
    const Temper temper = temper_of(n, parts, 7);
    same = same && temper == temper_of(n, parts, 7);
    found[temper] += 1.0 / kComponents;
  }
  CHECK(same);
  CHECK(found[Temper::Flapping] == Approx(0.1).margin(0.01));
  CHECK(found[Temper::Slow] == Approx(0.2).margin(0.01));
  CHECK(found[Temper::Lying] == Approx(0.05).margin(0.01));
  CHECK(found[Temper::Dying] == Approx(0.15).margin(0.01));
  CHECK(temper_of(5, {}, 7) == Temper::Honest);
  CHECK(temper_of(5, {0, 0, 1, 0}, 7) == Temper::Lying);
}

}  // namespace
}  // namespace mplane
