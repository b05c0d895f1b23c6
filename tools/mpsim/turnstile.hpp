#pragma once

#include <cstddef>
#include <deque>

namespace mplane {

/// Something that waits for its turn.
class Waiting {
 public:
  virtual ~Waiting() = default;
  /// Its turn has come; it ends with Turnstile::leave.
  virtual void enter() = 0;

 protected:
  Waiting() = default;
  Waiting(const Waiting&) = default;
  Waiting& operator=(const Waiting&) = default;
};

/// Lets so many through at a time, in the order in which they came: a supervisor turns away those
/// who come when too many are in their TLS handshake. One thread at a time.
class Turnstile {
 public:
  explicit Turnstile(std::size_t at_once) : free_(at_once) {}

  /// Has it enter, now or later. It has to outlive that, or give up.
  void queue(Waiting& who);
  /// It waits no longer; only of one that was queued and has not entered.
  void give_up(Waiting& who);
  /// One that entered is through.
  void leave();

 private:
  std::size_t free_;
  std::deque<Waiting*> queue_;
};

}  // namespace mplane
