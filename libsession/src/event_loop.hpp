#pragma once

#include "descriptor.hpp"
#include "site.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace mplane::detail {

class Connection;

/// The way into a loop for other threads, which outlives it: an answer may come when the listener
/// is long gone. Thread-safe.
class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& context) : context_(&context) {}

  /// Has the loop run the task; drops it when the loop has ended.
  void post(std::function<void()> task);
  /// Called on the loop's thread?
  bool is_own_thread() const noexcept { return thread_.load() == std::this_thread::get_id(); }

  void open_for(std::thread::id thread) noexcept { thread_ = thread; }
  void close();

 private:
  std::atomic<std::thread::id> thread_{};
  Mutex mutex_;
  boost::asio::io_context* context_ MPLANE_GUARDED_BY(mutex_);
};

/// One event loop of a listener with its connections. A resource; everything but run's caller and
/// the mailbox is for the loop's own thread.
///
/// Deadlines are looked after by one timer that passes over the connections several times within
/// the shortest of them: that costs a request nothing, and nothing at all without connections.
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using Place = std::list<std::shared_ptr<Connection>>::iterator;

  explicit EventLoop(Site& site, std::size_t handshakes);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  boost::asio::io_context& context() noexcept { return context_; }
  const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }

  /// Serves on the calling thread until drained.
  void run();
  /// Takes no more connections, closes idle ones, gives the others until the drain limit.
  void drain();

  /// Takes over a connection that was just accepted.
  void adopt(Descriptor descriptor, std::string remote);
  /// The connection has finished its handshake. False: there are too many even to tell it so.
  bool establish(Place place);
  void remove(Place place, bool established);

  /// Room to read into, for the time of one call.
  std::array<char, 16 * 1024>& scratch() noexcept { return scratch_; }
  /// A string with room for an answer; hand it back when it is sent.
  std::string borrow_buffer();
  void return_buffer(std::string buffer);
  /// The value of the Date header.
  const std::string& date();

 private:
  void arm_tick();
  void wait_for_tick(std::chrono::milliseconds period);
  void tick();
  void evict_newcomer();
  void leave_if_drained();

  Site& site_;
  const std::size_t max_newcomers_;
  const std::chrono::milliseconds tick_period_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::shared_ptr<Mailbox> mailbox_;
  boost::asio::steady_timer ticker_;
  bool ticking_ = false;
  bool draining_ = false;
  Clock::time_point drained_by_ = Clock::time_point::max();

  std::list<std::shared_ptr<Connection>> newcomers_;    ///< in their handshake, oldest first
  std::list<std::shared_ptr<Connection>> established_;  ///< known peers

  std::array<char, 16 * 1024> scratch_{};
  std::string buffer_;
  std::string date_;
  std::time_t date_of_ = 0;
};

}  // namespace mplane::detail
