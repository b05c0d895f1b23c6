#pragma once

#include "mplane/model/detail/mutex.hpp"

#include <memory>
#include <utility>

namespace mplane::detail {

/// Keeps callbacks out that come when whom they are for has gone. Thread-safe; closed by a
/// destructor, before the members that the callbacks use are gone.
class CallbackGate {
 public:
  /// The callback as long as the gate is open, nothing afterwards.
  template <typename Callback>
  auto guarded(Callback callback) const {
    return [state = state_, callback = std::move(callback)](auto&&... arguments) {
      const Visit visit(*state);
      if (visit.is_admitted()) callback(std::forward<decltype(arguments)>(arguments)...);
    };
  }

  /// Lets nobody in any more, and waits for those inside. Not from within a callback.
  void close() { state_->close(); }

 private:
  class State {
   public:
    bool enter() MPLANE_EXCLUDES(mutex_) {
      const Lock lock(mutex_);
      if (closed_) return false;
      ++inside_;
      return true;
    }
    void leave() MPLANE_EXCLUDES(mutex_) {
      const Lock lock(mutex_);
      --inside_;
      left_.notify_all();
    }
    void close() MPLANE_EXCLUDES(mutex_) {
      Lock lock(mutex_);
      closed_ = true;
      left_.wait(lock, [this]() MPLANE_REQUIRES(mutex_) { return inside_ == 0; });
    }

   private:
    Mutex mutex_;
    Condition left_;
    unsigned inside_ MPLANE_GUARDED_BY(mutex_) = 0;
    bool closed_ MPLANE_GUARDED_BY(mutex_) = false;
  };

  /// Leaves also when the callback throws.
  class Visit {
   public:
    explicit Visit(State& state) : state_(state), admitted_(state.enter()) {}
    ~Visit() {
      if (admitted_) state_.leave();
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    bool is_admitted() const noexcept { return admitted_; }

   private:
    State& state_;
    const bool admitted_;
  };

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace mplane::detail
