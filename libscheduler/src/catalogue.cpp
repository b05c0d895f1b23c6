#include "catalogue.hpp"

#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <array>

namespace mplane::detail {
namespace {

/// Whether a specification's label is a capability's: the same, or with "-" and a number behind it,
/// as the clients of the old SDK write it.
bool is_label_of(std::string_view label, const std::string_view capability) noexcept {
  if (!label.starts_with(capability)) return false;
  label.remove_prefix(capability.size());
  if (label.empty()) return true;
  const bool numbered = label.size() > 1 && label[0] == '-';
  return numbered && label.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

}  // namespace

Capability Catalogue::offer(Service service) {
  std::string token = service.capability.token();
  service.capability = service.capability.with_token(token);
  Capability capability = service.capability;
  const auto offer = std::make_shared<Offer>(std::move(service));

  const BriefLock lock(mutex_);
  if (ids_.contains(token)) {
    throw Error(ErrorKind::Invalid, "capability/" + token,
                "'" + capability.label() + "' is on offer already");
  }
  std::erase_if(withdrawn_, [&token](const Withdrawn& old) { return old.token == token; });
  const std::size_t id = index_.add(capability);
  offers_.emplace(id, offer);
  ids_.emplace(std::move(token), id);
  return capability;
}

std::optional<Capability> Catalogue::withdraw(std::string_view token) {
  const BriefLock lock(mutex_);
  const auto found = ids_.find(token);
  if (found == ids_.end()) return std::nullopt;
  const auto offer = offers_.find(found->second);
  Capability capability = offer->second->service.capability;
  index_.remove(found->second);
  offers_.erase(offer);
  withdrawn_.push_back({found->first, capability});
  if (withdrawn_.size() > kRemembered) withdrawn_.pop_front();
  ids_.erase(found);
  return capability;
}

std::vector<Capability> Catalogue::capabilities() const {
  const BriefLock lock(mutex_);
  std::vector<Capability> all;
  all.reserve(offers_.size());
  for (const auto& [id, offer] : offers_) all.push_back(offer->service.capability);
  return all;
}

std::optional<Capability> Catalogue::find(std::string_view token) const {
  const BriefLock lock(mutex_);
  const auto found = ids_.find(token);
  if (found != ids_.end()) return offers_.at(found->second)->service.capability;
  const Withdrawn* const withdrawn = find_withdrawn(token);
  if (withdrawn == nullptr) return std::nullopt;
  return withdrawn->capability;
}

bool Catalogue::is_withdrawn(std::string_view token) const {
  const BriefLock lock(mutex_);
  return find_withdrawn(token) != nullptr;
}

std::shared_ptr<Offer> Catalogue::match(const Specification& specification, Instant now,
                                        const MayUse& may_use) const {
  const std::string& label = specification.label();
  std::array<std::shared_ptr<Offer>, 3> firsts;  // by claim
  for (const auto& offer : accepting(specification, now)) {
    const Capability& capability = offer->service.capability;
    if (may_use && !may_use(capability)) continue;
    if (label == capability.label()) return offer;
    auto& place = firsts.at(static_cast<std::size_t>(claim(label, offer->service)));
    if (place == nullptr) place = offer;
  }
  const auto& [numbered, free, of_another] = firsts;
  if (numbered != nullptr) return numbered;
  if (free != nullptr) return free;
  if (of_another == nullptr) {
    throw Error(ErrorKind::Refused, "specification", "no service that takes it may be used");
  }
  throw Error(ErrorKind::Invalid, "label",
              "it is for " + quoted(label) + ", and what takes it here is " +
                  quoted(of_another->service.capability.label()));
}

/// What a label that is not a service's own says of who is meant.
Catalogue::Claim Catalogue::claim(const std::string_view label, const Service& service) const {
  // A label that ends in a number may have been a whole one: then it still is.
  if (is_label_of(label, service.capability.label()) && !(service.by_label && was_offered(label))) {
    return Claim::Numbered;
  }
  return label.empty() || !service.by_label ? Claim::Free : Claim::OfAnother;
}

Few<std::shared_ptr<Offer>> Catalogue::accepting(const Specification& specification,
                                                 Instant now) const {
  const BriefLock lock(mutex_);
  Few<std::shared_ptr<Offer>> offers;
  for (const std::size_t id : index_.accepting(specification, now)) {
    offers.push_back(offers_.at(id));
  }
  if (offers.empty()) throw objection(specification, now);
  return offers;
}

bool Catalogue::was_offered(const std::string_view label) const {
  const BriefLock lock(mutex_);
  return std::any_of(withdrawn_.begin(), withdrawn_.end(),
                     [&](const Withdrawn& old) { return old.capability.label() == label; });
}

const Catalogue::Withdrawn* Catalogue::find_withdrawn(std::string_view token) const {
  const auto found = std::find_if(withdrawn_.begin(), withdrawn_.end(),
                                  [&](const Withdrawn& old) { return old.token == token; });
  return found == withdrawn_.end() ? nullptr : &*found;
}

/// Of those with its schema the first one's, rather of one with its verb; without any, that.
Error Catalogue::objection(const Specification& specification, Instant now) const {
  std::optional<Error> other;
  for (const std::size_t id : index_.with_schema(specification.schema())) {
    const Capability& capability = *index_.find(id);
    auto objection = capability.objection(specification, now);
    if (!objection) continue;
    if (capability.verb() == specification.verb()) return *std::move(objection);
    if (!other) other = std::move(objection);
  }
  if (other) return *std::move(other);
  return {ErrorKind::Invalid, "specification",
          "no service takes these parameters and yields these results"};
}

}  // namespace mplane::detail
