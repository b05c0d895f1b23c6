#pragma once

#include <csignal>
#include <initializer_list>

namespace mplane {

/// Those of the signals that the program's parent does not want ignored, as a shell does in the
/// background and nohup always.
inline sigset_t heeded(const std::initializer_list<int> signals) {
  sigset_t set{};
  sigemptyset(&set);
  for (const int signal : signals) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&set, signal);
  }
  return set;
}

}  // namespace mplane
