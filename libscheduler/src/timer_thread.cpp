#include "timer_thread.hpp"

#include <pthread.h>
#include <utility>

namespace mplane::detail {

TimerThread::TimerThread(const Clock& clock, Turn turn) : state_(std::make_shared<State>()) {
  state_->alarm = clock.make_alarm();
  state_->turn = std::move(turn);
  thread_ = std::thread([state = state_] { work(state); });
}

TimerThread::~TimerThread() { close(false); }

void TimerThread::close(bool let_go) noexcept {
  if (!thread_.joinable()) return;
  state_->closed = true;
  ring();
  let_go ? thread_.detach() : thread_.join();
}

void TimerThread::work(const std::shared_ptr<State>& state) {
  ::pthread_setname_np(::pthread_self(), "mplane-timer");
  while (!state->closed) state->alarm->wait_until(state->turn());
  state->turn = nullptr;  // it may hold who holds us
}

}  // namespace mplane::detail
