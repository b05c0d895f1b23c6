#pragma once

#include "client/loopback.hpp"
#include "registrations.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane::test {

using detail::Effects;
using detail::Moment;

inline const Instant kToday = Time::parse("2026-11-22 09:00:00").instant();

inline const std::string kCallback = R"({"capability":"callback","version":1,"label":"callback",
    "registry":"http://mplane.corvid.ch/registry/loopback","token":"cb","when":"now ... future"})";
inline const std::string kOldCallback = R"({"capability":"measure","version":1,"label":"callback",
    "registry":"http://mplane.corvid.ch/registry/loopback","token":"comp-cb0.6","when":
    "now ... future"})";

inline const std::string kOneUrl = "http://127.0.0.1:8890/capability";

inline Capability loopback() { return decode_as<Capability>(loopback_capability(), registry()); }

/// A table of components with a clock that is moved by hand.
class Desk {
 public:
  explicit Desk(CallbackOptions times = {}, RegistrationLimits limits = {})
      : watch_([this](const Registration& registration, const bool is_offered) {
          told.push_back((is_offered ? "+" : "-") + registration.capability.label() + "@" +
                         registration.component);
        }),
        registrations_(limits, times, watch_) {}

  /// Registers a component: its answers, "label" or "label: why not".
  std::vector<std::string> enroll(const std::string& component,
                                  const std::vector<std::string>& messages) {
    std::vector<Message> decoded;
    for (const std::string& text : messages) decoded.push_back(decode(text, registry()));
    std::vector<std::string> said;
    change([&](Effects& effects) {
      for (const auto& one : registrations_.enroll(component, decoded, now_, effects)) {
        said.push_back(one.label + (one.refusal ? ": " + *one.refusal : ""));
      }
    });
    return said;
  }
  /// What a component offers that we connect to; why some of it is not taken.
  std::vector<std::string> offer(const std::string& component,
                                 const std::vector<Capability>& capabilities,
                                 const std::string& url = kOneUrl) {
    std::vector<std::string> refused;
    change([&](Effects& effects) {
      for (const auto& one : registrations_.offer(component, url, capabilities, now_, effects)) {
        refused.push_back(one.refusal.value_or(""));
      }
    });
    return refused;
  }
  void note(const std::string& component, ComponentSelf self) {
    registrations_.note(component, std::move(self));
  }
  std::vector<ComponentView> components() const { return registrations_.components(now_.steady); }
  ComponentCounts counts() const { return registrations_.counts(); }
  /// A poll, and whether its peer is still there.
  struct Poll {
    std::stop_source gone = {};
    bool answered = false;
    bool registered = false;
    Envelope envelope = {};
  };
  std::shared_ptr<Poll> poll(const std::string& component) {
    const auto poll = std::make_shared<Poll>();
    change([&](Effects& effects) {
      registrations_.poll(component, {noted(poll), poll->gone.get_token()}, now_, effects);
    });
    return poll;
  }
  /// The same for one that we connect to.
  std::shared_ptr<Poll> await(const std::string& component, const std::string& url = kOneUrl) {
    const auto poll = std::make_shared<Poll>();
    change([&](Effects& effects) {
      registrations_.await(component, url, {noted(poll), poll->gone.get_token()}, now_, effects);
    });
    return poll;
  }
  /// What a poll brings: "specification token", …
  std::vector<std::string> fetch(const std::string& component) {
    return contents(poll(component)->envelope);
  }
  static std::vector<std::string> contents(const Envelope& envelope) {
    std::vector<std::string> contents;
    for (const Message& message : envelope.messages()) {
      const bool is_callback = message.label() == "callback";
      contents.push_back(is_callback ? "callback " + to_string(message.statement()->when())
                                     : std::string(message.kind()) + " " + message.token());
    }
    return contents;
  }
  /// Asks a component; what comes of it is noted in `answers`: "result", …, "end".
  std::string submit(const std::string& component, const std::string_view when = "now") {
    std::string token;
    change([&](Effects& effects) {
      token = registrations_
                  .submit(
                      component, ask_for(loopback(), when),
                      [this](const std::optional<Message>& message) {
                        answers.push_back(message ? std::string(message->kind()) : "end");
                      },
                      now_, effects)
                  .token();
    });
    return token;
  }
  void send(const std::string& component, const std::string& message) {
    std::optional<Error> refusal;
    change([&](Effects& effects) {
      try {
        registrations_.take(component, decode(message, registry()), now_, effects);
      } catch (const Error& error) {
        refusal = error;
      }
    });
    if (refusal) throw *std::move(refusal);
  }
  void interrupt(const std::string& component, const std::string& token) {
    change([&](Effects& effects) {
      registrations_.interrupt(component, token, std::chrono::seconds(30), now_, effects);
    });
  }
  bool forget(const std::string& component, const std::string& token) {
    return registrations_.forget(component, token);
  }
  void pass(const Duration time) {
    now_.steady += time;
    now_.today += time;
    change([&](Effects& effects) { registrations_.tick(now_, effects); });
  }
  std::vector<std::string> offers() const {
    std::vector<std::string> offers;
    for (const Registration& one : registrations_.all()) {
      offers.push_back(one.capability.label() + "@" + one.component);
    }
    return offers;
  }
  Instant today() const { return now_.today; }
  std::optional<Duration> next_tick() const {
    const auto deadline = registrations_.deadline();
    if (!deadline) return {};
    return std::chrono::floor<Duration>(*deadline - now_.steady);
  }

  std::vector<std::string> told;
  std::vector<std::string> answers;

 private:
  static detail::Registrations::AnswerPoll noted(const std::shared_ptr<Poll>& poll) {
    return [poll](const std::optional<Envelope>& envelope) {
      poll->answered = true;
      poll->registered = envelope.has_value();
      if (envelope) poll->envelope = *envelope;
    };
  }
  template <typename Act>
  void change(const Act& act) {
    Effects effects;
    act(effects);
    detail::perform(effects);
  }

  ClientListenerOptions::Watch watch_;
  detail::Registrations registrations_;
  Moment now_{std::chrono::steady_clock::time_point(std::chrono::hours(1)), kToday};
};

using Texts = std::vector<std::string>;

}  // namespace mplane::test
