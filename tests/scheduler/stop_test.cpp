#include "scheduler/workshop.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// A door that a service waits at, heeding no stop.
class Door {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

/// The system's clock, which at some time has no alarms any more.
class ScarceClock final : public Clock {
 public:
  Instant now() const override { return clock_.now(); }
  std::chrono::nanoseconds steady() const override { return clock_.steady(); }
  std::unique_ptr<Alarm> make_alarm() const override {
    if (is_empty_) throw Error(ErrorKind::Unavailable, "clock", "no descriptor for a timer");
    return clock_.make_alarm();
  }
  void empty() { is_empty_ = true; }

 private:
  const SystemClock clock_{};
  std::atomic<bool> is_empty_ = false;
};

}  // namespace

TEST_CASE("a stopped scheduler refuses new work", "[scheduler][stop]") {
  Workshop shop;
  CHECK(shop.scheduler.stop(4s).empty());
  try {
    shop.submit("now");
    FAIL("it took the job");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Unavailable);
  }
}

TEST_CASE("stopping asks what runs to stop and waits for it", "[scheduler][stop]") {
  Workshop shop;
  shop.submit("now ... future");
  std::thread service([&] {
    ByHand::Started run = shop.runs.take();
    Door stopped;
    const std::stop_callback on_stop(run.stop, [&] { stopped.open(); });
    stopped.wait();
    run.completion(counted(run.specification, 3));
  });
  const auto lost = shop.scheduler.stop(4s);
  service.join();
  CHECK(lost.empty());
  CHECK(count_of(shop.redeem()) == 3);
  const Books books = shop.scheduler.books();
  CHECK(books.count(Reason::ShutDown) == 1);
  CHECK(books.balance());
}

TEST_CASE("what does not end in time is lost, named, and answered so", "[scheduler][stop]") {
  Workshop shop;
  shop.submit("now ... future");
  std::string answer;
  shop.scheduler.await("alice", "t", 1h, [&](const Message& message) {
    answer = message.find<Exception>() ? message.find<Exception>()->message() : "no exception";
  });
  std::vector<std::string> lost;
  std::thread stopping([&] { lost = shop.scheduler.stop(4s); });
  while (!shop.runs.is_asked_to_stop()) std::this_thread::yield();
  shop.clock.advance(4s);
  stopping.join();
  CHECK(lost == std::vector<std::string>{"ping t of alice"});
  CHECK(answer == "it still ran when the component was shut down (stop-ignored)");
  const Books books = shop.scheduler.books();
  CHECK(books.lost == 1);
  CHECK(books.running == 0);
  CHECK(books.balance());
  shop.runs.finish(1);  // too late
  CHECK(shop.scheduler.books() == books);
  CHECK(shop.redeem().kind() == "exception");
}

TEST_CASE("what waits when the scheduler stops does not start", "[scheduler][stop]") {
  ServicePolicy policy;
  policy.max_running = 1;
  Workshop shop(policy);
  shop.submit("now", "1");
  shop.submit("now", "2");
  shop.submit("2015-06-01 12:00:10", "3");
  std::vector<std::string> kinds;
  shop.scheduler.await("alice", "3", 1h,
                       [&](const Message& message) { kinds.emplace_back(message.kind()); });
  shop.scheduler.stop(0s);
  shop.clock.advance(1min);
  CHECK(shop.runs.starts() == 1);
  const Books books = shop.scheduler.books();
  CHECK(books.count(Reason::ShutDownBeforeStart) == 1);
  CHECK(books.lost == 1);
  CHECK(books.balance());
  CHECK(shop.redeem("3").kind() == "receipt");  // planned it still is
  CHECK(kinds == std::vector<std::string>{"receipt"});
}

TEST_CASE("what was interrupted is waited for until it was fetched", "[scheduler][stop]") {
  Workshop shop;
  shop.submit("now", "fetched before");
  shop.runs.finish(1);
  shop.submit("now", "1");
  shop.submit("now", "2");
  shop.submit("2015-06-01 12:00:10", "planned");
  shop.scheduler.stop(0s);
  shop.redeem("1");
  std::thread waiting([&] { shop.scheduler.wait_until_fetched(1h); });  // which never passes
  shop.redeem("2");
  waiting.join();
  CHECK(shop.redeem("2").kind() == "exception");
}

TEST_CASE("what nobody fetches is waited for no longer than said", "[scheduler][stop]") {
  Workshop shop;
  shop.submit("now");
  shop.scheduler.stop(0s);
  std::atomic<bool> over = false;
  std::thread waiting([&] {
    shop.scheduler.wait_until_fetched(1s);
    over = true;
  });
  while (!over) shop.clock.advance(100ms);
  waiting.join();
  CHECK(shop.redeem().kind() == "exception");
}

TEST_CASE("stopping is idempotent", "[scheduler][stop]") {
  Workshop shop;
  shop.submit("now");
  CHECK(shop.scheduler.stop(0s).size() == 1);
  CHECK(shop.scheduler.stop(0s).empty());
  CHECK(shop.scheduler.stop(1h).empty());
}

TEST_CASE("a worker that never comes back does not hold up the end", "[scheduler][stop]") {
  const auto door = std::make_shared<Door>();
  const auto gone = std::make_shared<Door>();
  {
    SystemClock clock;
    SchedulerOptions options;
    options.farewell = 10ms;
    Scheduler scheduler(clock, options, {});
    Door begun;
    const Capability capability = scheduler.offer(
        {ping_capability(), Run([&begun, door, gone](const Specification& specification, auto) {
           begun.open();
           door->wait();
           gone->open();
           return counted(specification, 1);
         })});
    scheduler.submit("alice", ask(capability, "now", "t"));
    begun.wait();
  }
  door->open();  // the scheduler is no more
  gone->wait();
  SUCCEED("the thread went on and touched nothing");
}

TEST_CASE("an asynchronous service that blocks does not hold up the end", "[scheduler][stop]") {
  const auto door = std::make_shared<Door>();
  const auto gone = std::make_shared<Door>();
  {
    SystemClock clock;
    Scheduler scheduler(clock, {}, {});
    Door begun;
    const Capability capability = scheduler.offer(
        {ping_capability(),
         AsyncRun([&begun, door, gone](const Specification& specification, auto, Completion done) {
           begun.open();
           door->wait();
           done(counted(specification, 1));
           gone->open();
         })});
    scheduler.submit("alice",
                     ask(capability, "now", "t").with_when(When::lasting(clock.now() + 10ms, 1h)));
    begun.wait();
    CHECK(scheduler.stop(1ms).size() == 1);
  }
  door->open();
  gone->wait();
  SUCCEED("the thread went on and touched nothing");
}

TEST_CASE("a scheduler stops without a free descriptor", "[scheduler][stop]") {
  ScarceClock clock;
  ByHand runs;
  Scheduler scheduler(clock, {}, {});
  const auto capability = scheduler.offer({ping_capability(), runs.service(), false, {}});
  scheduler.submit("alice", ask(capability, "now ... future", "t"));
  while (runs.starts() == 0) std::this_thread::yield();
  clock.empty();
  SECTION("as soon as what runs has ended") {
    std::thread service([&] {
      while (!runs.is_asked_to_stop()) std::this_thread::yield();
      runs.finish(3);
    });
    const auto began = clock.steady();
    CHECK(scheduler.stop(1min).empty());
    CHECK(clock.steady() - began < 30s);
    service.join();
    CHECK(count_of(scheduler.redeem("alice", "t")) == 3);
  }
  SECTION("or in time") {
    CHECK(scheduler.stop(10ms).size() == 1);
    scheduler.wait_until_fetched(10ms);
  }
}
