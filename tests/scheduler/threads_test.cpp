// Everything at once on real threads and the real clock, to be read by the thread sanitizer. What
// threads see is collected and judged when they have ended.

#include "scheduler/workshop.hpp"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// Waits on its token, as a service should.
Result until_stopped(const Specification& specification, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, stop, [] { return false; });
  return counted(specification, 1);
}

/// Ends asynchronous runs on a thread of its own.
class OtherThread {
 public:
  OtherThread() : thread_([this](const std::stop_token& stop) { work(stop); }) {}
  AsyncRun service() {
    return [this](const Specification& specification, auto, Completion done) {
      const std::lock_guard lock(mutex_);
      todo_.push_back({specification, std::move(done)});
      changed_.notify_one();
    };
  }

 private:
  struct Todo {
    Specification specification;
    Completion done;
  };

  void work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !todo_.empty(); })) {
      std::vector<Todo> todo = std::exchange(todo_, {});
      lock.unlock();
      for (Todo& one : todo) one.done(counted(one.specification, 1));
      todo.clear();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Todo> todo_;
  std::jthread thread_;
};

Message wait_for(Scheduler& scheduler, const std::string& owner, const std::string& token) {
  std::promise<Message> promise;
  scheduler.await(owner, token, 1min,
                  [&](Message message) { promise.set_value(std::move(message)); });
  return promise.get_future().get();
}

}  // namespace

TEST_CASE("many owners submit, wait, redeem and interrupt at once", "[threads]") {
  SystemClock clock;
  OtherThread other;
  Scheduler scheduler(clock, {}, {});
  const std::vector<Capability> capabilities{
      scheduler.offer({ping_capability("direct", "direct"),
                       Run([](auto& specification, auto) { return counted(specification, 1); }),
                       true}),
      scheduler.offer({ping_capability("worker", "worker"),
                       Run([](auto& specification, auto) { return counted(specification, 1); })}),
      scheduler.offer({ping_capability("other", "other"), other.service()}),
      scheduler.offer({ping_capability("waits", "waits"), Run(until_stopped)})};
  std::atomic<int> results = 0;
  std::atomic<int> answers = 0;
  {
    std::vector<std::jthread> owners;
    for (int n = 0; n < 8; ++n) {
      owners.emplace_back([&, owner = std::to_string(n)] {
        for (std::size_t i = 0; i < 60; ++i) {
          const std::string token = std::to_string(i);
          const Capability& capability = capabilities[i % capabilities.size()];
          scheduler.submit(owner, ask(capability, "now ... future", token));
          if (capability.label() == "waits") {
            scheduler.submit(owner, ask(capability, "now ... future", token));
            scheduler.interrupt(owner, token);
          }
          const Message message = wait_for(scheduler, owner, token);
          ++answers;
          if (count_of(message) == 1) ++results;
          scheduler.redeem(owner, token);
        }
      });
    }
  }
  CHECK(answers == 8 * 60);
  // A run may have been interrupted before a worker came to it.
  const Books books = scheduler.books();
  CHECK(results + static_cast<int>(books.count(Reason::InterruptedBeforeStart)) == 8 * 60);
  CHECK(books.planned == 8 * 60);
  CHECK(books.balance());
  CHECK(books.running + books.waiting == 0);
}

TEST_CASE("repeated runs come in time on a real clock until they are interrupted", "[threads]") {
  SystemClock clock;
  OtherThread other;
  Scheduler scheduler(clock, {}, {});
  const Capability capability = scheduler.offer({ping_capability(), other.service()});
  const Specification every =
      ask(capability, "now", "t").with_when(When::parse("repeat now ... future / 1s"));
  const auto begin = clock.steady();
  scheduler.submit("alice", every);
  scheduler.submit("alice", ask(capability, "now", "soon").with_when(When::at(clock.now() + 20ms)));
  const Message soon = wait_for(scheduler, "alice", "soon");
  CHECK(count_of(soon) == 1);
  CHECK(clock.steady() - begin >= 20ms);
  scheduler.interrupt("alice", "t");
  CHECK(wait_for(scheduler, "alice", "t").kind() == "envelope");
  CHECK(scheduler.books().balance());
}

TEST_CASE("services come and go while they are used", "[threads]") {
  SystemClock clock;
  Scheduler scheduler(clock, {}, {});
  const Capability capability = ping_capability();
  std::atomic<bool> over = false;
  std::atomic<int> accepted = 0;
  std::vector<std::jthread> threads;
  threads.emplace_back([&] {
    for (int i = 0; i < 300; ++i) {
      const Capability offered =
          scheduler.offer({capability, Run([](auto& asked, auto) { return counted(asked, 1); })});
      scheduler.withdraw(offered.token());
    }
    over = true;
  });
  threads.emplace_back([&] {
    for (int i = 0; !over; ++i) {
      try {
        scheduler.submit("alice", ask(capability, "now", std::to_string(i)));
        wait_for(scheduler, "alice", std::to_string(i));
        ++accepted;
      } catch (const Error&) {
      }
    }
  });
  threads.clear();
  CHECK(scheduler.capabilities().empty());
  CHECK(scheduler.books().done == static_cast<std::uint64_t>(accepted));
}

TEST_CASE("the scheduler stops in the middle of everything", "[threads]") {
  SystemClock clock;
  OtherThread other;
  for (int round = 0; round < 10; ++round) {
    Scheduler scheduler(clock, {}, {});
    const Capability waits =
        scheduler.offer({ping_capability("waits", "waits"), Run(until_stopped)});
    const Capability asynchronous = scheduler.offer({ping_capability(), other.service()});
    std::vector<std::jthread> submitters;
    std::atomic<int> answers = 0;
    std::atomic<int> accepted = 0;
    for (int n = 0; n < 4; ++n) {
      submitters.emplace_back([&, n] {
        try {
          for (int i = 0;; ++i) {
            const std::string token = std::to_string(i);
            scheduler.submit(std::to_string(n),
                             ask(i % 9 == 0 ? waits : asynchronous, "now ... future", token));
            ++accepted;
            scheduler.await(std::to_string(n), token, 1min, [&](const Message&) { ++answers; });
          }
        } catch (const Error& error) {
          if (error.kind() != ErrorKind::Unavailable) answers = -1'000'000;
        }
      });
    }
    while (accepted < 20) std::this_thread::yield();
    const auto lost = scheduler.stop(10s);
    submitters.clear();
    CHECK(lost.empty());
    CHECK(answers == accepted);
    CHECK(scheduler.books().running == 0);
    CHECK(scheduler.books().balance());
  }
}

TEST_CASE("ten thousand asynchronous runs in flight need no thread each", "[threads]") {
  SystemClock clock;
  ByHand runs;
  Scheduler scheduler(clock, {}, {});
  const Capability capability = scheduler.offer({ping_capability(), runs.service()});
  const Specification asked = ask(capability, "now + 1h", "t");
  for (int i = 0; i < 10'000; ++i) {
    scheduler.submit("alice", asked.with_token(std::to_string(i)));
  }
  CHECK(scheduler.books().running == 10'000);
  for (int i = 0; i < 10'000; ++i) runs.finish(1);
  CHECK(scheduler.books().done == 10'000);
}
