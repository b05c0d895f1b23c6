#pragma once

#include <csignal>
#include <pthread.h>

namespace mplane::detail {

/// For threads of ours: signals are for the program's own ones, which know what to do with them.
inline void block_all_signals() noexcept {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

/// Those that ask a program to end.
inline sigset_t stop_signals() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

/// Keeps SIGINT and SIGTERM, which are for the program's main thread, away from this thread and
/// from those it starts, for a scope. One thread at a time.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept : before_() {
    const sigset_t signals = stop_signals();
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace mplane::detail
