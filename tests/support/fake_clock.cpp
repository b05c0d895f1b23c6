#include "support/fake_clock.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace mplane::test {

using std::chrono::nanoseconds;

struct FakeClock::State {
  std::mutex mutex;
  std::condition_variable changed;
  Instant now;
  nanoseconds steady{0};
  std::vector<const FakeAlarm*> alarms;

  void settle(std::unique_lock<std::mutex>& lock);
  nanoseconds earliest() const;
};

class FakeClock::FakeAlarm final : public Alarm {
 public:
  explicit FakeAlarm(std::shared_ptr<State> state) : state_(std::move(state)) {
    const std::lock_guard lock(state_->mutex);
    state_->alarms.push_back(this);
  }

  ~FakeAlarm() override {
    const std::lock_guard lock(state_->mutex);
    std::erase(state_->alarms, this);
    state_->changed.notify_all();
  }

  void wait_until(nanoseconds deadline) override {
    std::unique_lock lock(state_->mutex);
    deadline_ = deadline;
    waiting_ = true;
    seen_ = state_->now - Instant() - state_->steady;
    state_->changed.notify_all();
    state_->changed.wait(lock, [this] { return !asleep(); });
    waiting_ = false;
    rung_ = false;
  }

  void ring() override {
    const std::lock_guard lock(state_->mutex);
    rung_ = true;
    state_->changed.notify_all();
  }

  /// Whether it waits and has no reason to wake up. With the state's mutex held.
  bool asleep() const {
    const bool stepped = seen_ != state_->now - Instant() - state_->steady;
    return waiting_ && !rung_ && !stepped && deadline_ > state_->steady;
  }
  nanoseconds deadline() const { return deadline_; }

 private:
  std::shared_ptr<State> state_;
  nanoseconds deadline_{0};
  nanoseconds seen_{0};  // the time of day less the steady one: changes with a step alone
  bool waiting_ = false;
  bool rung_ = false;
};

void FakeClock::State::settle(std::unique_lock<std::mutex>& lock) {
  changed.wait(lock, [this] {
    return std::all_of(alarms.begin(), alarms.end(), [](auto* alarm) { return alarm->asleep(); });
  });
}

nanoseconds FakeClock::State::earliest() const {
  nanoseconds earliest = Alarm::kNever;
  for (const FakeAlarm* alarm : alarms) earliest = std::min(earliest, alarm->deadline());
  return earliest;
}

FakeClock::FakeClock() : FakeClock(Time::parse("2015-06-01 12:00:00").instant()) {}

FakeClock::FakeClock(Instant start) : state_(std::make_shared<State>()) { state_->now = start; }

FakeClock::~FakeClock() = default;

Instant FakeClock::now() const {
  const std::lock_guard lock(state_->mutex);
  return state_->now;
}

nanoseconds FakeClock::steady() const {
  const std::lock_guard lock(state_->mutex);
  return state_->steady;
}

std::unique_ptr<Alarm> FakeClock::make_alarm() const { return std::make_unique<FakeAlarm>(state_); }

void FakeClock::advance(Duration by) {
  std::unique_lock lock(state_->mutex);
  const nanoseconds end = state_->steady + by;
  while (true) {
    state_->settle(lock);
    if (state_->steady >= end) return;
    const nanoseconds next = std::min(end, state_->earliest());
    // Whole microseconds at each halt, so that the time of day keeps up.
    const auto way = std::chrono::ceil<Duration>(next - state_->steady);
    state_->steady += way;
    state_->now += way;
    state_->changed.notify_all();
  }
}

void FakeClock::step(Duration by) {
  std::unique_lock lock(state_->mutex);
  state_->settle(lock);
  state_->now += by;
  state_->changed.notify_all();
  state_->settle(lock);
}

void FakeClock::suspend(Duration by) {
  std::unique_lock lock(state_->mutex);
  state_->settle(lock);
  state_->steady += by;
  state_->now += by;
  state_->changed.notify_all();
  state_->settle(lock);
}

void FakeClock::settle() {
  std::unique_lock lock(state_->mutex);
  state_->settle(lock);
}

}  // namespace mplane::test
