#include "patience.hpp"

#include <vector>

#include <catch2/catch.hpp>

using mplane::detail::Patience;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// The waits before each of so many times it is asked, in milliseconds; asking takes no time.
std::vector<long> waits(Patience patience, const int count) {
  std::vector<long> waits;
  Patience::TimePoint now{};
  for (int i = 0; i < count; ++i) {
    waits.push_back(std::chrono::duration_cast<milliseconds>(patience.next() - now).count());
    now = patience.next();
    patience.asked(now);
  }
  return waits;
}

constexpr Patience::TimePoint kBegin{};

}  // namespace

TEST_CASE("each wait is twice the one before, up to five seconds", "[client][patience]") {
  CHECK(waits(Patience(kBegin), 9) ==
        std::vector<long>{100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000});
}

TEST_CASE("the end of the scope is not slept through", "[client][patience]") {
  CHECK(waits(Patience(kBegin, kBegin + seconds(10)), 10) ==
        std::vector<long>{100, 200, 400, 800, 1600, 3200, 3700, 100, 200, 400});
}

TEST_CASE("an end that has passed is no longer waited for", "[client][patience]") {
  Patience patience(kBegin, kBegin + seconds(1));
  patience.asked(kBegin + seconds(30));
  CHECK(patience.next() == kBegin + seconds(30) + milliseconds(200));
  patience.asked(patience.next());
  CHECK(patience.next() == kBegin + seconds(30) + milliseconds(300));
}

TEST_CASE("the longest wait can be shorter", "[client][patience]") {
  CHECK(waits(Patience(kBegin, {}, milliseconds(300)), 4) == std::vector<long>{100, 200, 300, 300});
  CHECK(waits(Patience(kBegin, {}, milliseconds(0)), 3) == std::vector<long>{100, 100, 100});
}
