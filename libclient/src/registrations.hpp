#pragma once

#include "effects.hpp"
#include "in_order.hpp"
#include "mplane/client/client_listener.hpp"
#include "registrant.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane::detail {

/// A moment, on the clock that never steps and on the one that people read.
struct Moment {
  std::chrono::steady_clock::time_point steady;
  Instant today;
};

/// All components that registered, and when each has to come back. One thread at a time. It is told
/// the time, and has its effects performed by who calls: no clock, no thread, no HTTP.
class Registrations {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  /// Takes the answer to a poll: an envelope, or nothing for who has to register first.
  using AnswerPoll = std::function<void(const std::optional<Envelope>&)>;
  struct Poll {
    AnswerPoll answer;
    std::stop_token gone;  ///< stopped when nobody waits for the answer any more
  };

  /// The watch outlives it.
  Registrations(RegistrationLimits limits, CallbackOptions times,
                const ClientListenerOptions::Watch& watch);

  /// Takes a registration. @return an answer for each message.
  /// @throws Error{TooMany} when there are too many components.
  std::vector<RegistrationAnswer> enroll(const std::string& component,
                                         const std::vector<Message>& messages, Moment now,
                                         Effects& effects);
  /// Takes what a component offers that we connect to at a URL: these and nothing else.
  /// @return why some of them are not taken. @throws Error{TooMany} as enroll; {Refused} for one
  /// that registers itself, or that we are connected to at another URL.
  std::vector<RegistrationAnswer> offer(const std::string& component, const std::string& url,
                                        const std::vector<Capability>& all, Moment now,
                                        Effects& effects);
  /// The poll for one that we connect to there, as `poll`: it is held in any case.
  void await(const std::string& component, const std::string& url, Poll poll, Moment now,
             Effects& effects);
  /// Answers a poll, now or later.
  void poll(const std::string& component, Poll poll, Moment now, Effects& effects);
  /// Takes what a component sends about what it was asked. @throws as Errands::take.
  void take(const std::string& component, const Message& message, Moment now, Effects& effects);

  /// Whether something is wanted under that token.
  bool is_asked(const std::string& component, const std::string& token) const;
  /// What of that is worth keeping before it is taken.
  std::vector<News> news(const std::string& component, const Message& message) const;

  /// As the functions of ClientListener.
  Specification submit(std::string_view component, const Specification& specification,
                       ClientListener::Each each, Moment now, Effects& effects);
  bool interrupt(std::string_view component, std::string_view token, Duration at_most, Moment now,
                 Effects& effects);
  bool forget(std::string_view component, std::string_view token);
  std::vector<ComponentView> components(TimePoint now) const;
  ComponentCounts counts() const;
  /// Takes note of what a component that is known tells of itself.
  void note(const std::string& component, ComponentSelf self);
  std::vector<Registration> all() const;
  std::vector<Registration> of(std::string_view component) const;

  /// When `tick` has to be called next.
  std::optional<TimePoint> deadline() const;
  /// Answers polls that were held long enough, gives up what was waited for long enough, ends
  /// registrations that nobody renewed.
  void tick(Moment now, Effects& effects);
  /// Answers all polls that are held, and holds none from now on.
  void close(Effects& effects);

 private:
  using Deadlines = std::multimap<TimePoint, std::string>;
  struct Held {
    Poll poll;
    TimePoint since;
    Deadlines::iterator until;
  };
  struct Member : Registrant {
    std::optional<Held> held;
  };
  using Members = std::map<std::string, Member, std::less<>>;

  Member& member(const std::string& component);
  void serve(Member& member, Moment now, Effects& effects);
  void answer(Member& member, const AnswerPoll& answer, Duration waited, Moment now,
              Effects& effects);
  Held let_go(Member& member);
  void release(Member& member, Effects& effects);
  void hold(const std::string& component, const std::string& url, Poll poll, Moment now,
            Effects& effects);
  void tell(const std::string& component, const std::vector<OfferChange>& changes,
            Effects& effects);
  void expire(const std::string& component, Moment now, Effects& effects);
  void give_up(Effects& effects);
  void drop_if_useless(Members::iterator member);
  Duration fair_share() const;
  Duration interval_of(const Member& member) const;
  TimePoint expiry_of(const Member& member) const;

  const RegistrationLimits limits_;
  CallbackOptions times_;
  Members members_;
  Deadlines held_until_;  ///< one for each poll that is held
  Deadlines expiries_;    ///< one for each that is registered: not before then
  std::multimap<TimePoint, std::pair<std::string, std::string>>
      given_up_;  ///< component and token of what was interrupted
  const std::shared_ptr<InOrder<std::pair<Registration, bool>>> changes_;
};

}  // namespace mplane::detail
