#include "mplane/model/capability_index.hpp"

#include "mplane/model/specification.hpp"

#include <algorithm>
#include <utility>

namespace mplane {

std::size_t CapabilityIndex::add(Capability capability) {
  const std::uint64_t key = capability.schema().key();
  by_schema_[key].push_back({next_, std::move(capability)});
  schema_of_.emplace(next_, key);
  return next_++;
}

void CapabilityIndex::remove(const std::size_t id) {
  const auto place = schema_of_.find(id);
  if (place == schema_of_.end()) return;
  const auto bucket = by_schema_.find(place->second);
  auto& offers = bucket->second;
  offers.erase(std::find_if(offers.begin(), offers.end(),
                            [id](const Offer& offer) { return offer.id == id; }));
  if (offers.empty()) by_schema_.erase(bucket);
  schema_of_.erase(place);
}

const Capability* CapabilityIndex::find(const std::size_t id) const noexcept {
  const auto place = schema_of_.find(id);
  if (place == schema_of_.end()) return nullptr;
  for (const Offer& offer : offers_with(place->second)) {
    if (offer.id == id) return &offer.capability;
  }
  return nullptr;
}

std::span<const CapabilityIndex::Offer> CapabilityIndex::offers_with(
    const std::uint64_t schema) const noexcept {
  const auto bucket = by_schema_.find(schema);
  if (bucket == by_schema_.end()) return {};
  return bucket->second;
}

std::vector<std::size_t> CapabilityIndex::accepting(const Specification& specification,
                                                    const Instant now) const {
  std::vector<std::size_t> ids;
  for (const Offer& offer : offers_with(specification.schema().key())) {
    if (offer.capability.accepts(specification, now)) ids.push_back(offer.id);
  }
  return ids;
}

const Capability* CapabilityIndex::first_accepting(const Specification& specification,
                                                   const Instant now) const {
  for (const Offer& offer : offers_with(specification.schema().key())) {
    if (offer.capability.accepts(specification, now)) return &offer.capability;
  }
  return nullptr;
}

std::vector<std::size_t> CapabilityIndex::with_schema(const Schema& schema) const {
  std::vector<std::size_t> ids;
  for (const Offer& offer : offers_with(schema.key())) {
    if (offer.capability.schema() == schema) ids.push_back(offer.id);
  }
  return ids;
}

}  // namespace mplane
