#include "task_pool.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane::detail;
using namespace std::chrono_literals;

TEST_CASE("tasks are done when their time has come, in its order", "[client][tasks]") {
  TaskPool pool(1);
  std::mutex mutex;
  std::string order;
  std::promise<void> last;
  const auto note = [&](const char letter) {
    const std::lock_guard lock(mutex);
    order += letter;
  };
  const auto began = std::chrono::steady_clock::now();
  pool.at(began + 60ms, [&] {
    note('c');
    last.set_value();
  });
  pool.at(began + 30ms, [&] { note('b'); });
  pool.now([&] { note('a'); });
  REQUIRE(last.get_future().wait_for(10s) == std::future_status::ready);
  CHECK(std::chrono::steady_clock::now() - began >= 60ms);
  pool.stop();
  CHECK(order == "abc");
}

TEST_CASE("as many tasks are under way at once as there may be threads", "[client][tasks]") {
  constexpr int kThreads = 4;
  TaskPool pool(kThreads);
  std::promise<void> go;
  const std::shared_future<void> gate = go.get_future().share();
  std::promise<void> all_there;
  std::atomic<int> there = 0;
  std::atomic<int> most = 0;
  std::atomic<bool> said = false;
  for (int i = 0; i < 3 * kThreads; ++i) {
    pool.now([&] {
      const int now = ++there;
      int before = most;
      while (now > before && !most.compare_exchange_weak(before, now)) {
      }
      if (now == kThreads && !said.exchange(true)) all_there.set_value();
      gate.wait();
      --there;
    });
  }
  const bool came = all_there.get_future().wait_for(10s) == std::future_status::ready;
  go.set_value();
  pool.stop();
  CHECK(came);
  CHECK(most == kThreads);
}

TEST_CASE("nothing is begun after a stop", "[client][tasks]") {
  std::atomic<int> done = 0;
  TaskPool pool(2);
  pool.at(std::chrono::steady_clock::now() + 1h, [&] { ++done; });
  pool.stop();
  pool.now([&] { ++done; });
  pool.stop();
  CHECK(done == 0);
}
