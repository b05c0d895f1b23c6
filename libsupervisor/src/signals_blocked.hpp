#pragma once

#include <csignal>
#include <pthread.h>

namespace mplane::detail {

/// Keeps SIGINT and SIGTERM, which are for the program's main thread, away from this thread and
/// from those it starts, for a scope. One thread at a time.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept : before_() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace mplane::detail
