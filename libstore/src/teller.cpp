#include "teller.hpp"

#include <pthread.h>
#include <utility>

namespace mplane::detail {

Teller::Teller(const char* const name) : name_(name), thread_([this] { run(); }) {}

Teller::~Teller() {
  {
    const Lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Teller::tell(Call call) {
  {
    const Lock lock(mutex_);
    calls_.push_back(std::move(call));
    if (calls_.size() > 1) return;  // it was woken
  }
  changed_.notify_one();
}

void Teller::run() {
  ::pthread_setname_np(::pthread_self(), name_);
  std::vector<Call> calls;
  Lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this]() MPLANE_REQUIRES(mutex_) { return ending_ || !calls_.empty(); });
    if (calls_.empty()) return;
    calls.swap(calls_);
    lock.unlock();
    for (Call& call : calls) {
      call();
      call = nullptr;  // what it held goes at once
    }
    calls.clear();
    lock.lock();
  }
}

}  // namespace mplane::detail
