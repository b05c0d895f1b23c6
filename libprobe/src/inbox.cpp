#include "inbox.hpp"

#include "mplane/model/error.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace mplane::detail {

Inbox::Inbox() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_) {
    throw Error(ErrorKind::Unavailable, "",
                std::string("the event loop cannot be woken: ") + std::strerror(errno));
  }
}

bool Inbox::put(Task task) {
  bool first = false;
  {
    const Lock lock(mutex_);
    if (closed_) return false;
    first = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  if (first) ring();
  return true;
}

std::vector<Inbox::Task> Inbox::take() {
  std::uint64_t rings = 0;
  if (::read(event_.number(), &rings, sizeof rings) < 0) rings = 0;  // nobody has rung
  const Lock lock(mutex_);
  return std::exchange(tasks_, {});
}

bool Inbox::close() noexcept {
  {
    const Lock lock(mutex_);
    if (closed_) return false;
    closed_ = true;
  }
  ring();
  return true;
}

bool Inbox::closed() const noexcept {
  const Lock lock(mutex_);
  return closed_;
}

void Inbox::ring() const noexcept {
  const std::uint64_t one = 1;
  // The write can fail only when the counter is full, and then the loop has been woken already.
  if (::write(event_.number(), &one, sizeof one) < 0) return;
}

}  // namespace mplane::detail
