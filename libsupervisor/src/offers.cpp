#include "offers.hpp"

#include "lots.hpp"
#include "mplane/session/pattern.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace mplane::detail {
namespace {

bool is_same(const Registration& a, const Registration& b) {
  return a.component == b.component && a.capability.token() == b.capability.token() &&
         a.capability.label() == b.capability.label();
}

bool is_selected(const Registration& offer, const Selection& selection) {
  const auto& all = selection.metadata;
  return is_named(offer, selection.components) &&
         std::all_of(all.begin(), all.end(), [&](const auto& one) {
           const Value* const value = offer.capability.find_metadata(one.first);
           return value != nullptr && matches(one.second, to_string(*value));
         });
}

/// Whether it has what is split and what is aggregated, or else no column yet of the name of the
/// one that is added.
bool has_columns_for(const Registration& offer, const Composition& composition) {
  const Schema& schema = offer.capability.schema();
  const bool is_split = composition.answer == Composition::Answer::Split;
  if (is_split && !schema.find_parameter(composition.split)) return false;
  const auto& aggregates = composition.aggregates;
  if (aggregates.empty()) return !schema.find_column(composition.component_column);
  return std::all_of(aggregates.begin(), aggregates.end(), [&](const AggregateColumn& one) {
    return schema.find_column(one.column).has_value();
  });
}

/// Whether the composition might be made of it.
bool is_part(const Registration& offer, const Composition& composition) {
  return matches(composition.of, offer.capability.label()) &&
         is_selected(offer, composition.selection) && has_columns_for(offer, composition);
}

bool is_of_one_kind(const Capability& a, const Capability& b) {
  return a.verb() == b.verb() && a.schema() == b.schema();
}

}  // namespace

void Offers::add(const Registration& registration) {
  const Lock lock(mutex_);
  offers_.push_back(registration);
}

void Offers::remove(const Registration& registration) {
  const Lock lock(mutex_);
  std::erase_if(offers_, [&](const Registration& one) { return is_same(one, registration); });
}

std::vector<Registration> Offers::labelled(const std::string_view pattern) const {
  std::vector<Registration> some;
  const Lock lock(mutex_);
  std::copy_if(offers_.begin(), offers_.end(), std::back_inserter(some),
               [&](const Registration& one) { return matches(pattern, one.capability.label()); });
  return some;
}

std::vector<Registration> Offers::of(const Composition& composition) const {
  std::vector<Registration> some = labelled(composition.of);
  std::erase_if(some, [&](const Registration& one) { return !is_part(one, composition); });
  if (some.empty()) return some;
  const Capability first = some.front().capability;
  std::erase_if(some, [&](const auto& one) { return !is_of_one_kind(one.capability, first); });
  return some;
}

std::vector<Registration> Offers::of(const Composition& composition, const Capability& kind) const {
  std::vector<Registration> some = labelled(composition.of);
  std::erase_if(some, [&](const Registration& one) {
    return !is_of_one_kind(one.capability, kind) || !is_part(one, composition);
  });
  return some;
}

std::optional<Registration> Offers::first_of(const Composition& composition,
                                             const Capability& kind) const {
  const Lock lock(mutex_);
  const auto one = std::find_if(offers_.begin(), offers_.end(), [&](const Registration& offer) {
    return is_part(offer, composition) && is_of_one_kind(offer.capability, kind);
  });
  if (one == offers_.end()) return {};
  return *one;
}

}  // namespace mplane::detail
