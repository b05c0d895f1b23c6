#include "watch.hpp"

#include "heeded_signals.hpp"
#include "mplane/model/duration.hpp"
#include "mplane/model/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mplane {
namespace {

using detail::Lock;

constexpr std::chrono::seconds kTick(1);

void write_to_terminal(const std::string_view text) {
  // A terminal that does not take it has nobody looking at it.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

int checked(const int descriptor) {
  if (descriptor >= 0) return descriptor;
  throw Error(ErrorKind::Internal, "", std::generic_category().message(errno));
}

}  // namespace

Watch::Watch(const Wish unasked, const bool asks)
    : unasked_(unasked),
      on_terminal_(isatty(STDERR_FILENO) == 1),
      asks_(asks && on_terminal_ && isatty(STDIN_FILENO) == 1) {
  const sigset_t signals = heeded({SIGINT, SIGTERM});
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
  signals_ = checked(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  wakeup_ = checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  thread_ = std::jthread([this](const std::stop_token& done) {
    while (!done.stop_requested()) run();
  });
}

Watch::~Watch() {
  thread_.request_stop();
  wake();
  thread_.join();
  show_nothing();
  close(wakeup_);
  close(signals_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Watch::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wakeup_, &one, sizeof one);
}

void Watch::limit(const Duration at_most) {
  {
    const Lock lock(mutex_);
    deadline_.reset();
    if (at_most < std::chrono::hours(24 * 365 * 100)) deadline_ = begin_ + at_most;
  }
  wake();
}

bool Watch::is_terminated() const {
  const Lock lock(mutex_);
  return terminated_;
}

Wish Watch::wish() const {
  const Lock lock(mutex_);
  return wish_;
}

void Watch::show(std::string what, const std::optional<Duration> takes) {
  if (!on_terminal_) return;
  {
    const Lock lock(mutex_);
    what_ = std::move(what);
    takes_ = takes;
  }
  wake();
}

void Watch::show_nothing() {
  const Lock lock(mutex_);
  what_.clear();
  if (std::exchange(drawn_, false)) write_to_terminal("\r\x1b[K");
  if (std::exchange(asking_, false)) write_to_terminal("\n");
}

void Watch::run() {
  wait_for_event();
  take_signals();
  check_time();
  draw();
}

void Watch::wait_for_event() {
  std::optional<Clock::time_point> until;
  bool asking = false;
  {
    const Lock lock(mutex_);
    asking = asking_;
    if (deadline_ && !time_over_) until = deadline_;
    if (!what_.empty() && !asking)
      until = std::min(until.value_or(Clock::time_point::max()), Clock::now() + kTick);
  }
  int timeout = -1;
  if (until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Clock::now()).count();
    timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000'000));
  }
  std::array<pollfd, 3> events{pollfd{signals_, POLLIN, 0}, pollfd{wakeup_, POLLIN, 0},
                               pollfd{asking ? STDIN_FILENO : -1, POLLIN, 0}};
  poll(events.data(), events.size(), timeout);
  if (events[2].revents != 0) take_answer();
  std::uint64_t count = 0;
  [[maybe_unused]] const auto ignored = ::read(wakeup_, &count, sizeof count);
}

void Watch::take_signals() {
  signalfd_siginfo signal{};
  while (::read(signals_, &signal, sizeof signal) == sizeof signal) {
    take_signal(static_cast<int>(signal.ssi_signo));
  }
}

void Watch::take_signal(const int signal) {
  bool first = false;
  {
    const Lock lock(mutex_);
    first = wish_ == Wish::Nothing && !asking_;
    terminated_ |= signal == SIGTERM;
  }
  if (first && asks_ && signal == SIGINT) {
    ask();
    return;
  }
  if (!first) give_up_.request_stop();
  decide(first ? unasked_ : Wish::Leave);
}

void Watch::ask() {
  const Lock lock(mutex_);
  asking_ = true;
  if (std::exchange(drawn_, false)) write_to_terminal("\r\x1b[K");
  write_to_terminal("\ninterrupt it (i), only stop waiting (s), or go on (g)? ");
}

void Watch::take_answer() {
  std::array<char, 256> line{};
  const auto length = ::read(STDIN_FILENO, line.data(), line.size());
  {
    const Lock lock(mutex_);
    asking_ = false;
  }
  const char answer = length > 0 ? line[0] : 's';  // who has hung up does not wait
  if (answer == 'i' || answer == 'I') decide(Wish::Interrupt);
  if (answer == 's' || answer == 'S') decide(Wish::Leave);
}

/// The first wish counts.
void Watch::decide(const Wish wish) {
  {
    const Lock lock(mutex_);
    asking_ = false;
    if (wish_ == Wish::Nothing) wish_ = wish;
  }
  stop_.request_stop();
}

void Watch::check_time() {
  {
    const Lock lock(mutex_);
    if (!deadline_ || time_over_ || Clock::now() < *deadline_) return;
    time_over_ = true;
  }
  stop_.request_stop();
}

void Watch::draw() {
  const Lock lock(mutex_);
  if (what_.empty() || asking_) return;
  const auto passed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begin_);
  std::string line = what_ + ": " + to_string(passed);
  if (takes_) line += " of " + to_string(*takes_);
  // A line that is wrapped cannot be written over.
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  if (known) line.resize(std::min<std::size_t>(line.size(), size.ws_col - 1U));
  write_to_terminal("\r" + line + "\x1b[K");
  drawn_ = true;
}

}  // namespace mplane
