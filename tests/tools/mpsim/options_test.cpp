#include "options.hpp"

#include "mplane/model/error.hpp"

#include <array>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

using namespace std::chrono_literals;

SimOptions read(const std::vector<const char*>& more,
                const char* const supervisor = "https://127.0.0.1:8888/") {
  std::vector<const char*> all{"mpsim", "--components", "10",      "--pki",
                               "pki",   "--supervisor", supervisor};
  all.insert(all.end(), more.begin(), more.end());
  SimOptions options;
  const auto code = read_options(static_cast<int>(all.size()), all.data(), options);
  CHECK(!code);
  return options;
}

std::string refusal(const std::vector<const char*>& more,
                    const char* const supervisor = "https://127.0.0.1:8888/") {
  try {
    read(more, supervisor);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST_CASE("a range of times is two of them, the lower one first, or one for both") {
  CHECK(parse_time_range("50ms..2s") == TimeRange{50ms, 2s});
  CHECK(parse_time_range("1s") == TimeRange{1s, 1s});
  CHECK(parse_time_range("0s..0s") == TimeRange{});
  for (const char* const text : {"2s..1s", "..", "1s..", "..1s", "", "1s..inf", "1s...2s"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_time_range(text), Error);
  }
}

TEST_CASE("a part is a fraction or a percentage of all") {
  CHECK(parse_part("0.1") == 0.1);
  CHECK(parse_part("10%") == 0.1);
  CHECK(parse_part("0") == 0);
  CHECK(parse_part("100%") == 1);
  for (const char* const text : {"", "%", "1.1", "101%", "-0.1", "few", "1e-1", "nan", "0.1 "}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_part(text), Error);
  }
}

TEST_CASE("a fleet below a supervisor of this machine comes from 127.0.1.x") {
  REQUIRE(read({}).from);
  CHECK(to_string(read({}).from->of(0)) == "127.0.1.1");
  CHECK(to_string(read({"--from", "127.9.0.0/16"}).from->of(0)) == "127.9.0.1");
  CHECK(!read({}, "https://[::1]:8888/").from);
}

TEST_CASE("the authority of the fleet is believed unless another one is given") {
  CHECK(read({}).ca == "pki/ca.crt");
  CHECK(read({"--tls-ca", "other.crt"}).ca == "other.crt");
}

TEST_CASE("what cannot be is refused with the option's name") {
  CHECK_THAT(refusal({}, "http://127.0.0.1/"), Catch::Contains("--supervisor"));
  CHECK_THAT(refusal({"--from", "nowhere"}), Catch::Contains("--from"));
  CHECK_THAT(refusal({"--from", "::1"}), Catch::Contains("--from"));
  CHECK_THAT(refusal({"--from", "127.0.1.0/24"}, "https://[::1]:8888/"),
             Catch::Contains("--from") && Catch::Contains("IPv6"));
  CHECK_THAT(refusal({"--lie", "2"}), Catch::Contains("--lie"));
  CHECK_THAT(refusal({"--lie", "60%", "--flap", "60%"}), Catch::Contains("more than all"));
  CHECK_THAT(refusal({"--answer-after", "2s..1s"}), Catch::Contains("--answer-after"));
  CHECK_THAT(refusal({"--for", "long"}), Catch::Contains("--for"));
}

}  // namespace
}  // namespace mplane
