#include "sleeping_threads.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace yardstick {

struct SleepingThreads::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::condition_variable over;
  std::size_t asleep = 0;
  bool ending = false;
  std::vector<std::thread> threads;

  void sleep() {
    std::unique_lock lock(mutex);
    ++asleep;
    changed.notify_one();
    over.wait(lock, [this] { return ending; });
  }
};

SleepingThreads::SleepingThreads(const std::size_t count) : state_(std::make_unique<State>()) {
  for (std::size_t i = 0; i < count; ++i) {
    state_->threads.emplace_back([state = state_.get()] { state->sleep(); });
  }
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this, count] { return state_->asleep == count; });
}

SleepingThreads::~SleepingThreads() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->over.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
}

}  // namespace yardstick
