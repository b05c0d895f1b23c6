#include "mplane/scheduler/detail/worker_pool.hpp"

#include <pthread.h>
#include <utility>

namespace mplane::detail {

WorkerPool::WorkerPool(std::size_t most) : most_(most), state_(std::make_shared<State>()) {}

WorkerPool::~WorkerPool() { close(0); }

void WorkerPool::post(Task task) {
  bool calls = false;
  {
    const Lock lock(state_->mutex);
    if (state_->closed) return;
    state_->tasks.push_back(std::move(task));
    calls = calls_another(*state_);
    if (state_->tasks.size() > state_->free && workers_.size() < most_) {
      auto busy = std::make_shared<bool>(false);
      std::thread thread([state = state_, busy] { work(state, *busy); });
      workers_.push_back({std::move(busy), std::move(thread)});
    }
  }
  // Not before: who is woken would wait for the lock.
  if (calls) state_->changed.notify_one();
}

void WorkerPool::close(std::size_t lost) noexcept {
  std::vector<Worker> workers;
  std::vector<bool> is_lost;
  {
    Lock lock(state_->mutex);
    state_->closed = true;
    state_->tasks.clear();
    state_->changed.notify_all();
    state_->changed.wait(lock,
                         [&]() MPLANE_REQUIRES(state_->mutex) { return state_->busy <= lost; });
    workers = std::exchange(workers_, {});
    for (const Worker& worker : workers) is_lost.push_back(*worker.busy);
  }
  for (std::size_t i = 0; i < workers.size(); ++i) {
    is_lost[i] ? workers[i].thread.detach() : workers[i].thread.join();
  }
}

/// Whether somebody has to be woken.
bool WorkerPool::calls_another(State& state) {
  if (state.calling || state.free == 0 || state.tasks.empty()) return false;
  state.calling = true;
  return true;
}

void WorkerPool::work(const std::shared_ptr<State>& state, bool& busy) {
  ::pthread_setname_np(::pthread_self(), "mplane-worker");
  Lock lock(state->mutex);
  while (true) {
    ++state->free;
    bool slept = false;
    state->changed.wait(lock, [&]() MPLANE_REQUIRES(state->mutex) {
      if (std::exchange(slept, true)) state->calling = false;
      return state->closed || !state->tasks.empty();
    });
    --state->free;
    if (state->closed) return;
    Task task = std::move(state->tasks.front());
    state->tasks.pop_front();
    busy = true;
    ++state->busy;
    const bool calls = calls_another(*state);
    lock.unlock();
    if (calls) state->changed.notify_one();
    task();
    task = nullptr;  // what it holds may need the lock
    lock.lock();
    busy = false;
    --state->busy;
    if (state->closed) state->changed.notify_all();
  }
}

}  // namespace mplane::detail
