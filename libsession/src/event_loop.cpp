#include "event_loop.hpp"

#include "connection.hpp"
#include "response_head.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>

namespace mplane::detail {
namespace {

using std::chrono::milliseconds;

/// So many peers over the limit are told so; those beyond are just closed.
constexpr std::size_t kToldOverLimit = 64;
/// A buffer that grew over this is not kept.
constexpr std::size_t kKeptBuffer = 64 * 1024;

/// So often within a limit of time its end is looked for.
milliseconds part_of(const milliseconds limit) {
  return std::clamp(limit / 8, milliseconds(2), milliseconds(1000));
}

milliseconds tick_period(const ListenerLimits& limits) {
  return part_of(
      std::min({limits.handshake, limits.header, limits.body, limits.idle, limits.write}));
}

}  // namespace

void Mailbox::post(std::function<void()> task) {
  Lock lock(mutex_);
  if (context_ != nullptr) boost::asio::post(*context_, std::move(task));
}

void Mailbox::close() {
  thread_ = std::thread::id();
  Lock lock(mutex_);
  context_ = nullptr;
}

EventLoop::EventLoop(Site& site, std::size_t handshakes)
    : site_(site),
      max_newcomers_(std::max<std::size_t>(handshakes, 1)),
      tick_period_(tick_period(site.limits)),
      work_(boost::asio::make_work_guard(context_)),
      mailbox_(std::make_shared<Mailbox>(context_)),
      ticker_(context_) {}

EventLoop::~EventLoop() { mailbox_->close(); }

void EventLoop::run() {
  mailbox_->open_for(std::this_thread::get_id());
  while (!context_.stopped()) {
    try {
      context_.run();
    } catch (const std::exception& error) {  // memory ran out somewhere; the others go on
      site_.log(Severity::Error, "an event failed", {{"reason", error.what()}});
    }
  }
  mailbox_->close();
}

void EventLoop::drain() {
  if (std::exchange(draining_, true)) return;
  drained_by_ = Clock::now() + site_.limits.drain;
  for (const auto* const list : {&newcomers_, &established_}) {
    const auto connections = *list;  // those that close leave the list
    for (const auto& connection : connections) connection->wind_up();
  }
  if (ticking_) wait_for_tick(part_of(site_.limits.drain));
  leave_if_drained();
}

void EventLoop::adopt(Descriptor descriptor, std::string remote) {
  if (draining_) return;
  if (newcomers_.size() >= max_newcomers_) evict_newcomer();
  try {
    const auto connection = std::make_shared<Connection>(*this, site_, std::move(descriptor),
                                                         std::move(remote), site_.tls());
    connection->start(newcomers_.insert(newcomers_.end(), connection));
    arm_tick();
  } catch (const std::exception& error) {
    site_.log(Severity::Error, "a connection could not be set up", {{"reason", error.what()}});
  }
}

void EventLoop::evict_newcomer() {
  // Whoever floods us with half-open handshakes drives out the oldest of them, not known peers.
  const auto oldest = newcomers_.front();
  site_.complain(Severity::Warning, "too many unfinished handshakes: the oldest is dropped",
                 {{"peer", oldest->remote()}});
  oldest->close();
}

bool EventLoop::establish(Place place) {
  const std::size_t known = ++site_.established;
  established_.splice(established_.end(), newcomers_, place);
  return known <= site_.limits.connections + kToldOverLimit;
}

void EventLoop::remove(Place place, bool established) {
  if (established) --site_.established;
  (established ? established_ : newcomers_).erase(place);
  leave_if_drained();
}

void EventLoop::leave_if_drained() {
  if (!draining_ || !newcomers_.empty() || !established_.empty()) return;
  ticker_.cancel();
  work_.reset();
}

void EventLoop::arm_tick() {
  if (std::exchange(ticking_, true)) return;
  wait_for_tick(draining_ ? std::min(tick_period_, part_of(site_.limits.drain)) : tick_period_);
}

void EventLoop::wait_for_tick(const milliseconds period) {
  ticker_.expires_after(period);
  ticker_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // another wait took its place, or it is over
    ticking_ = false;
    tick();
  });
}

void EventLoop::tick() {
  const auto now = Clock::now();
  // Closing one may close others, by way of those who wait for it: look first, act then.
  std::vector<std::shared_ptr<Connection>> due;
  for (const auto* const list : {&newcomers_, &established_}) {
    std::copy_if(list->begin(), list->end(), std::back_inserter(due), [&](const auto& connection) {
      return now >= drained_by_ || connection->is_due(now);
    });
  }
  for (const auto& connection : established_) connection->rest();
  for (const auto& connection : due) {
    if (now >= drained_by_) {
      connection->close();
    } else {
      connection->expire();
    }
  }
  if (!newcomers_.empty() || !established_.empty()) arm_tick();
}

std::string EventLoop::borrow_buffer() {
  std::string buffer = std::move(buffer_);
  buffer.clear();
  return buffer;
}

void EventLoop::return_buffer(std::string buffer) {
  if (buffer.capacity() <= kKeptBuffer) buffer_ = std::move(buffer);
}

const std::string& EventLoop::date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_of_) {
    date_of_ = now;
    date_ = http_date(now);
  }
  return date_;
}

}  // namespace mplane::detail
