#include "worker.hpp"

#include "mplane/tools/log_output.hpp"
#include "simulated.hpp"
#include "world.hpp"

#include <cerrno>
#include <chrono>
#include <deque>
#include <future>
#include <optional>
#include <sys/socket.h>

namespace mplane {
namespace {

using namespace std::chrono_literals;

/// A worker's loop: waits for the word, plays, tells of it. But for `run`, on the engine's loop.
class Worker {
 public:
  explicit Worker(const WorkerTask& task)
      : task_(task),
        engine_(LogOutput({}).sink()),
        world_(task.options, task.supervisor, engine_, task.worker, task.workers) {
    for (std::size_t i = 0; i < task.share.count; ++i) {
      const std::size_t number = task.share.first + i;
      components_.emplace_back(world_, number, task.identities.issue(number));
    }
  }

  void run() {
    if (!send_note(task_.descriptor, {WorkerNote::What::Ready, {}})) return;
    engine_.post([this] {
      orders_ =
          engine_.watch(task_.descriptor, {.readable = true}, [this](Readiness) { take_orders(); });
    });
    engine_.start();
    over_.get_future().wait();
    engine_.stop();
    send_note(task_.descriptor, {WorkerNote::What::Done, world_.tally()});
  }

 private:
  void take_orders() {
    char byte = 0;
    const ssize_t bytes = ::recv(task_.descriptor, &byte, 1, MSG_DONTWAIT);
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (bytes <= 0) return end();
    if (task_.options.time < Duration::max()) {
      until_ = engine_.after(task_.options.time, [this] { end(); });
    }
    for (SimulatedComponent& component : components_) component.start();
    tell();
  }

  void tell() {
    constexpr auto kPeriod = 250ms;
    if (!send_note(task_.descriptor, {WorkerNote::What::Progress, world_.tally()})) return end();
    next_ = engine_.after(kPeriod, [this] { tell(); });
  }

  void end() {
    orders_.cancel();
    next_.cancel();
    until_.cancel();
    over_.set_value();
  }

  const WorkerTask& task_;
  Engine engine_;
  World world_;
  std::deque<SimulatedComponent> components_;
  Watch orders_;
  Timer next_;
  Timer until_;
  std::promise<void> over_;
};

}  // namespace

bool send_note(const int descriptor, const WorkerNote& note) noexcept {
  const auto* bytes = reinterpret_cast<const char*>(&note);
  std::size_t left = sizeof note;
  while (left > 0) {
    const ssize_t sent = ::send(descriptor, bytes, left, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes += sent;
    left -= static_cast<std::size_t>(sent);
  }
  return true;
}

void work(const WorkerTask& task) { Worker(task).run(); }

}  // namespace mplane
