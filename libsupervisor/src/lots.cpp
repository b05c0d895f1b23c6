#include "lots.hpp"

#include "mplane/model/detail/md5.hpp"
#include "mplane/session/pattern.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace mplane::detail {
namespace {

/// One offer's: the lower, the sooner it is chosen.
struct Lot {
  std::size_t round = 0;  ///< of those with its value of what the sample is spread over
  std::string rank;
  std::size_t place;  ///< among the offers
};

std::string rank(const Registration& offer, const Selection& selection) {
  return md5_hex(std::to_string(selection.seed) + '\n' + offer.component + '\n' +
                 offer.capability.token() + '\n' + offer.capability.label());
}

/// The value that it has of what the sample is spread over.
std::string group(const Registration& offer, const Selection& selection) {
  const Value* const value = offer.capability.find_metadata(selection.spread);
  return value == nullptr ? "" : to_string(*value);
}

/// In each round one of each value goes first.
void spread(std::vector<Lot>& lots, const std::vector<Registration>& offers,
            const Selection& selection) {
  std::map<std::string, std::size_t> rounds;
  for (Lot& lot : lots) lot.round = rounds[group(offers[lot.place], selection)]++;
  std::stable_sort(lots.begin(), lots.end(),
                   [](const Lot& a, const Lot& b) { return a.round < b.round; });
}

}  // namespace

bool is_named(const Registration& offer, const std::vector<std::string>& patterns) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, offer.component); });
}

std::vector<Registration> drawn(std::vector<Registration> offers, const Selection& selection) {
  if (!selection.sample || *selection.sample >= offers.size()) return offers;
  std::vector<Lot> lots;
  for (std::size_t i = 0; i < offers.size(); ++i)
    lots.push_back({0, rank(offers[i], selection), i});
  std::sort(lots.begin(), lots.end(), [](const Lot& a, const Lot& b) { return a.rank < b.rank; });
  if (!selection.spread.empty()) spread(lots, offers, selection);
  lots.erase(lots.begin() + static_cast<std::ptrdiff_t>(*selection.sample), lots.end());
  std::sort(lots.begin(), lots.end(), [](const Lot& a, const Lot& b) { return a.place < b.place; });
  std::vector<Registration> some;
  for (const Lot& lot : lots) some.push_back(std::move(offers[lot.place]));
  return some;
}

}  // namespace mplane::detail
