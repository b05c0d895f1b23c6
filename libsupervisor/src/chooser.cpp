#include "chooser.hpp"

#include "lots.hpp"
#include "mplane/model/error.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace mplane::detail {
namespace {

Members members_of(const std::vector<Registration>& offers) {
  Members members;
  for (const Registration& one : offers) members.emplace(one.component, one.capability.label());
  return members;
}

/// Those who were asked before, and are not there any more.
std::vector<Part> missing_of(Members members, const std::vector<Registration>& offers) {
  for (const auto& one : members_of(offers)) members.erase(one);
  std::vector<Part> missing;
  for (const auto& [component, label] : members) {
    missing.push_back({component, Exception({}, "it does not offer " + label + " any more")});
  }
  return missing;
}

/// As the process after this one would have them, whoever comes back first.
void sort_by_name(std::vector<Registration>& offers) {
  const auto name = [](const Registration& one) {
    return std::tuple(one.component, one.capability.token(), one.capability.label());
  };
  std::sort(offers.begin(), offers.end(),
            [&](const Registration& a, const Registration& b) { return name(a) < name(b); });
}

}  // namespace

void Chooser::check(const Composition& composition, const Owner& client,
                    const Specification& asked) const {
  const Choice choice = choice_of(composition, asked);
  if (choice.same_as) rounds_.find(client, composition.label, *choice.same_as);
  if (!composition.split.empty()) items_of(composition, asked);
}

std::size_t Chooser::count(const Offered& offered, const Owner& client,
                           const Specification& asked) const {
  const Composition& composition = offered.composition;
  if (!composition.split.empty()) return items_of(composition, asked).size();
  return selected(offered, client, choice_of(composition, asked)).size();
}

std::vector<Registration> Chooser::selected(const Offered& offered, const Owner& client,
                                            const Choice& choice) const {
  auto offers = offers_.of(offered.composition, offered.kind);
  if (choice.same_as) {
    const auto members = rounds_.find(client, offered.composition.label, *choice.same_as);
    std::erase_if(offers, [&](const Registration& one) {
      return members.count({one.component, one.capability.label()}) == 0;
    });
    return offers;
  }
  std::erase_if(offers, [&](const auto& one) { return !is_named(one, choice.components); });
  return drawn(std::move(offers), choice.lots);
}

Chosen Chooser::choose(const Offered& offered, const Owner& client, const Specification& asked) {
  const Composition& composition = offered.composition;
  const Choice choice = choice_of(composition, asked);
  auto offers = selected(offered, client, choice);
  Members members = choice.same_as ? rounds_.find(client, composition.label, *choice.same_as)
                                   : members_of(offers);
  if (members.empty()) {
    throw Error(ErrorKind::Unavailable, "", "no component that was chosen offers it now");
  }
  Chosen chosen{{}, missing_of(members, offers)};
  if (composition.choices.same_as) {
    rounds_.put(client, composition.label, asked, std::move(members));
  }
  if (composition.split.empty()) {
    for (Registration& offer : offers) chosen.asked.push_back({std::move(offer)});
    return chosen;
  }
  sort_by_name(offers);
  std::vector<Value> refused;
  chosen.asked = dealt(items_of(composition, asked), offers, composition.split, refused);
  for (const Value& item : refused) {
    chosen.missing.push_back({"", Exception({}, "no component takes it"), item});
  }
  return chosen;
}

}  // namespace mplane::detail
