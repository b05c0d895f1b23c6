//     constraint = "*" | value " ... " value | value *("," *" " value)
//
// " ... " is looked for before ",", and there may be one. There is no escape: a text that holds one
// of the two, begins with a blank behind a comma, or is "*", cannot be said and is refused.

#include "mplane/model/constraint.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>
#include <utility>

namespace mplane {
namespace {

constexpr std::string_view kEllipsis = " ... ";

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::Invalid, {}, std::move(message));
}

// The text of a string or URL; empty of other primitives, whose text is never mistaken.
std::string_view free_text(const Value& value) noexcept {
  if (const auto* text = std::get_if<std::string>(&value.alternatives())) return *text;
  if (const auto* url = std::get_if<Uri>(&value.alternatives())) return url->text();
  return {};
}

void check_member(const Value& value, const bool is_first) {
  if (!value.has_value()) refuse("* can be no member of a set");
  const std::string_view text = free_text(value);
  const bool can_be_said = text.find(',') == std::string_view::npos &&
                           text.find(kEllipsis) == std::string_view::npos && text != "*" &&
                           (is_first || !text.starts_with(' '));
  if (!can_be_said)
    refuse(quoted(text) + " can be no member of a set: it would be read as another");
}

void check_bounds(const Value& low, const Value& high) {
  const std::string_view low_text = free_text(low);
  const std::string_view high_text = free_text(high);
  if (low_text == "*" || high_text == "*") refuse("* can be no bound");
  if (low_text.empty() && high_text.empty()) return;
  std::string text(low_text);
  text.append(kEllipsis).append(high_text);
  const std::size_t first = text.find(kEllipsis);
  if (first != low_text.size() || text.find(kEllipsis, first + 1) != std::string::npos) {
    refuse(quoted(text) + " can be no range: a second \" ... \" would be read in it");
  }
}

// An order of all values, whatever they are: for sorting alike ones side by side.
bool is_before(const Value& a, const Value& b) noexcept {
  return a.alternatives() < b.alternatives();
}

// The members in the order of values, and equal ones in their own.
std::vector<std::size_t> sorted_indices(const std::span<const Value> members) {
  std::vector<std::size_t> indices(members.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  std::stable_sort(indices.begin(), indices.end(), [members](const auto a, const auto b) {
    return is_before(members[a], members[b]);
  });
  return indices;
}

std::vector<Value> without_repetitions(std::vector<Value> members) {
  const std::vector<std::size_t> sorted = sorted_indices(members);
  std::vector<bool> repeated(members.size(), false);
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    repeated[sorted[i]] = members[sorted[i]] == members[sorted[i - 1]];
  }
  std::vector<Value> kept;
  kept.reserve(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!repeated[i]) kept.push_back(std::move(members[i]));
  }
  return kept;
}

const Address* network_of(const Value& value) noexcept {
  const auto* address = std::get_if<Address>(&value.alternatives());
  return address != nullptr && address->is_network() ? address : nullptr;
}

bool member_admits(const Value& member, const Value& value) noexcept {
  if (const Address* network = network_of(member)) {
    const auto* address = std::get_if<Address>(&value.alternatives());
    return address != nullptr && network->contains(*address);
  }
  return member == value;
}

bool is_at_most(const Value& a, const Value& b) noexcept {
  const auto order = compare(a, b);
  return order && *order <= 0;
}

// The last host of a network; of other values they themselves.
Value last_of(const Value& value) {
  const Address* network = network_of(value);
  if (network == nullptr) return value;
  auto bytes = network->ip6().bytes();
  const unsigned width = network->is_ip4() ? 32 : 128;
  for (std::size_t bit = network->prefix_length(); bit < width; ++bit) {
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | 0x80U >> bit % 8);
  }
  if (network->is_ip4()) return Ip4({bytes[0], bytes[1], bytes[2], bytes[3]});
  return Ip6(bytes);
}

template <typename Ip>
Ip following(const Ip& address) noexcept {
  auto bytes = address.bytes();
  for (auto byte = bytes.rbegin(); byte != bytes.rend() && ++*byte == 0; ++byte) {
  }
  return Ip(bytes);
}

// The value right behind one that is less than another; nothing where none is right behind.
std::optional<Value> next_of(const Value& value) {
  if (const auto* natural = std::get_if<std::uint64_t>(&value.alternatives())) {
    return Value(*natural + 1);
  }
  if (std::holds_alternative<bool>(value.alternatives())) return Value(true);
  if (const auto* time = std::get_if<Time>(&value.alternatives()); time && time->is_definite()) {
    return Value(time->instant() + Duration(1));
  }
  if (const auto* address = std::get_if<Address>(&value.alternatives())) {
    return address->is_ip4() ? Value(following(address->ip4())) : Value(following(address->ip6()));
  }
  return std::nullopt;
}

// The first host of a network; of other values they themselves.
Value first_of(const Value& value) {
  const Address* network = network_of(value);
  if (network == nullptr) return value;
  return network->is_ip4() ? Value(network->ip4()) : Value(network->ip6());
}

std::vector<const Value*> sorted_members(const std::span<const Value> members) {
  std::vector<const Value*> sorted;
  sorted.reserve(members.size());
  for (const std::size_t index : sorted_indices(members)) sorted.push_back(&members[index]);
  return sorted;
}

// Whether members admit all of a range: goes from low to high, each time to the end of what those
// members admit that admit the next value.
bool members_cover(const std::span<const Value> members, const Value& low, const Value& high) {
  std::vector<const Value*> sorted = sorted_members(members);
  const auto is_of_another_kind = [&low](const Value* member) {
    return !compare(first_of(*member), low);
  };
  sorted.erase(std::remove_if(sorted.begin(), sorted.end(), is_of_another_kind), sorted.end());
  auto member = sorted.begin();
  for (std::optional<Value> at = low; at;) {
    std::optional<Value> reached;
    for (; member != sorted.end() && is_at_most(first_of(**member), *at); ++member) {
      Value last = last_of(**member);
      if (is_at_most(reached ? *reached : *at, last)) reached = std::move(last);
    }
    if (!reached) return false;
    if (is_at_most(high, *reached)) return true;
    at = next_of(*reached);
  }
  return false;
}

// Whether members admit all of others, both so many that comparing each with each takes too long.
bool members_admit_all(const std::span<const Value> members, const std::span<const Value> others) {
  const std::vector<const Value*> sorted = sorted_members(members);
  std::vector<const Value*> networks;
  std::copy_if(sorted.begin(), sorted.end(), std::back_inserter(networks),
               [](const Value* member) { return network_of(*member) != nullptr; });
  const auto is_before_pointed = [](const Value* a, const Value* b) { return is_before(*a, *b); };
  return std::all_of(others.begin(), others.end(), [&](const Value& value) {
    return std::binary_search(sorted.begin(), sorted.end(), &value, is_before_pointed) ||
           std::any_of(networks.begin(), networks.end(),
                       [&value](const Value* network) { return member_admits(*network, value); });
  });
}

}  // namespace

Constraint Constraint::range(Value low, Value high) {
  if (!low.has_value() || !high.has_value()) refuse("* can be no bound");
  const auto order = compare(low, high);
  if (!order) {
    refuse(quoted(to_string(low)) + " and " + quoted(to_string(high)) + " have no order");
  }
  if (*order > 0) std::swap(low, high);
  check_bounds(low, high);
  Constraint constraint;
  constraint.kind_ = Kind::Range;
  constraint.values_.push_back(std::move(low));
  constraint.values_.push_back(std::move(high));
  return constraint;
}

Constraint Constraint::one_of(std::vector<Value> members) {
  if (members.empty()) refuse("a set has at least one member");
  for (const Value& member : members) check_member(member, &member == members.data());
  Constraint constraint;
  constraint.kind_ = Kind::Set;
  constraint.values_ =
      members.size() == 1 ? std::move(members) : without_repetitions(std::move(members));
  return constraint;
}

Constraint Constraint::parse(const Primitive primitive, const std::string_view text) {
  if (text == "*") return {};
  const std::size_t ellipsis = text.find(kEllipsis);
  if (ellipsis != std::string_view::npos) {
    const std::string_view high = text.substr(ellipsis + kEllipsis.size());
    return range(Value::parse(primitive, text.substr(0, ellipsis)), Value::parse(primitive, high));
  }
  std::vector<Value> members;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    members.push_back(Value::parse(primitive, rest.substr(0, comma)));
    if (comma == std::string_view::npos) return one_of(std::move(members));
    rest.remove_prefix(comma + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  }
}

const Value* Constraint::single() const noexcept {
  switch (kind_) {
    case Kind::Range:
      return compare(values_[0], values_[1]) == std::strong_ordering::equal ? &values_[0] : nullptr;
    case Kind::Set:
      return values_.size() == 1 && network_of(values_[0]) == nullptr ? &values_[0] : nullptr;
    case Kind::Any:
      break;
  }
  return nullptr;
}

bool Constraint::admits(const Value& value) const noexcept {
  switch (kind_) {
    case Kind::Range:
      return is_at_most(values_[0], value) && is_at_most(value, values_[1]);
    case Kind::Set:
      return std::any_of(values_.begin(), values_.end(),
                         [&value](const Value& member) { return member_admits(member, value); });
    case Kind::Any:
      break;
  }
  return true;
}

bool Constraint::contains(const Constraint& other) const {
  constexpr std::size_t kMany = 4096;  // comparisons
  if (kind_ == Kind::Any || other.kind_ == Kind::Any) return kind_ == Kind::Any;
  if (kind_ == Kind::Set && other.kind_ == Kind::Range) {
    return members_cover(values_, other.values_[0], other.values_[1]);
  }
  if (kind_ == Kind::Set && values_.size() * other.values_.size() > kMany) {
    return members_admit_all(values_, other.values_);
  }
  return std::all_of(other.values_.begin(), other.values_.end(),
                     [this](const Value& value) { return admits(value); });
}

std::string to_string(const Constraint& constraint) {
  std::string text;
  append(text, constraint);
  return text;
}

void append(std::string& out, const Constraint& constraint) {
  if (constraint.is_any()) {
    out += '*';
    return;
  }
  const bool is_range = constraint.kind() == Constraint::Kind::Range;
  const std::string_view separator = is_range ? kEllipsis : ",";
  bool is_first = true;
  for (const Value& value : constraint.values()) {
    if (!is_first) out += separator;
    append(out, value);
    is_first = false;
  }
}

}  // namespace mplane
