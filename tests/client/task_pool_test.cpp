#include "task_pool.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
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

TEST_CASE("tasks of the same time are done in the order in which they came", "[client][tasks]") {
  TaskPool pool(1);
  std::string order;
  std::promise<void> go;
  std::promise<void> last;
  pool.now([&] { go.get_future().wait(); });
  for (const char letter : std::string("abcdefghijklmnopqrstuvwxyz")) {
    pool.now([&, letter] { order += letter; });
  }
  pool.now([&] { last.set_value(); });
  go.set_value();
  REQUIRE(last.get_future().wait_for(10s) == std::future_status::ready);
  CHECK(order == "abcdefghijklmnopqrstuvwxyz");
}

TEST_CASE("tasks are not copied to be done", "[client][tasks]") {
  struct Counted {
    explicit Counted(std::atomic<int>& count) : copies(count) {}
    Counted(const Counted& other) : copies(other.copies) { ++copies; }
    Counted(Counted&&) = default;
    Counted& operator=(const Counted&) = delete;
    Counted& operator=(Counted&&) = delete;
    ~Counted() = default;
    std::atomic<int>& copies;
  };
  std::atomic<int> copies = 0;
  std::promise<void> done;
  std::function<void()> task = [&, counted = Counted(copies)] { done.set_value(); };
  const int before = copies;
  TaskPool pool(1);
  pool.now(std::move(task));
  REQUIRE(done.get_future().wait_for(10s) == std::future_status::ready);
  pool.stop();
  CHECK(copies == before);
}

TEST_CASE("a pool makes do with the threads that it can have", "[client][tasks]") {
  const auto too_many = [] {
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
  };
  int made = 0;
  TaskPool pool(10, [&](std::function<void()> run) {
    if (++made > 1) too_many();
    return std::thread(std::move(run));
  });
  std::promise<void> go;
  std::promise<void> second;
  pool.now([future = go.get_future().share()] { future.wait(); });
  CHECK_NOTHROW(pool.now([&] { second.set_value(); }));
  go.set_value();
  CHECK(second.get_future().wait_for(10s) == std::future_status::ready);
  pool.stop();
  TaskPool none(1, [&](const std::function<void()>&) -> std::thread {
    too_many();
    return {};
  });
  CHECK_THROWS_AS(none.now([] {}), std::system_error);
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
