#pragma once

#include "shell_session.hpp"

namespace mplane {

template <typename Work>
void ShellSession::attended(const Work& work, const Wish unasked, const bool asks) {
  Watch watch(unasked, asks);
  if (options_.timeout) watch.limit(*options_.timeout);
  try {
    work(watch);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Unavailable || !watch.stop().stop_requested()) throw;
    throw Error(ErrorKind::TimedOut, error.where(),
                watch.wish() != Wish::Nothing ? "not waited for" : "no answer in time");
  }
}

}  // namespace mplane
