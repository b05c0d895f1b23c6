#include "mplane/model/capability_index.hpp"

#include "matching.hpp"

#include <algorithm>
#include <utility>

namespace mplane {

bool CapabilityIndex::Group::has(const Statement& statement) const noexcept {
  const Capability& one = offers.front().capability;
  return one.verb() == statement.verb() && one.schema() == statement.schema();
}

std::size_t CapabilityIndex::add(Capability capability) {
  const std::uint64_t key = capability.schema().key();
  std::vector<Group>& groups = by_schema_[key];
  auto group = std::find_if(groups.begin(), groups.end(),
                            [&capability](const Group& other) { return other.has(capability); });
  if (group == groups.end()) group = groups.insert(group, Group());
  group->offers.push_back({next_, std::move(capability)});
  schema_of_.emplace(next_, key);
  return next_++;
}

void CapabilityIndex::remove(const std::size_t id) {
  const auto place = schema_of_.find(id);
  if (place == schema_of_.end()) return;
  std::vector<Group>& groups = by_schema_[place->second];
  for (Group& group : groups) {
    std::erase_if(group.offers, [id](const Offer& offer) { return offer.id == id; });
  }
  std::erase_if(groups, [](const Group& group) { return group.offers.empty(); });
  if (groups.empty()) by_schema_.erase(place->second);
  schema_of_.erase(place);
}

std::span<const CapabilityIndex::Group> CapabilityIndex::groups_of(
    const std::uint64_t key) const noexcept {
  const auto groups = by_schema_.find(key);
  if (groups == by_schema_.end()) return {};
  return groups->second;
}

const Capability* CapabilityIndex::find(const std::size_t id) const noexcept {
  const auto place = schema_of_.find(id);
  if (place == schema_of_.end()) return nullptr;
  for (const Group& group : groups_of(place->second)) {
    for (const Offer& offer : group.offers) {
      if (offer.id == id) return &offer.capability;
    }
  }
  return nullptr;
}

std::span<const CapabilityIndex::Offer> CapabilityIndex::offers_for(
    const Specification& specification) const noexcept {
  for (const Group& group : groups_of(specification.schema().key())) {
    if (group.has(specification)) return group.offers;
  }
  return {};
}

std::vector<std::size_t> CapabilityIndex::accepting(const Specification& specification,
                                                    const Instant now) const {
  std::vector<std::size_t> ids;
  for (const Offer& offer : offers_for(specification)) {
    if (detail::fits(offer.capability, specification, now)) ids.push_back(offer.id);
  }
  return ids;
}

const Capability* CapabilityIndex::first_accepting(const Specification& specification,
                                                   const Instant now) const {
  for (const Offer& offer : offers_for(specification)) {
    if (detail::fits(offer.capability, specification, now)) return &offer.capability;
  }
  return nullptr;
}

std::vector<std::size_t> CapabilityIndex::with_schema(const Schema& schema) const {
  std::vector<std::size_t> ids;
  for (const Group& group : groups_of(schema.key())) {
    if (group.offers.front().capability.schema() != schema) continue;
    for (const Offer& offer : group.offers) ids.push_back(offer.id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace mplane
