#include "lots.hpp"

#include "mplane/model/detail/md5.hpp"
#include "mplane/session/pattern.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>

namespace mplane::detail {
namespace {

/// A component's: the lower, the sooner it is chosen.
struct Lot {
  std::size_t round = 0;  ///< of those with its value of what the sample is spread over
  std::string rank;
  const Registration* offer;  ///< its first
};

/// The value that it has of what the sample is spread over; `*` is none.
std::string group(const Registration& offer, const std::string& spread) {
  const Value* const value = offer.capability.find_metadata(spread);
  return value == nullptr || !value->has_value() ? "" : to_string(*value);
}

/// One for each component, in their order.
std::vector<Lot> ranked(const std::vector<Registration>& offers, const std::uint64_t seed) {
  std::set<std::string_view> components;
  std::vector<Lot> all;
  for (const Registration& offer : offers) {
    if (!components.insert(offer.component).second) continue;
    all.push_back({0, md5_hex(std::to_string(seed) + '\n' + offer.component), &offer});
  }
  std::sort(all.begin(), all.end(), [](const Lot& a, const Lot& b) { return a.rank < b.rank; });
  return all;
}

/// In each round one of each value goes first.
void spread_over(std::vector<Lot>& lots, const std::string& element) {
  std::map<std::string, std::size_t> rounds;
  for (Lot& lot : lots) lot.round = rounds[group(*lot.offer, element)]++;
  std::stable_sort(lots.begin(), lots.end(),
                   [](const Lot& a, const Lot& b) { return a.round < b.round; });
}

}  // namespace

bool is_named(const Registration& offer, const std::vector<std::string>& patterns) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, offer.component); });
}

std::vector<Registration> drawn(std::vector<Registration> offers, const Lots& lots) {
  if (!lots.sample) return offers;
  std::vector<Lot> all = ranked(offers, lots.seed);
  if (*lots.sample >= all.size()) return offers;
  if (!lots.spread.empty()) spread_over(all, lots.spread);
  std::set<std::string> chosen;
  for (std::size_t i = 0; i < *lots.sample; ++i) chosen.insert(all[i].offer->component);
  std::erase_if(offers, [&](const auto& one) { return chosen.count(one.component) == 0; });
  return offers;
}

}  // namespace mplane::detail
