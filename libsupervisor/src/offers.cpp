#include "offers.hpp"

#include "mplane/session/pattern.hpp"

#include <algorithm>
#include <iterator>
#include <random>

namespace mplane::detail {
namespace {

bool is_same(const Registration& a, const Registration& b) {
  return a.component == b.component && a.capability.token() == b.capability.token() &&
         a.capability.label() == b.capability.label();
}

bool is_selected(const Registration& offer, const Selection& selection) {
  const auto& patterns = selection.components;
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, offer.component); });
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
  const Selection& selection = composition.selection;
  std::erase_if(some, [&](const Registration& one) { return !is_selected(one, selection); });
  if (some.empty()) return some;
  const Capability first = some.front().capability;
  std::erase_if(some, [&](const auto& one) { return !is_of_one_kind(one.capability, first); });
  if (selection.sample && *selection.sample < some.size()) {
    std::vector<Registration> sample;
    std::sample(some.begin(), some.end(), std::back_inserter(sample), *selection.sample,
                std::mt19937_64(selection.seed));
    some = std::move(sample);
  }
  return some;
}

}  // namespace mplane::detail
