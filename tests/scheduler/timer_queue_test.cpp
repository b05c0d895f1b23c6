#include "timer_queue.hpp"

#include <deque>
#include <map>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using mplane::detail::Timed;
using mplane::detail::TimerQueue;

namespace {

struct Thing final : Timed {
  Thing() : Timed(Kind::Job) {}
};

}  // namespace

TEST_CASE("what is due comes out in the order of time", "[timer-queue]") {
  TimerQueue queue;
  std::deque<Thing> things(3);
  queue.push(things[0], 30);
  queue.push(things[1], 10);
  queue.push(things[2], 20);
  CHECK(queue.earliest() == 10);
  CHECK(queue.pop_due(9) == nullptr);
  CHECK(queue.pop_due(25) == &things[1]);
  CHECK(queue.pop_due(25) == &things[2]);
  CHECK(queue.pop_due(25) == nullptr);
  CHECK(queue.pop_due(30) == &things[0]);
  CHECK_FALSE(queue.earliest());
}

TEST_CASE("what was taken out does not come", "[timer-queue]") {
  TimerQueue queue;
  std::deque<Thing> things(2);
  queue.push(things[0], 1);
  queue.push(things[1], 2);
  CHECK(things[0].is_planned());
  queue.remove(things[0]);
  CHECK_FALSE(things[0].is_planned());
  CHECK(queue.pop_due(9) == &things[1]);
}

TEST_CASE("a thousand things put in and taken out at random come like from a sorted list",
          "[timer-queue]") {
  std::mt19937 random(7);
  TimerQueue queue;
  std::deque<Thing> things(1000);
  std::map<Thing*, std::int64_t> inside;
  for (int round = 0; round < 20'000; ++round) {
    Thing& thing = things[random() % things.size()];
    if (thing.is_planned()) {
      queue.remove(thing);
      inside.erase(&thing);
    } else {
      const auto ticks = static_cast<std::int64_t>(random() % 500);
      queue.push(thing, ticks);
      inside[&thing] = ticks;
    }
  }
  REQUIRE(queue.size() == inside.size());
  std::int64_t last = 0;
  while (Timed* const due = queue.pop_due(500)) {
    const auto found = inside.find(static_cast<Thing*>(due));
    REQUIRE(found != inside.end());
    REQUIRE(found->second >= last);
    last = found->second;
    inside.erase(found);
  }
  CHECK(inside.empty());
}
