#pragma once

#include "shell_session.hpp"
#include "watched.hpp"

namespace mplane {

template <typename Work>
void ShellSession::attended(const Work& work, const Wish unasked, const bool asks) {
  Watch watch(unasked, asks);
  try {
    stopped_by(watch, options_, "not waited for", work);
  } catch (const Error&) {
    done_ = done_ || watch.is_terminated();
    throw;
  }
  done_ = done_ || watch.is_terminated();
}

}  // namespace mplane
