#include "mplane/probe/engine.hpp"

#include "mplane/probe/file_descriptor.hpp"
#include "probe/on_loop.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

using mplane::Engine;
using mplane::FileDescriptor;
using mplane::Readiness;
using mplane::SteadyTime;
using mplane::Timer;
using mplane::Watch;
using mplane::test::Event;
using mplane::test::on_loop;
using namespace std::chrono_literals;

namespace {

std::array<FileDescriptor, 2> socket_pair() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

void say(const FileDescriptor& to, char letter) { REQUIRE(::write(to.number(), &letter, 1) == 1); }

/// Counts its death.
class Witness {
 public:
  explicit Witness(std::atomic<int>& deaths) : deaths_(deaths) {}
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { ++deaths_; }

 private:
  std::atomic<int>& deaths_;
};

SteadyTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

TEST_CASE("posted tasks run on the loop in the order of posting", "[engine]") {
  Engine engine;
  std::vector<int> ran;
  for (int n = 0; n < 100; ++n) engine.post([&ran, n] { ran.push_back(n); });
  CHECK(ran.empty());  // they wait for the start
  engine.start();
  CHECK(on_loop(engine, [&] { return engine.on_loop(); }));
  CHECK_FALSE(engine.on_loop());
  CHECK(ran.size() == 100);
  CHECK(std::is_sorted(ran.begin(), ran.end()));
}

TEST_CASE("tasks posted from several threads all run", "[engine]") {
  Engine engine;
  engine.start();
  int ran = 0;
  {
    std::vector<std::jthread> threads;
    for (int n = 0; n < 4; ++n) {
      threads.emplace_back([&] {
        for (int i = 0; i < 1'000; ++i) engine.post([&ran] { ++ran; });
      });
    }
  }
  CHECK(on_loop(engine, [&] { return ran; }) == 4'000);
}

TEST_CASE("timers run in the order of their deadlines, and never early", "[engine]") {
  Engine engine;
  engine.start();
  Event done;
  std::vector<int> order;
  std::vector<Timer> timers;
  bool early = false;
  on_loop(engine, [&] {
    const SteadyTime start = now();
    for (const int n : {30, 10, 20}) {
      timers.push_back(engine.at(start + n * 1ms, [&, n, start] {
        early = early || now() < start + n * 1ms;
        order.push_back(n);
        if (n == 30) done.happen();
      }));
    }
  });
  REQUIRE(done.happened());
  CHECK(order == std::vector{10, 20, 30});
  CHECK_FALSE(early);
  engine.stop();
}

TEST_CASE("a deadline that has passed, or lies before the epoch, is due at once", "[engine]") {
  Engine engine;
  engine.start();
  Event first;
  Event second;
  std::vector<Timer> timers;
  on_loop(engine, [&] {
    timers.push_back(engine.at(SteadyTime::min(), [&] { first.happen(); }));
    timers.push_back(engine.after(-5s, [&] { second.happen(); }));
  });
  CHECK(first.happened());
  CHECK(second.happened());
  engine.stop();
}

TEST_CASE("a delay longer than can be counted is never due", "[engine]") {
  Engine engine;
  engine.start();
  Event other;
  std::vector<Timer> timers;
  bool fired = false;
  on_loop(engine, [&] {
    timers.push_back(engine.after(std::chrono::nanoseconds::max(), [&] { fired = true; }));
    timers.push_back(engine.after(std::chrono::hours(200'000 * 24), [&] { fired = true; }));
    timers.push_back(engine.after(std::chrono::microseconds::max(), [&] { fired = true; }));
    timers.push_back(engine.after(5ms, [&] { other.happen(); }));
  });
  CHECK(other.happened());
  engine.stop();
  CHECK_FALSE(fired);
}

TEST_CASE("a time that is too far behind another one to be counted is never", "[engine]") {
  using mplane::later;
  const SteadyTime time = now();
  CHECK(later(time, 5s) == time + 5s);
  CHECK(later(time, -5s) == time);
  CHECK(later(time, std::chrono::microseconds::max()) == SteadyTime::max());
  CHECK(later(time, std::chrono::nanoseconds::max()) == SteadyTime::max());
  CHECK(later(time, SteadyTime::max() - time) == SteadyTime::max());
  CHECK(later(later(time, 200 * 365 * 24h), 200 * 365 * 24h) == SteadyTime::max());
}

TEST_CASE("a timer whose handle went does not fire", "[engine]") {
  Engine engine;
  engine.start();
  Event later;
  bool fired = false;
  std::optional<Timer> kept;
  on_loop(engine, [&] {
    {
      const Timer gone = engine.after(1ms, [&] { fired = true; });
    }
    Timer replaced = engine.after(1ms, [&] { fired = true; });
    replaced = engine.after(5ms, [&] { later.happen(); });
    kept.emplace(std::move(replaced));
  });
  CHECK(later.happened());
  engine.stop();
  CHECK_FALSE(fired);
}

TEST_CASE("a timer can set itself anew and cancel others due at the same time", "[engine]") {
  Engine engine;
  engine.start();
  Event done;
  Timer tick;
  Timer victim;
  int ticks = 0;
  bool victim_fired = false;
  std::function<void()> on_tick = [&] {
    victim.cancel();
    if (++ticks == 5) return done.happen();
    tick = engine.after(1ms, on_tick);
  };
  on_loop(engine, [&] {
    const SteadyTime when = now() + 2ms;
    tick = engine.at(when, on_tick);
    victim = engine.at(when, [&] { victim_fired = true; });
  });
  CHECK(done.happened());
  engine.stop();
  CHECK(ticks == 5);
  CHECK_FALSE(victim_fired);
}

TEST_CASE("10,000 timers all fire, in order", "[engine]") {
  Engine engine;
  engine.start();
  Event done;
  std::vector<Timer> timers(10'000);
  std::vector<std::size_t> fired;
  on_loop(engine, [&] {
    const SteadyTime start = now() + 10ms;
    for (std::size_t n = 0; n < timers.size(); ++n) {
      timers[n] = engine.at(start + n * 10us, [&, n] {
        fired.push_back(n);
        if (fired.size() == timers.size()) done.happen();
      });
    }
  });
  REQUIRE(done.happened());
  CHECK(std::is_sorted(fired.begin(), fired.end()));
  engine.stop();
}

TEST_CASE("timers are set off as posted tasks and descriptors keep coming", "[engine]") {
  Engine engine;
  engine.start();
  Event done;
  Timer timer;
  bool stop = false;
  std::function<void()> again = [&] {
    if (!stop) engine.post(again);
  };
  on_loop(engine, [&] {
    timer = engine.after(5ms, [&] {
      stop = true;
      done.happen();
    });
    again();
  });
  CHECK(done.happened());
  engine.stop();
}

TEST_CASE("a handler that sets timers which are due does not keep others waiting", "[engine]") {
  Engine engine;
  engine.start();
  std::vector<Timer> timers;
  bool stop = false;
  std::function<void()> again = [&] {
    if (!stop) timers.push_back(engine.after(0ns, again));
  };
  on_loop(engine, again);
  on_loop(engine, [&] { stop = true; });  // gets through
  CHECK(stop);
  engine.stop();
}

TEST_CASE("a watched descriptor that has something to read is told until it was read", "[engine]") {
  Engine engine;
  engine.start();
  const auto ends = socket_pair();
  Event done;
  Watch watch;
  std::string heard;
  on_loop(engine, [&] {
    watch = engine.watch(ends[0].number(), {.readable = true}, [&](Readiness ready) {
      char letter = '?';
      if (ready.readable && ::read(ends[0].number(), &letter, 1) == 1) heard += letter;
      if (heard.size() == 3) done.happen();
    });
  });
  for (const char letter : {'a', 'b', 'c'}) say(ends[1], letter);
  REQUIRE(done.happened());
  CHECK(heard == "abc");
  on_loop(engine, [&] { watch.cancel(); });
  engine.stop();
}

TEST_CASE("what is waited for can be changed", "[engine]") {
  Engine engine;
  engine.start();
  const auto ends = socket_pair();
  Event writable;
  Event readable;
  Watch watch;
  on_loop(engine, [&] {
    watch = engine.watch(ends[0].number(), {.writable = true}, [&](Readiness ready) {
      if (ready.writable) {
        watch.want({.readable = true});
        writable.happen();
      } else if (ready.readable) {
        watch.cancel();
        readable.happen();
      }
    });
  });
  CHECK(writable.happened());
  say(ends[1], 'a');
  CHECK(readable.happened());
  engine.stop();
}

TEST_CASE("a hang-up is told whatever is waited for", "[engine]") {
  Engine engine;
  engine.start();
  auto ends = socket_pair();
  Event done;
  Watch watch;
  on_loop(engine, [&] {
    watch = engine.watch(ends[0].number(), {}, [&](Readiness ready) {
      if (!ready.failed) return;
      watch.cancel();
      done.happen();
    });
  });
  ends[1] = FileDescriptor();
  CHECK(done.happened());
  engine.stop();
}

TEST_CASE("a watch cancelled by another's handler is called no more, ready or not", "[engine]") {
  Engine engine;
  engine.start();
  const auto one = socket_pair();
  const auto two = socket_pair();
  Watch watch_one;
  Watch watch_two;
  int calls = 0;
  say(one[1], 'a');
  say(two[1], 'a');
  on_loop(engine, [&] {  // both are ready in the same round
    const auto handler = [&](Readiness) {
      ++calls;
      watch_one.cancel();
      watch_two.cancel();
    };
    watch_one = engine.watch(one[0].number(), {.readable = true}, handler);
    watch_two = engine.watch(two[0].number(), {.readable = true}, handler);
  });
  for (int round = 0; round < 3; ++round) on_loop(engine, [] {});
  CHECK(on_loop(engine, [&] { return calls; }) == 1);
  engine.stop();
}

TEST_CASE("a descriptor that cannot be watched is refused with its number", "[engine]") {
  Engine engine;
  engine.start();
  const std::string message = on_loop(engine, [&]() -> std::string {
    try {
      const Watch watch = engine.watch(-1, {.readable = true}, [](Readiness) {});
    } catch (const mplane::Error& error) {
      return error.what();
    }
    return "watched";
  });
  CHECK_THAT(message, Catch::Contains("descriptor -1 cannot be watched"));
}

TEST_CASE("what a handler throws is logged and ends only that call", "[engine]") {
  std::vector<std::string> reasons;
  Engine engine([&](const mplane::LogRecord& record) {
    for (const auto& [key, value] : record.fields) reasons.push_back(value);
  });
  engine.start();
  engine.post([] { throw std::runtime_error("out of paper"); });
  engine.post([] { throw 42; });
  CHECK(on_loop(engine, [] { return 7; }) == 7);
  engine.stop();
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0] == "out of paper");
}

TEST_CASE("starting and stopping are idempotent, and stopping is final", "[engine]") {
  Engine engine;
  engine.start();
  engine.start();
  CHECK(on_loop(engine, [] { return 1; }) == 1);
  engine.stop();
  engine.stop();
  engine.start();
  CHECK_FALSE(engine.post([] {}));
}

TEST_CASE("an engine that was stopped before it was started never runs", "[engine]") {
  std::atomic<int> deaths = 0;
  bool ran = false;
  Engine engine;
  engine.post([&ran, witness = std::make_unique<Witness>(deaths)] { ran = true; });
  engine.stop();
  CHECK(deaths == 1);
  engine.start();
  CHECK_FALSE(engine.post([] {}));
  CHECK_FALSE(ran);
}

TEST_CASE("stopping destroys what is left, uncalled, on the loop", "[engine]") {
  std::atomic<int> deaths = 0;
  std::atomic<int> called = 0;
  Engine engine;
  engine.start();
  const auto ends = socket_pair();
  Timer timer;
  Watch watch;
  on_loop(engine, [&] {
    const auto witness = [&] { return std::make_shared<Witness>(deaths); };
    timer = engine.after(1h, [&called, w = witness()] { ++called; });
    watch = engine.watch(ends[0].number(), {.readable = true},
                         [&called, w = witness()](Readiness) { ++called; });
  });
  CHECK(deaths == 0);
  engine.stop();
  CHECK(deaths == 2);
  CHECK(called == 0);
}

TEST_CASE("tasks that hold handles and the engine die cleanly when it stops", "[engine]") {
  Engine engine;
  engine.start();
  struct Chain {
    explicit Chain(Engine& e) : engine(e) {}
    Engine& engine;
    std::vector<Timer> timers;
    ~Chain() {
      engine.post([] {});  // refused
      timers.push_back(engine.after(1s, [] {}));
    }
  };
  on_loop(engine, [&] {
    auto chain = std::make_shared<Chain>(engine);
    for (int n = 0; n < 10; ++n) chain->timers.push_back(engine.after(1h, [chain] {}));
  });
  engine.stop();
  SUCCEED("nothing crashed, nothing leaked");
}

TEST_CASE("stopping on the loop ends it after the handler that asked", "[engine]") {
  Engine engine;
  engine.start();
  Event done;
  bool ran = false;
  engine.post([&] {
    engine.stop();
    engine.post([&] { ran = true; });
    done.happen();
  });
  CHECK(done.happened());
  engine.stop();
  CHECK_FALSE(ran);
}

TEST_CASE("several threads may stop at once, and all find it stopped", "[engine]") {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> deaths = 0;
    std::atomic<int> seen = 0;
    Engine engine;
    engine.start();
    engine.post([&] {});
    std::vector<Timer> timers;
    on_loop(engine, [&] {
      timers.push_back(engine.after(1h, [w = std::make_shared<Witness>(deaths)] {}));
    });
    {
      std::vector<std::jthread> threads;
      for (int n = 0; n < 4; ++n) {
        threads.emplace_back([&] {
          engine.stop();
          seen += deaths;
        });
      }
    }
    CHECK(seen == 4);
  }
}
