// The elements of registry/mplane.json that specifications of compositions choose by:
//
//     composition.components   texts with commas between them, `*` for any text
//     composition.sample       natural, 1 at least
//     composition.seed         natural
//     composition.spread       the name of an element
//     composition.same-as      the token of an earlier measurement; alone

#include "choice.hpp"

#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace mplane::detail {
namespace {

[[noreturn]] void refuse(const std::string_view element, const Value& value,
                         const std::string& why) {
  throw Error(ErrorKind::Invalid, "metadata/" + std::string(element),
              mplane::quoted(to_string(value)) + " " + why);
}

/// What a specification says of an element that it may say something of.
const Value* chosen(const Specification& asked, const std::string_view element,
                    const bool is_allowed) {
  const Value* const value = asked.find_metadata(element);
  if (value == nullptr || !value->has_value()) return nullptr;
  if (!is_allowed) refuse(element, *value, "is not what the operator lets clients choose");
  return value;
}

/// Names of components that a client may give.
constexpr std::size_t kMostNames = 256;

/// The texts between commas, without the blanks around them. The rest is not looked at once there
/// are more than so many: a text may have millions.
std::vector<std::string> split_at_commas(std::string_view text, const std::size_t most) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<std::string> items;
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    item.remove_prefix(std::min(item.find_first_not_of(kBlanks), item.size()));
    item = item.substr(0, item.find_last_not_of(kBlanks) + 1);
    items.emplace_back(item);
    if (comma == std::string_view::npos || items.size() > most) return items;
    text.remove_prefix(comma + 1);
  }
}

std::size_t sample_of(const Value& value, const Lots& lots) {
  const auto sample = value.get<std::uint64_t>();
  if (sample == 0) refuse("composition.sample", value, "would ask nobody");
  if (lots.sample && sample > *lots.sample) {
    refuse("composition.sample", value,
           "is more than the operator lets clients ask, which is " + std::to_string(*lots.sample));
  }
  return sample;
}

std::string spread_of(const Value& value, const Choice& choice, const Registry& registry) {
  constexpr std::string_view kElement = "composition.spread";
  const auto& element = value.get<std::string>();
  if (registry.find(element) == nullptr) refuse(kElement, value, "is no element of the registry");
  if (!choice.lots.sample) refuse(kElement, value, "spreads a sample, and there is none");
  return element;
}

std::vector<std::string> names_of(const Value& value) {
  auto names = split_at_commas(value.get<std::string>(), kMostNames);
  if (names.size() > kMostNames) {
    refuse("composition.components", value,
           "has more than " + std::to_string(kMostNames) + " names");
  }
  return names;
}

/// What offers allow of a parameter. Many allow the same, most of them anything, so that an item is
/// compared with few constraints, however many offers there are.
class Constraints {
 public:
  Constraints(const std::vector<Registration>& offers, const std::string& parameter) {
    std::map<std::string, std::size_t> known;
    for (const Registration& offer : offers) {
      const Constraint& one = offer.capability.constraint(parameter);
      const auto [place, is_new] = known.emplace(to_string(one), different_.size());
      if (is_new) different_.push_back(&one);
      of_offer_.push_back(place->second);
    }
  }

  /// Which of them the offer at a place has.
  std::size_t of(const std::size_t offer) const { return of_offer_[offer]; }
  /// Which of them admit an item.
  std::vector<bool> admitting(const Value& item) const {
    std::vector<bool> all;
    for (const Constraint* const one : different_) all.push_back(one->admits(item));
    return all;
  }

 private:
  std::vector<const Constraint*> different_;
  std::vector<std::size_t> of_offer_;
};

/// Those who were asked before cannot be chosen from once more.
std::optional<std::string> same_as(const Composition& composition, const Specification& asked) {
  constexpr std::string_view kElement = "composition.same-as";
  const Value* const token = chosen(asked, kElement, composition.choices.same_as);
  if (token == nullptr) return {};
  for (const std::string_view other : {"components", "sample", "seed", "spread"}) {
    const Value* const value = asked.find_metadata("composition." + std::string(other));
    if (value != nullptr && value->has_value()) {
      refuse(kElement, *token,
             "has chosen already: composition." + std::string(other) + " is of no use beside it");
    }
  }
  return token->get<std::string>();
}

}  // namespace

Choice choice_of(const Composition& composition, const Specification& asked) {
  const SelectionChoices& may = composition.choices;
  Choice choice{composition.selection.lots};
  if (const auto* const names = chosen(asked, "composition.components", may.components)) {
    choice.components = names_of(*names);
  }
  if (const auto* const sample = chosen(asked, "composition.sample", may.sample)) {
    choice.lots.sample = sample_of(*sample, composition.selection.lots);
  }
  if (const auto* const seed = chosen(asked, "composition.seed", may.seed)) {
    choice.lots.seed = seed->get<std::uint64_t>();
  }
  if (const auto* const spread = chosen(asked, "composition.spread", may.spread)) {
    choice.lots.spread = spread_of(*spread, choice, asked.registry());
  }
  choice.same_as = same_as(composition, asked);
  return choice;
}

std::vector<Value> items_of(const Composition& composition, const Specification& asked) {
  const std::string where = "parameters/" + composition.list;
  const Primitive primitive = asked.registry().element(composition.split).primitive();
  const auto texts =
      split_at_commas(asked.get<std::string>(composition.list), composition.most_items);
  if (texts.size() > composition.most_items) {
    throw Error(ErrorKind::Invalid, where,
                "has more than " + std::to_string(composition.most_items) + " items");
  }
  std::set<std::string> known;
  std::vector<Value> items;
  for (const std::string& text : texts) {
    if (text.empty() || text == "*") {
      throw Error(ErrorKind::Invalid, where, mplane::quoted(text) + " is no " + composition.split);
    }
    Value item = [&] {
      try {
        return Value::parse(primitive, text);
      } catch (const Error& error) {
        throw Error(error.kind(), where, error.message());
      }
    }();
    if (known.insert(to_string(item)).second) items.push_back(std::move(item));
  }
  return items;
}

std::vector<Asked> dealt(const std::vector<Value>& items, const std::vector<Registration>& offers,
                         const std::string& parameter, std::vector<Value>& refused) {
  const Constraints constraints(offers, parameter);
  std::vector<Asked> asked;
  std::size_t turn = 0;
  for (const Value& item : items) {
    const std::vector<bool> takes = constraints.admitting(item);
    std::size_t tried = 0;
    while (tried < offers.size() && !takes[constraints.of((turn + tried) % offers.size())]) ++tried;
    if (tried == offers.size()) {
      refused.push_back(item);
      continue;
    }
    asked.push_back({offers[(turn + tried) % offers.size()], item});
    turn += tried + 1;
  }
  return asked;
}

}  // namespace mplane::detail
