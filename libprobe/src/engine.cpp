#include "mplane/probe/engine.hpp"

#include "alarm.hpp"
#include "inbox.hpp"
#include "mplane/model/detail/thread_signals.hpp"
#include "mplane/model/error.hpp"
#include "poller.hpp"
#include "timer_heap.hpp"

#include <atomic>
#include <cassert>
#include <exception>
#include <signal.h>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace mplane {
class Engine::Loop {
 public:
  explicit Loop(LogSink log) : log_(std::move(log)) {
    poller_.add(alarm_.descriptor(), {.readable = true},
                [this](Readiness) { alarm_.acknowledge(); });
    poller_.add(inbox_.descriptor(), {.readable = true}, [this](Readiness) { run_posted(); });
  }

  void start() {
    if (on_loop()) return;
    const detail::Lock lock(life_);
    if (started_ || inbox_.closed()) return;
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
      throw Error(ErrorKind::Unavailable, "",
                  std::string("the event loop's thread cannot be started: ") + error.what());
    }
    started_ = true;
  }

  void stop() noexcept {
    const bool first = inbox_.close();
    if (on_loop()) return;
    bool never_started = false;
    {
      const detail::Lock lock(life_);  // a second caller waits here for the first one's join
      if (thread_.joinable()) thread_.join();
      never_started = !started_;
    }
    if (first && never_started) drop_all();
  }

  bool post(Task task) { return inbox_.put(std::move(task)); }

  bool on_loop() const noexcept { return loop_thread_.load() == std::this_thread::get_id(); }

  std::uint64_t set_timer(SteadyTime when, Task task) {
    if (stopping_) return 0;
    assert(on_loop());
    return timers_.add(when, std::move(task));
  }

  void cancel_timer(std::uint64_t id) noexcept {
    const Task dying = timers_.remove(id);  // may cancel others as it goes
  }

  std::uint64_t watch(int descriptor, Readiness interest, Handler handler) {
    if (stopping_) return 0;
    assert(on_loop());
    return poller_.add(descriptor, interest, std::move(handler));
  }

  void change_watch(std::uint64_t id, Readiness interest) { poller_.change(id, interest); }
  void cancel_watch(std::uint64_t id) noexcept { poller_.remove(id); }

 private:
  void run() {
    loop_thread_ = std::this_thread::get_id();
    detail::block_all_signals();
    while (!inbox_.closed()) {
      run_timers();
      const auto next = timers_.earliest();
      const bool due = next && *next <= std::chrono::steady_clock::now();
      if (!due) alarm_.set(next);
      const std::size_t ready = poller_.wait(due);
      for (std::size_t n = 0; n < ready && !inbox_.closed(); ++n) {
        guarded([this, n] { poller_.dispatch(n); });
      }
    }
    drop_all();
    loop_thread_ = std::thread::id();
  }

  void run_timers() {
    const auto now = std::chrono::steady_clock::now();
    const std::uint64_t mark = timers_.mark();
    while (!inbox_.closed()) {
      Task task = timers_.pop_due(now, mark);
      if (!task) return;
      guarded(task);
    }
  }

  void run_posted() {
    for (Task& task : inbox_.take()) {
      if (inbox_.closed()) return;
      guarded(task);
    }
  }

  // The fence around every handler: what it throws ends that call, not the loop.
  template <typename Call>
  void guarded(Call&& call) noexcept {
    std::string reason;
    try {
      call();
      return;
    } catch (const std::exception& error) {
      reason = error.what();
    } catch (...) {
      reason = "an exception that is no std::exception";
    }
    log(log_, {.severity = Severity::Error,
               .component = "engine",
               .message = "a handler on the probe engine failed",
               .fields = {{"reason", reason}}});
  }

  // Tasks die one by one, since each may hold handles to others.
  void drop_all() noexcept {
    stopping_ = true;
    inbox_.take();
    while (timers_.pop_any()) {
    }
    poller_.remove_all();
  }

  const LogSink log_;
  detail::Inbox inbox_;
  detail::Alarm alarm_;
  detail::Poller poller_;
  detail::TimerHeap timers_;
  bool stopping_ = false;  // nothing new is taken while the last things die

  std::atomic<std::thread::id> loop_thread_{};
  detail::Mutex life_;
  std::thread thread_ MPLANE_GUARDED_BY(life_);
  bool started_ MPLANE_GUARDED_BY(life_) = false;
};

Engine::Engine(LogSink log) : loop_(std::make_unique<Loop>(std::move(log))) {}
Engine::~Engine() { stop(); }

void Engine::start() { loop_->start(); }
void Engine::stop() noexcept { loop_->stop(); }
bool Engine::post(Task task) { return loop_->post(std::move(task)); }
bool Engine::on_loop() const noexcept { return loop_->on_loop(); }

Timer Engine::at(SteadyTime when, Task task) {
  return Timer(this, loop_->set_timer(when, std::move(task)));
}

Watch Engine::watch(int descriptor, Readiness interest, Handler handler) {
  return Watch(this, loop_->watch(descriptor, interest, std::move(handler)));
}

Timer::Timer(Timer&& other) noexcept
    : engine_(std::exchange(other.engine_, nullptr)), id_(other.id_) {}

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  engine_ = std::exchange(other.engine_, nullptr);
  id_ = other.id_;
  return *this;
}

void Timer::cancel() noexcept {
  if (Engine* const engine = std::exchange(engine_, nullptr)) engine->loop_->cancel_timer(id_);
}

Watch::Watch(Watch&& other) noexcept
    : engine_(std::exchange(other.engine_, nullptr)), id_(other.id_) {}

Watch& Watch::operator=(Watch&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  engine_ = std::exchange(other.engine_, nullptr);
  id_ = other.id_;
  return *this;
}

void Watch::want(Readiness interest) {
  if (engine_ != nullptr) engine_->loop_->change_watch(id_, interest);
}

void Watch::cancel() noexcept {
  if (Engine* const engine = std::exchange(engine_, nullptr)) engine->loop_->cancel_watch(id_);
}

}  // namespace mplane
