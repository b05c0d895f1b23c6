#pragma once

#include "channel.hpp"
#include "mplane/component/detail/back_off.hpp"
#include "mplane/model/message.hpp"
#include "mplane/session/pki.hpp"
#include "temper.hpp"
#include "world.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace mplane {

/// One component of the fleet: registers, waits for work, does as if it measured, delivers, on two
/// connections as a real one: one for polls, one for what came of them. On the engine's loop.
///
///     away -> registering -> polling <-> resting          (the polls' connection)
///      ^--------------------------'
///     asked -> measuring -> in the outbox -> delivered    (each specification)
class SimulatedComponent {
 public:
  /// @param number of the component in the fleet, from 0.
  SimulatedComponent(World& world, std::size_t number, const pki::Credential& credential);
  SimulatedComponent(const SimulatedComponent&) = delete;
  SimulatedComponent& operator=(const SimulatedComponent&) = delete;
  ~SimulatedComponent() = default;

  /// Begins; called once.
  void start();

 private:
  /// A specification that is worked on.
  struct Work {
    Specification asked;
    Instant accepted;
    Timer timer;
  };
  /// Something that has to be delivered.
  struct Parcel {
    std::string request;
    Seen what;  ///< it counts as, once it is taken
  };

  void enroll();
  void take_enrolment(std::optional<HttpAnswer> answer);
  void poll();
  void take_work(std::optional<HttpAnswer> answer);
  std::optional<Duration> heed(const Message& message);
  void rest(Duration time, void (SimulatedComponent::*next)());
  void retry(const std::optional<HttpAnswer>& answer, void (SimulatedComponent::*next)());

  void perform(const Specification& asked);
  void interrupt(const std::string& token);
  void begin_run(const std::string& token, Instant start);
  void end_run(const std::string& token, Instant first, Instant last);
  void report(const Specification& asked, Instant first, Instant last);

  void deliver(const Specification& asked, std::string_view message, Seen what);
  void send_next();
  void take_receipt(std::optional<HttpAnswer> answer);

  void go_away();
  void plan_departure();

  World& world_;
  const Temper temper_;
  const Badge badge_;
  bool was_registered_ = false;

  std::map<std::string, Work> work_;
  std::deque<Parcel> outbox_;
  detail::BackOff poll_back_off_;
  detail::BackOff post_back_off_;
  Timer next_poll_;
  Timer next_post_;
  Timer departure_;
  Channel polls_;
  Channel posts_;
};

}  // namespace mplane
