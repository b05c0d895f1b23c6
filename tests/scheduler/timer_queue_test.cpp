#include "timer_queue.hpp"

#include <algorithm>
#include <cstdint>
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

TEST_CASE("what lies between now and the end of time comes in order, whatever is taken out",
          "[timer-queue]") {
  std::mt19937_64 random(11);
  TimerQueue queue;
  std::deque<Thing> things(5000);
  std::multimap<std::int64_t, Timed*> inside;
  const auto take_out = [&inside](Timed* thing) {
    const auto found = std::find_if(inside.begin(), inside.end(),
                                    [thing](const auto& one) { return one.second == thing; });
    REQUIRE(found != inside.end());
    inside.erase(found);
  };
  std::int64_t now = -1'000'000;
  for (int round = 0; round < 300; ++round) {
    for (int i = 0; i < 40; ++i) {
      Thing& thing = things[random() % things.size()];
      if (thing.is_planned()) {
        queue.remove(thing);
        take_out(&thing);
      } else {
        // As often within a microsecond as within a year, and sometimes in the past.
        const std::uint64_t reach = std::uint64_t{1} << random() % 55;
        const auto ticks = now + static_cast<std::int64_t>(random() % reach) - 3;
        queue.push(thing, ticks);
        inside.emplace(ticks, &thing);
      }
    }
    now += static_cast<std::int64_t>(random() % (std::uint64_t{1} << random() % 50));
    if (!inside.empty()) REQUIRE(queue.earliest() <= inside.begin()->first);
    while (Timed* const due = queue.pop_due(now)) {
      const auto first = inside.begin()->first;
      REQUIRE(first <= now);
      const auto [begin, end] = inside.equal_range(first);
      REQUIRE(std::any_of(begin, end, [due](const auto& one) { return one.second == due; }));
      take_out(due);
    }
    REQUIRE(queue.size() == inside.size());
    if (!inside.empty()) REQUIRE(inside.begin()->first > now);
  }
  while (queue.pop_due(INT64_MAX) != nullptr) inside.erase(inside.begin());
  CHECK(inside.empty());
  CHECK(queue.size() == 0);
}

TEST_CASE("a clock that was set back has what comes sooner come sooner", "[timer-queue]") {
  TimerQueue queue;
  std::deque<Thing> things(4);
  queue.push(things[0], 7'200'000);
  queue.push(things[1], 3'600'000);
  CHECK(queue.pop_due(3'600'000) == &things[1]);
  queue.push(things[2], 1000);
  queue.push(things[3], 2000);
  CHECK(queue.pop_due(999) == nullptr);
  CHECK(queue.pop_due(1500) == &things[2]);
  CHECK(queue.pop_due(1500) == nullptr);
  CHECK(queue.pop_due(7'200'000) == &things[3]);
  CHECK(queue.pop_due(7'200'000) == &things[0]);
}

TEST_CASE("the first and the last moment have their place", "[timer-queue]") {
  TimerQueue queue;
  std::deque<Thing> things(3);
  queue.push(things[0], INT64_MAX);
  queue.push(things[1], INT64_MIN);
  queue.push(things[2], 0);
  CHECK(queue.pop_due(INT64_MIN) == &things[1]);
  CHECK(queue.pop_due(INT64_MIN) == nullptr);
  CHECK(queue.pop_due(INT64_MAX) == &things[2]);
  CHECK(queue.pop_due(INT64_MAX) == &things[0]);
}
