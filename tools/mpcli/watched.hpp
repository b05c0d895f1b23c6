#pragma once

#include "mplane/model/error.hpp"
#include "options.hpp"
#include "watch.hpp"

namespace mplane {

/// Runs a command that is stopped by signals and by the options' timeout. The watch is made with
/// `how`.
/// @throws what it throws; Error{TimedOut} when it was stopped.
template <typename Command, typename... How>
int watched(const Options& options, const Command& command, const How... how) {
  Watch watch(how...);
  if (options.timeout) watch.limit(*options.timeout);
  try {
    return command(watch);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Unavailable || !watch.stop().stop_requested()) throw;
    throw Error(ErrorKind::TimedOut, error.where(),
                watch.wish() != Wish::Nothing ? "interrupted" : "no answer in time");
  }
}

}  // namespace mplane
