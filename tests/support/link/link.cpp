#include "support/link/link.hpp"

#include "mplane/probe/file_descriptor.hpp"
#include "support/link/frame.hpp"
#include "support/link/packet_port.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <pthread.h>
#include <queue>
#include <sched.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace mplane::test {
namespace {

using Steady = std::chrono::steady_clock;
using SteadyTime = Steady::time_point;
using WallClock = std::chrono::system_clock;

FileDescriptor checked(int descriptor) {
  if (descriptor < 0) throw std::runtime_error(std::strerror(errno));
  return FileDescriptor(descriptor);
}

// One way through the link.
struct Lane {
  Direction direction;
  PacketPort& from;
  PacketPort& to;
  Impairment impairment;
  FateSource fates;
  std::uint64_t next_number = 0;
};

// A packet under way.
struct Transit {
  SteadyTime due;
  std::uint64_t order;  // of arrival: breaks ties
  Lane* lane;
  Frame frame;
  LinkRecord record;

  bool operator<(const Transit& other) const noexcept {  // the earliest is the queue's greatest
    return due != other.due ? due > other.due : order > other.order;
  }
};

}  // namespace

class Link::Loop {
 public:
  Loop(const std::string& interface_a, const std::string& interface_b, const LinkSettings& settings,
       Log log)
      : a_(interface_a),
        b_(interface_b),
        lanes_{Lane{Direction::AToB, a_, b_, settings.a_to_b,
                    FateSource(settings.a_to_b, settings.seed)},
               Lane{Direction::BToA, b_, a_, settings.b_to_a,
                    FateSource(settings.b_to_a, ~settings.seed)}},
        log_(std::move(log)),
        epoll_(checked(::epoll_create1(EPOLL_CLOEXEC))),
        timer_(checked(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK))),
        stop_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {
    for (const int fd : {a_.descriptor(), b_.descriptor(), timer_.number(), stop_.number()}) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = fd;
      if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, fd, &event) != 0) {
        throw std::runtime_error(std::strerror(errno));
      }
    }
    thread_ = std::thread([this] { run(); });
    const sched_param first_in_line{.sched_priority = 1};  // where the system lets us
    ::pthread_setschedparam(thread_.native_handle(), SCHED_FIFO, &first_in_line);
  }

  ~Loop() {
    const std::uint64_t one = 1;
    if (::write(stop_.number(), &one, sizeof one) == sizeof one) thread_.join();
  }

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

 private:
  void run() {
    for (;;) {
      std::array<epoll_event, 4> events{};
      const int count = ::epoll_wait(epoll_.number(), events.data(), 4, -1);
      for (int n = 0; n < count; ++n) {
        if (events.at(static_cast<std::size_t>(n)).data.fd == stop_.number()) return;
      }
      for (Lane& lane : lanes_) {
        while (auto frame = lane.from.receive()) take(lane, std::move(*frame));
      }
      send_due();
    }
  }

  void take(Lane& lane, Frame frame) {
    if (is_housekeeping(frame.ethernet())) return lane.to.send(frame);
    const Fate fate = lane.fates.next();
    LinkRecord record{.direction = lane.direction,
                      .number = lane.next_number++,
                      .fate = fate,
                      .arrived = frame.arrived,
                      .departed = {},
                      .bytes = frame.ethernet().size(),
                      .packet = describe(frame.ethernet())};
    if (fate.dropped) return log_(record);
    // The delay counts from the kernel's stamp: how late we read it does not matter.
    const auto age = std::max(WallClock::now() - frame.arrived, std::chrono::nanoseconds(0));
    const auto delay = lane.impairment.delay +
                       (fate.held_back ? lane.impairment.reorder_by : std::chrono::nanoseconds(0));
    under_way_.push(Transit{Steady::now() - age + delay, next_order_++, &lane, std::move(frame),
                            std::move(record)});
  }

  void send_due() {
    while (!under_way_.empty() && under_way_.top().due <= Steady::now()) {
      Transit transit = under_way_.top();
      under_way_.pop();
      transit.record.departed = WallClock::now();
      transit.lane->to.send(transit.frame);
      if (transit.record.fate.duplicated) transit.lane->to.send(transit.frame);
      log_(transit.record);
    }
    wake_for_next();
  }

  void wake_for_next() const noexcept {
    itimerspec spec{};
    if (!under_way_.empty()) {
      const auto due = under_way_.top().due.time_since_epoch();
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(due);
      spec.it_value.tv_sec = seconds.count();
      spec.it_value.tv_nsec = (due - seconds).count();
    }
    ::timerfd_settime(timer_.number(), TFD_TIMER_ABSTIME, &spec, nullptr);
  }

  PacketPort a_;
  PacketPort b_;
  std::array<Lane, 2> lanes_;
  const Log log_;
  const FileDescriptor epoll_;
  const FileDescriptor timer_;
  const FileDescriptor stop_;
  std::priority_queue<Transit> under_way_;
  std::uint64_t next_order_ = 0;
  std::thread thread_;
};

Link::Link(const std::string& interface_a, const std::string& interface_b,
           const LinkSettings& settings, Log log)
    : loop_(std::make_unique<Loop>(interface_a, interface_b, settings, std::move(log))) {}
Link::~Link() = default;

}  // namespace mplane::test
