#include "registrations.hpp"

#include "mplane/client/client.hpp"
#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {
namespace {
/// Nobody waits for it but a function call, however polls are held.
constexpr Duration kHeldForCalls = std::chrono::seconds(20);
}  // namespace

Registrations::Registrations(RegistrationLimits limits, CallbackOptions times,
                             const ClientListenerOptions::Watch& watch)
    : limits_(limits),
      times_(times),
      changes_(std::make_shared<InOrder<std::pair<Registration, bool>>>(
          [&watch](const std::pair<Registration, bool>& change) {
            if (watch) watch(change.first, change.second);
          })) {}

std::vector<RegistrationAnswer> Registrations::enroll(const std::string& component,
                                                      const std::vector<Message>& messages,
                                                      const Moment now, Effects& effects) {
  Member& member = this->member(component);
  if (member.is_called()) release(member, effects);  // it speaks for itself now
  member.called_at.clear();
  const bool is_new = !std::exchange(member.is_registered, true);
  member.seen = now.steady;
  std::vector<RegistrationAnswer> answers;
  answers.reserve(messages.size());
  std::vector<OfferChange> changes;
  for (const Message& message : messages) {
    answers.push_back(member.take(message, limits_.capabilities, changes));
  }
  member.interval = interval_of(member);
  if (is_new) expiries_.emplace(expiry_of(member), component);
  member.errands.doubt();
  serve(member, now, effects);
  tell(component, changes, effects);
  return answers;
}

std::vector<RegistrationAnswer> Registrations::offer(const std::string& component,
                                                     const std::string& url,
                                                     const std::vector<Capability>& all,
                                                     const Moment now, Effects& effects) {
  Member& member = this->member(component);
  if (member.is_registered && member.called_at != url) {
    throw Error(ErrorKind::Refused, "",
                mplane::quoted(component) +
                    (member.is_called()
                         ? " is connected to at " + member.called_at + " already, and not here"
                         : " registers itself, and is not asked here"));
  }
  const bool is_new = !std::exchange(member.is_registered, true);
  member.called_at = url;
  member.seen = now.steady;
  member.interval = interval_of(member);
  std::vector<OfferChange> changes;
  auto answers = member.replace(all, limits_.capabilities, changes);
  std::erase_if(answers, [](const RegistrationAnswer& answer) { return !answer.refusal; });
  if (is_new) expiries_.emplace(expiry_of(member), component);
  tell(component, changes, effects);
  return answers;
}

Registrations::Member& Registrations::member(const std::string& component) {
  const auto known = members_.find(component);
  if (known != members_.end()) return known->second;
  if (members_.size() >= limits_.components) {
    throw Error(ErrorKind::TooMany, "",
                "there are " + std::to_string(limits_.components) + " components already");
  }
  return members_[component];
}

void Registrations::tell(const std::string& component, const std::vector<OfferChange>& changes,
                         Effects& effects) {
  for (const auto& [capability, is_offered] : changes) {
    changes_->put({Registration{component, capability}, is_offered});
  }
  if (!changes.empty()) effects.push_back([changes = changes_] { changes->flow(); });
}

void Registrations::poll(const std::string& component, Poll poll, const Moment now,
                         Effects& effects) {
  hold(component, "", std::move(poll), now, effects);
}

void Registrations::await(const std::string& component, const std::string& url, Poll poll,
                          const Moment now, Effects& effects) {
  hold(component, url, std::move(poll), now, effects);
}

/// @param url at which who asks connects to it; empty when it asks itself.
void Registrations::hold(const std::string& component, const std::string& url, Poll poll,
                         const Moment now, Effects& effects) {
  const auto found = members_.find(component);
  const bool is_known = found != members_.end() && found->second.is_registered;
  if (!is_known || found->second.called_at != url) {
    effects.push_back([answer = std::move(poll.answer)] { answer({}); });
    return;
  }
  Member& member = found->second;
  if (!member.is_called()) member.seen = now.steady;  // else it is us who ask
  release(member, effects);  // it asks anew, so nobody reads the answer to the poll before
  const Duration at_most = url.empty() ? times_.hold : kHeldForCalls;
  const Duration held = member.is_patient() ? at_most : Duration::zero();
  member.held =
      Held{std::move(poll), now.steady, held_until_.emplace(now.steady + held, component)};
  serve(member, now, effects);
}

/// Answers a poll if there is something to say, or it was held long enough.
void Registrations::serve(Member& member, const Moment now, Effects& effects) {
  if (!member.held) return;
  if (!member.errands.has_work() && member.held->until->first > now.steady) return;
  const Held held = let_go(member);
  if (held.poll.gone.stop_requested()) return;  // what waits goes with the next poll
  const auto waited = std::chrono::floor<Duration>(now.steady - held.since);
  this->answer(member, held.poll.answer, waited, now, effects);
}

void Registrations::answer(Member& member, const AnswerPoll& answer, const Duration waited,
                           const Moment now, Effects& effects) {
  if (!member.is_called()) member.seen = now.steady;
  Envelope envelope = member.errands.fetch(now.steady, now.steady - times_.again);
  member.interval = interval_of(member);
  if (member.has_callback()) {
    const Duration delay = std::max(Duration::zero(), member.interval - waited);
    // Behind all others: the old SDK reads nothing after it.
    envelope.append(member.callback(now.today + delay, delay));
  }
  effects.push_back([answer, envelope = std::move(envelope)] { answer(envelope); });
}

Registrations::Held Registrations::let_go(Member& member) {
  Held held = *std::exchange(member.held, {});
  held_until_.erase(held.until);
  return held;
}

/// Answers a poll so that it takes nothing with it.
void Registrations::release(Member& member, Effects& effects) {
  if (!member.held) return;
  effects.push_back([held = let_go(member)] { held.poll.answer(Envelope()); });
}

/// The time between two polls of one component at which all together keep the rate.
Duration Registrations::fair_share() const {
  const std::chrono::duration<double> share(static_cast<double>(members_.size()) /
                                            std::max(times_.polls_per_second, 1e-3));
  return std::chrono::floor<std::chrono::milliseconds>(share);
}

Duration Registrations::interval_of(const Member& member) const {
  if (member.is_called()) return times_.look;
  if (!member.has_callback()) return times_.unasked;
  if (member.is_patient() && times_.hold > Duration::zero()) return fair_share();
  return std::max(times_.interval, fair_share());
}

Registrations::TimePoint Registrations::expiry_of(const Member& member) const {
  return member.seen + std::max(3 * member.interval, times_.expiry);
}

void Registrations::take(const std::string& component, const Message& message, const Moment now,
                         Effects& effects) {
  const auto found = members_.find(component);
  if (found == members_.end()) {
    if (message.find<Receipt>() != nullptr || message.find<Exception>() != nullptr) return;
    throw Error(ErrorKind::Invalid, "token", "nothing was asked of " + mplane::quoted(component));
  }
  found->second.seen = now.steady;
  found->second.errands.take(message, effects);
}

bool Registrations::is_asked(const std::string& component, const std::string& token) const {
  const auto found = members_.find(component);
  return found != members_.end() && found->second.errands.has(token);
}

std::vector<News> Registrations::news(const std::string& component, const Message& message) const {
  const auto found = members_.find(component);
  return found == members_.end() ? std::vector<News>() : found->second.errands.news(message);
}

Specification Registrations::submit(const std::string_view component,
                                    const Specification& specification, ClientListener::Each each,
                                    const Moment now, Effects& effects) {
  const auto found = members_.find(component);
  if (found == members_.end()) {
    throw Error(ErrorKind::Unknown, "",
                "no component " + mplane::quoted(component) + " is registered");
  }
  Member& member = found->second;
  if (member.errands.size() >= limits_.asked) {
    throw Error(ErrorKind::TooMany, "",
                mplane::quoted(component) + " is busy with " + std::to_string(limits_.asked) +
                    " specifications");
  }
  Specification named = Client::named(specification);
  if (!named.link()) named = named.with_link("");  // the old SDK does not answer without
  member.errands.add(named, std::move(each));
  serve(member, now, effects);
  return named;
}

bool Registrations::interrupt(const std::string_view component, const std::string_view token,
                              const Duration at_most, const Moment now, Effects& effects) {
  const auto found = members_.find(component);
  if (found == members_.end()) return false;
  const bool known = found->second.errands.interrupt(token, effects);
  if (known) given_up_.emplace(now.steady + at_most, std::pair(component, token));
  serve(found->second, now, effects);
  drop_if_useless(found);
  return known;
}

std::vector<ComponentView> Registrations::components(const TimePoint now) const {
  std::vector<ComponentView> all;
  all.reserve(members_.size());
  for (const auto& [component, member] : members_) {
    all.push_back({.component = component,
                   .is_there = member.is_registered,
                   .is_called = member.is_called(),
                   .unseen = std::chrono::floor<Duration>(now - member.seen),
                   .offers = member.offers().size(),
                   .waiting = member.errands.waiting(),
                   .asked = member.errands.size(),
                   .self = member.self});
  }
  return all;
}

ComponentCounts Registrations::counts() const {
  ComponentCounts counts;
  for (const auto& [component, member] : members_) {
    std::size_t& kind = !member.is_registered ? counts.away
                        : member.is_called()  ? counts.connected
                                              : counts.registered;
    ++kind;
    counts.offers += member.offers().size();
    counts.waiting += member.errands.waiting();
    counts.asked += member.errands.size();
  }
  return counts;
}

void Registrations::note(const std::string& component, ComponentSelf self) {
  const auto found = members_.find(component);
  if (found != members_.end()) found->second.self = std::move(self);
}

/// Ends the first of those that were interrupted and never heard of.
void Registrations::give_up(Effects& effects) {
  const auto [component, token] = std::move(given_up_.begin()->second);
  given_up_.erase(given_up_.begin());
  const auto found = members_.find(component);
  if (found == members_.end()) return;
  found->second.errands.give_up(token, effects);
  drop_if_useless(found);
}

bool Registrations::forget(const std::string_view component, const std::string_view token) {
  const auto found = members_.find(component);
  if (found == members_.end()) return false;
  const bool known = found->second.errands.forget(token);
  drop_if_useless(found);
  return known;
}

std::vector<Registration> Registrations::all() const {
  std::vector<Registration> all;
  for (const auto& [component, member] : members_) {
    for (const Capability& capability : member.offers()) all.push_back({component, capability});
  }
  return all;
}

std::vector<Registration> Registrations::of(const std::string_view component) const {
  std::vector<Registration> some;
  const auto found = members_.find(component);
  if (found == members_.end()) return some;
  for (const Capability& one : found->second.offers()) some.push_back({found->first, one});
  return some;
}

std::optional<Registrations::TimePoint> Registrations::deadline() const {
  std::optional<TimePoint> first;
  const auto consider = [&](const auto& deadlines) {
    if (deadlines.empty()) return;
    first = std::min(first.value_or(TimePoint::max()), deadlines.begin()->first);
  };
  consider(held_until_);
  consider(given_up_);
  consider(expiries_);
  return first;
}

void Registrations::tick(const Moment now, Effects& effects) {
  while (!held_until_.empty() && held_until_.begin()->first <= now.steady) {
    serve(members_.find(held_until_.begin()->second)->second, now, effects);
  }
  while (!given_up_.empty() && given_up_.begin()->first <= now.steady) give_up(effects);
  while (!expiries_.empty() && expiries_.begin()->first <= now.steady) {
    const std::string component = std::move(expiries_.begin()->second);
    expiries_.erase(expiries_.begin());
    expire(component, now, effects);
  }
}

/// Ends a registration, unless it was renewed meanwhile.
void Registrations::expire(const std::string& component, const Moment now, Effects& effects) {
  const auto found = members_.find(component);
  Member& member = found->second;
  const bool waits = member.held && !member.held->poll.gone.stop_requested();
  const TimePoint due =
      std::max(expiry_of(member), waits ? member.held->until->first : TimePoint());
  if (due > now.steady) {
    expiries_.emplace(due, component);
    return;
  }
  std::vector<OfferChange> changes;
  member.leave(changes);
  if (member.held) let_go(member);
  tell(component, changes, effects);
  drop_if_useless(found);
}

/// A component that is gone is remembered as long as something waits for it.
void Registrations::drop_if_useless(const Members::iterator member) {
  if (!member->second.is_registered && member->second.errands.empty()) members_.erase(member);
}

void Registrations::close(Effects& effects) {
  times_.hold = Duration::zero();
  for (auto& [component, member] : members_) release(member, effects);
}

}  // namespace mplane::detail
