#pragma once

#include "mplane/client/client_listener.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace mplane::test {

/// What happens on the threads of a listener, for the test's own to wait for.
class Notes {
 public:
  void add(std::string note) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(note));
    changed_.notify_all();
  }
  /// So many, waiting for them; generous.
  std::vector<std::string> wait_for(const std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return notes_.size() >= count; });
    return notes_;
  }
  ClientListener::Each each() {
    return [this](const std::optional<Message>& message) {
      add(message ? std::string(message->kind()) : "end");
    };
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> notes_;
};

}  // namespace mplane::test
