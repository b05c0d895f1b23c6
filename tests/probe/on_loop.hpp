#pragma once

#include "mplane/probe/engine.hpp"

#include <future>
#include <memory>
#include <utility>

namespace mplane::test {

/// Runs a function on the engine's loop, waits for it and hands back what it returns.
template <typename F>
auto on_loop(Engine& engine, F function) {
  std::packaged_task<decltype(function())()> task(std::move(function));
  auto answer = task.get_future();
  engine.post([task = std::move(task)]() mutable { task(); });
  return answer.get();
}

/// Something that one thread waits for and another one does.
class Event {
 public:
  void happen() { promise_.set_value(); }
  /// Whether it happened in time; generous, since only failing tests wait so long.
  bool happened() {
    return promise_.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready;
  }

 private:
  std::promise<void> promise_;
};

}  // namespace mplane::test
