#include "mplane/component/detail/rate_limit.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;
using detail::RateLimit;

namespace {

const RateLimit::Clock::time_point kBegin{};

int admitted(RateLimit& limit, const std::string& peer, const int tries,
             const RateLimit::Clock::time_point now) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limit.admits(Identity(peer), now) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a peer may do twice at once what it may do in a second, then no more") {
  RateLimit limit(10);
  CHECK(admitted(limit, "alice", 50, kBegin) == 20);
  CHECK(admitted(limit, "alice", 50, kBegin) == 0);
  CHECK(admitted(limit, "alice", 50, kBegin + 500ms) == 5);
  CHECK(admitted(limit, "alice", 50, kBegin + 1h) == 20);
}

TEST_CASE("what one peer does is not held against another") {
  RateLimit limit(1);
  CHECK(admitted(limit, "alice", 9, kBegin) == 2);
  CHECK(admitted(limit, "bob", 9, kBegin) == 2);
}

TEST_CASE("peers without number share what one may do, until others have been quiet") {
  RateLimit limit(1);
  for (std::size_t i = 0; i < RateLimit::kPeers; ++i) {
    limit.admits(Identity(std::to_string(i)), kBegin);
  }
  CHECK(admitted(limit, "x", 2, kBegin) + admitted(limit, "y", 2, kBegin) == 2);
  CHECK(admitted(limit, "z", 9, kBegin + 1h) == 2);
}
