#include "registrant.hpp"

#include "mplane/model/detail/label.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace mplane::detail {
namespace {

using namespace std::chrono_literals;

/// The old SDK says `measure` here, and the label is all there is to know it by.
bool is_callback(const Capability& capability) {
  if (capability.verb() == "callback") return true;
  return capability.label() == "callback" && capability.schema().parameters().empty();
}

bool is_same_offer(const Capability& a, const Capability& b) {
  return a.label() == b.label() && a.verb() == b.verb() && a.schema() == b.schema();
}

/// What tells it to come back. A patient component takes the start of the scope, by its own clock;
/// the old SDK takes the end, and stops for good when that has passed, so it is given a delay.
When callback_scope(const Capability& callback, const Instant next, const Duration delay) {
  if (callback.verb() != "callback") {
    return When::lasting(Time::now(),
                         std::max<Duration>(1s, std::chrono::ceil<std::chrono::seconds>(delay)));
  }
  if (delay <= Duration::zero()) return When::at(Time::now());
  return When::between(next, next);
}

}  // namespace

RegistrationAnswer Registrant::take(const Message& message, const std::size_t limit,
                                    std::vector<OfferChange>& changes) {
  if (const auto* const capability = message.find<Capability>()) {
    return offer(*capability, limit, changes);
  }
  if (const auto* const withdrawal = message.find<Withdrawal>()) {
    return withdraw(*withdrawal, changes);
  }
  return {message.label(),
          "a message of kind " + std::string(message.kind()) + " cannot be registered"};
}

RegistrationAnswer Registrant::offer(const Capability& capability, const std::size_t limit,
                                     std::vector<OfferChange>& changes) {
  RegistrationAnswer answer{capability.label(), objection_to_label(capability.label())};
  if (answer.refusal) return answer;
  if (is_callback(capability)) {
    callback_ = capability;
    return answer;
  }
  const auto known = std::find_if(offers_.begin(), offers_.end(), [&](const Capability& one) {
    return is_same_offer(one, capability);
  });
  if (known != offers_.end() && *known == capability) return answer;
  if (known == offers_.end() && offers_.size() >= limit) {
    answer.refusal = "a component may register " + std::to_string(limit) + " capabilities";
    return answer;
  }
  const Capability named =
      capability.has_token() ? capability : capability.with_token(capability.token());
  if (known != offers_.end()) {
    changes.emplace_back(*known, false);
    *known = named;
  } else {
    offers_.push_back(named);
  }
  changes.emplace_back(named, true);
  return answer;
}

RegistrationAnswer Registrant::withdraw(const Withdrawal& withdrawal,
                                        std::vector<OfferChange>& changes) {
  const auto is_meant = [&](const Capability& one) {
    const bool has_token = withdrawal.has_token() && one.token() == withdrawal.token();
    return has_token || (!withdrawal.label().empty() && one.label() == withdrawal.label());
  };
  for (const Capability& one : offers_) {
    if (is_meant(one)) changes.emplace_back(one, false);
  }
  std::erase_if(offers_, is_meant);
  if (callback_ && is_meant(*callback_)) callback_.reset();
  return {withdrawal.label(), "withdrawn"};
}

std::vector<RegistrationAnswer> Registrant::replace(const std::vector<Capability>& all,
                                                    const std::size_t limit,
                                                    std::vector<OfferChange>& changes) {
  // Cut before each is compared with each, as others wait meanwhile.
  const auto first = all.begin();
  const auto last = std::next(first, static_cast<std::ptrdiff_t>(std::min(all.size(), limit)));
  const auto is_gone = [&](const Capability& known) {
    return std::none_of(first, last,
                        [&](const Capability& one) { return is_same_offer(known, one); });
  };
  for (const Capability& one : offers_) {
    if (is_gone(one)) changes.emplace_back(one, false);
  }
  std::erase_if(offers_, is_gone);
  std::vector<RegistrationAnswer> answers;
  for (auto one = first; one != last; ++one) answers.push_back(offer(*one, limit, changes));
  if (last != all.end()) {
    answers.push_back({"", std::to_string(all.size()) + " capabilities are offered, of which the " +
                               "first " + std::to_string(limit) + " are taken"});
  }
  return answers;
}

void Registrant::leave(std::vector<OfferChange>& changes) {
  for (const Capability& one : offers_) changes.emplace_back(one, false);
  offers_.clear();
  callback_.reset();
  is_registered = false;
}

Specification Registrant::callback(const Instant next, const Duration delay) const {
  return callback_->specify(callback_scope(*callback_, next, delay))
      .label("callback")
      .link("")
      .build();
}

std::optional<std::string> objection_to_label(const std::string_view label) {
  if (is_label(label)) return {};
  return "the label " + mplane::quoted(label) + " is not " + std::string(kLabelGrammar);
}

}  // namespace mplane::detail
