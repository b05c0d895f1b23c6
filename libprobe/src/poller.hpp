#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probe/file_descriptor.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sys/epoll.h>
#include <vector>

namespace mplane::detail {

/// The watched descriptors of an engine, on epoll. A handler may add, change and remove watches,
/// its own included, while it runs. One thread at a time.
class Poller {
 public:
  using Handler = Engine::Handler;

  /// @throws Error{Unavailable} when the system has no descriptor left.
  Poller();

  /// @throws Error{Internal} if the descriptor cannot be watched.
  std::uint64_t add(int descriptor, Readiness interest, Handler handler);
  /// Nothing happens for an id that was removed.
  void change(std::uint64_t id, Readiness interest);
  void remove(std::uint64_t id) noexcept;
  void remove_all() noexcept;

  /// Waits until something is ready, or only looks, and says how many there are to `dispatch`.
  std::size_t wait(bool only_look) noexcept;
  /// Calls the handler of the n-th ready descriptor, unless it was removed since.
  void dispatch(std::size_t n);

 private:
  struct Slot {
    std::shared_ptr<Handler> handler;  // shared with the call under way, which may remove it
    int descriptor = -1;
    std::uint32_t generation = 0;  // odd while in use, so that an old id finds nothing
  };

  Slot* find(std::uint64_t id) noexcept;

  FileDescriptor epoll_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::array<epoll_event, 64> events_{};
};

}  // namespace mplane::detail
