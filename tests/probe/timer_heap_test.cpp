#include "timer_heap.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using mplane::SteadyTime;
using mplane::detail::TimerHeap;
using std::chrono::nanoseconds;

namespace {

SteadyTime at(int n) { return SteadyTime(nanoseconds(n)); }

std::vector<int> fire_all(TimerHeap& heap, std::vector<int>& fired, SteadyTime now) {
  while (auto task = heap.pop_due(now, heap.mark())) task();
  return fired;
}

}  // namespace

TEST_CASE("timers come out in the order of their deadlines", "[timer]") {
  TimerHeap heap;
  std::vector<int> fired;
  for (const int n : {5, 1, 4, 2, 3}) heap.add(at(n), [&fired, n] { fired.push_back(n); });
  CHECK(heap.earliest() == at(1));
  CHECK(fire_all(heap, fired, at(3)) == std::vector{1, 2, 3});
  CHECK(fire_all(heap, fired, at(5)) == std::vector{1, 2, 3, 4, 5});
  CHECK_FALSE(heap.earliest());
}

TEST_CASE("timers with one deadline come out in the order in which they were set", "[timer]") {
  TimerHeap heap;
  std::vector<int> fired;
  for (int n = 0; n < 20; ++n) heap.add(at(7), [&fired, n] { fired.push_back(n); });
  CHECK(fire_all(heap, fired, at(7)).size() == 20);
  CHECK(std::is_sorted(fired.begin(), fired.end()));
}

TEST_CASE("a timer set after the mark waits for the next round", "[timer]") {
  TimerHeap heap;
  const auto mark = heap.mark();
  heap.add(at(1), [] {});
  CHECK_FALSE(heap.pop_due(at(9), mark));
  CHECK(heap.pop_due(at(9), heap.mark()));
}

TEST_CASE("the id of a timer that is gone finds nothing, even when its place is used again",
          "[timer]") {
  TimerHeap heap;
  const auto first = heap.add(at(1), [] {});
  CHECK(heap.remove(first));
  const auto second = heap.add(at(1), [] {});
  CHECK(second != first);
  CHECK_FALSE(heap.remove(first));
  CHECK_FALSE(heap.remove(0));
  CHECK(heap.size() == 1);
  CHECK(heap.remove(second));
}

TEST_CASE("among 10,000 timers set and cancelled at random, the rest come out in order",
          "[timer]") {
  std::mt19937 random(42);
  TimerHeap heap;
  std::vector<int> expected;
  std::vector<int> fired;
  std::vector<std::pair<std::uint64_t, int>> set;
  for (int n = 0; n < 10'000; ++n) {
    const int when = static_cast<int>(random() % 5'000);
    set.emplace_back(heap.add(at(when), [&fired, when] { fired.push_back(when); }), when);
  }
  std::shuffle(set.begin(), set.end(), random);
  for (std::size_t n = 0; n < set.size(); ++n) {
    if (n % 2 == 0) {
      CHECK(heap.remove(set[n].first));
    } else {
      expected.push_back(set[n].second);
    }
  }
  std::sort(expected.begin(), expected.end());
  CHECK(fire_all(heap, fired, at(5'000)) == expected);
  CHECK(heap.size() == 0);
}
