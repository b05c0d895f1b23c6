#include "mplane/model/detail/random_bytes.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane::detail;

TEST_CASE("random bytes are as many as were asked for, and never the same", "[random]") {
  CHECK(random_bytes(0).empty());
  for (const std::size_t count : {1U, 16U, 256U, 100'000U})
    CHECK(random_bytes(count).size() == count);
  CHECK(random_bytes(16) != random_bytes(16));
}

TEST_CASE("every byte of what is asked for is random", "[random]") {
  constexpr std::size_t kCount = 1'000;  // more than the kernel gives at once for certain
  std::string all(kCount, '\0');
  for (int draw = 0; draw < 20; ++draw) {
    const std::string bytes = random_bytes(kCount);
    std::transform(all.begin(), all.end(), bytes.begin(), all.begin(),
                   [](const char a, const char b) { return static_cast<char>(a | b); });
  }
  CHECK(std::count(all.begin(), all.end(), '\0') == 0);
}

TEST_CASE("random numbers come from all of their range", "[random]") {
  std::set<std::uint16_t> small;
  std::uint64_t bits = 0;
  for (int draw = 0; draw < 1'000; ++draw) {
    small.insert(random_number<std::uint16_t>());
    bits |= random_number<std::uint64_t>();
  }
  CHECK(small.size() > 900);
  CHECK(bits == UINT64_MAX);
}
