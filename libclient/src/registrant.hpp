#pragma once

#include "effects.hpp"
#include "errands.hpp"
#include "mplane/client/client_listener.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/message.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mplane::detail {

/// What is answered to one message of a registration.
struct RegistrationAnswer {
  std::string label;
  std::optional<std::string> refusal = {};  ///< why not; nothing when it is registered
};

/// A capability that is offered from now on, or no longer.
using OfferChange = std::pair<Capability, bool>;

/// One component: what it offers, how it can be told when to come back, what it was asked. One
/// thread at a time; knows neither clock nor HTTP.
///
/// A capability is known by its label, verb and schema: the same again replaces it, so that the new
/// tokens that old components make at each start do not pile up.
class Registrant {
 public:
  /// Takes a message of a registration. @param limit of capabilities.
  RegistrationAnswer take(const Message& message, std::size_t limit,
                          std::vector<OfferChange>& changes);
  /// It is gone: takes back all that it offers.
  void leave(std::vector<OfferChange>& changes);

  const std::vector<Capability>& offers() const noexcept { return offers_; }
  /// Whether it can be told when to come back.
  bool has_callback() const noexcept { return callback_.has_value(); }
  /// Whether it waits until its poll is answered, however long that takes.
  bool is_patient() const noexcept {
    return is_called() || (callback_ && callback_->verb() == "callback");
  }
  /// Whether it did not register itself: we connect to it.
  bool is_called() const noexcept { return !called_at.empty(); }
  /// It was looked at: offers these, up to the limit, and nothing else. What is beyond it is
  /// refused in one word, however much it is.
  std::vector<RegistrationAnswer> replace(const std::vector<Capability>& all, std::size_t limit,
                                          std::vector<OfferChange>& changes);
  /// What tells it to come back at a time, or after a delay. Only of one that has a callback.
  Specification callback(Instant next, Duration delay) const;

  bool is_registered = false;
  std::string called_at = {};  ///< the URL at which we connect to it
  Errands errands = {};
  std::chrono::steady_clock::time_point seen = {};  ///< its last request
  ComponentSelf self = {};                          ///< as its last poll says
  Duration interval{};                              ///< in which it is to come back

 private:
  RegistrationAnswer offer(const Capability& capability, std::size_t limit,
                           std::vector<OfferChange>& changes);
  RegistrationAnswer withdraw(const Withdrawal& withdrawal, std::vector<OfferChange>& changes);

  std::vector<Capability> offers_;
  std::optional<Capability> callback_;
};

/// Why a label cannot be one (letters, digits and . _ @ -, at most 128); nothing when it can.
std::optional<std::string> objection_to_label(std::string_view label);

}  // namespace mplane::detail
