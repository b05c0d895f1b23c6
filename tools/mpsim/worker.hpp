#pragma once

#include "identities.hpp"
#include "mplane/probe/socket_address.hpp"
#include "options.hpp"
#include "plan.hpp"
#include "tally.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace mplane {

/// What a worker says to who started it: its bytes are sent as they are.
struct WorkerNote {
  enum class What : std::uint8_t {
    Ready,     ///< its components have their certificates
    Progress,  ///< now and then
    Done,      ///< the last one
  };
  What what = What::Ready;
  Tally tally = {};
};
static_assert(std::is_trivially_copyable_v<WorkerNote>);

/// Sends one. False, when nobody is there to read it.
bool send_note(int descriptor, const WorkerNote& note) noexcept;

/// One process of a fleet: one event loop for all its components.
struct WorkerTask {
  const SimOptions& options;
  const SocketAddress& supervisor;
  const Identities& identities;
  WorkerShare share;
  std::size_t worker;   ///< which one, from 0
  std::size_t workers;  ///< how many there are
  int descriptor;  ///< a socket: notes go out; a byte that comes in starts it, the end stops it
};

/// Plays the components until the time is over, or the other side of the socket closes.
void work(const WorkerTask& task);

}  // namespace mplane
