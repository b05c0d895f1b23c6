#pragma once

#include "mplane/model/error.hpp"
#include "options.hpp"
#include "watch.hpp"

#include <string>

namespace mplane {

/// Does work that the watch stops: at a signal, or when the options' timeout is over.
/// @param left what is said when it is the user who stopped it.
/// @throws what the work throws; Error{TimedOut} when it was stopped.
template <typename Work>
auto stopped_by(Watch& watch, const Options& options, const std::string& left, const Work& work) {
  if (options.timeout) watch.limit(*options.timeout);
  try {
    return work(watch);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Unavailable || !watch.stop().stop_requested()) throw;
    throw Error(ErrorKind::TimedOut, error.where(),
                watch.wish() != Wish::Nothing ? left : "no answer in time");
  }
}

/// Runs a command with a watch of its own, which is made with `how`.
template <typename Command, typename... How>
int watched(const Options& options, const Command& command, const How... how) {
  Watch watch(how...);
  return stopped_by(watch, options, "interrupted", command);
}

}  // namespace mplane
