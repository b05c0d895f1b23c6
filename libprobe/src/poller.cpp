#include "poller.hpp"

#include "mplane/model/error.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace mplane::detail {
namespace {

std::uint32_t events_for(Readiness interest) noexcept {
  const std::uint32_t in = EPOLLIN;
  const std::uint32_t out = EPOLLOUT;
  return (interest.readable ? in : 0U) | (interest.writable ? out : 0U);
}

Readiness readiness_of(std::uint32_t events) noexcept {
  return {.readable = (events & EPOLLIN) != 0,
          .writable = (events & EPOLLOUT) != 0,
          .failed = (events & (EPOLLERR | EPOLLHUP)) != 0};
}

}  // namespace

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) {
    throw Error(ErrorKind::Unavailable, "",
                std::string("the event loop cannot be made: ") + std::strerror(errno));
  }
}

std::uint64_t Poller::add(int descriptor, Readiness interest, Handler handler) {
  if (free_.empty()) {
    slots_.emplace_back();
    free_.reserve(slots_.capacity());  // so that giving a slot back never allocates
    free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
  }
  const std::uint32_t index = free_.back();
  Slot& slot = slots_[index];
  slot.handler = std::make_shared<Handler>(std::move(handler));
  const std::uint64_t id = (std::uint64_t{slot.generation + 1} << 32U) | index;
  epoll_event event{};
  event.events = events_for(interest);
  event.data.u64 = id;
  if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    slot.handler.reset();
    throw Error(
        ErrorKind::Internal, "",
        "descriptor " + std::to_string(descriptor) + " cannot be watched: " + std::strerror(errno));
  }
  slot.descriptor = descriptor;
  ++slot.generation;
  free_.pop_back();
  return id;
}

void Poller::change(std::uint64_t id, Readiness interest) {
  const Slot* const slot = find(id);
  if (slot == nullptr) return;
  epoll_event event{};
  event.events = events_for(interest);
  event.data.u64 = id;
  if (::epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, slot->descriptor, &event) != 0) {
    throw Error(ErrorKind::Internal, "",
                "the watch over descriptor " + std::to_string(slot->descriptor) +
                    " cannot be changed: " + std::strerror(errno));
  }
}

void Poller::remove(std::uint64_t id) noexcept {
  Slot* const slot = find(id);
  if (slot == nullptr) return;
  ::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, slot->descriptor, nullptr);
  const std::shared_ptr<Handler> dying = std::move(slot->handler);  // may remove others as it goes
  ++slot->generation;
  free_.push_back(static_cast<std::uint32_t>(id));
}

void Poller::remove_all() noexcept {
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    remove((std::uint64_t{slots_[index].generation} << 32U) | index);
  }
}

std::size_t Poller::wait(bool only_look) noexcept {
  const int ready = ::epoll_wait(epoll_.number(), events_.data(), static_cast<int>(events_.size()),
                                 only_look ? 0 : -1);
  return ready > 0 ? static_cast<std::size_t>(ready) : 0;
}

void Poller::dispatch(std::size_t n) {
  const Slot* const slot = find(events_[n].data.u64);
  if (slot == nullptr) return;
  const std::shared_ptr<Handler> handler = slot->handler;
  (*handler)(readiness_of(events_[n].events));
}

Poller::Slot* Poller::find(std::uint64_t id) noexcept {
  const auto index = static_cast<std::uint32_t>(id);
  const auto generation = static_cast<std::uint32_t>(id >> 32U);
  const bool in_use = generation % 2 == 1;
  if (!in_use || index >= slots_.size() || slots_[index].generation != generation) return nullptr;
  return &slots_[index];
}

}  // namespace mplane::detail
