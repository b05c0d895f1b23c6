#include "expectations.hpp"

#include "comparison.hpp"
#include "expectations_text.hpp"

#include <stdexcept>
#include <string>

namespace {

std::string key_of(const std::string& kind, const std::string& name) { return kind + ": " + name; }

void merge(Json& json, const Json& change);

void merge_items(Json::Array& items, const Json::Object& change) {
  for (const auto& [index, value] : change) {
    if (index == "*") {
      for (Json& item : items) merge(item, value);
    } else {
      merge(items.at(std::stoul(index)), value);
    }
  }
}

void merge(Json& json, const Json& change) {
  if (const Json* const instead = change.find("instead")) {
    json = *instead;
    return;
  }
  const bool replaces = !change.is_object() || is_refusal(change) || is_refusal(json);
  if (!replaces && json.is_array()) {
    merge_items(json.array(), change.object());
  } else if (!replaces && json.is_object()) {
    for (const auto& [name, value] : change.object()) merge(json.object()[name], value);
  } else {
    json = change;
  }
}

}  // namespace

Expectations::Expectations() {
  const Json table = Json::parse(mplane::detail::expectations_text());
  for (const Json& group : table.array()) {
    const std::string& kind = group.at("kind").text();
    if (group.at("reason").text().empty()) throw std::runtime_error("a group without a reason");
    for (const auto& [name, change] : group.at("cases").object()) {
      const bool is_new = changes_.emplace(key_of(kind, name), change).second;
      if (!is_new) throw std::runtime_error("expected twice: " + key_of(kind, name));
    }
  }
}

const Json* Expectations::find(const Json& vector_case) const {
  const auto key = key_of(vector_case.at("kind").text(), vector_case.at("name").text());
  const auto found = changes_.find(key);
  return found == changes_.end() ? nullptr : &found->second;
}

std::optional<Json> Expectations::of(const Json& vector_case, const VectorKind& kind) const {
  const Json* const change = find(vector_case);
  const Json* const specified = vector_case.find("by_specification");
  const bool is_bug = vector_case.find("sdk_bug") != nullptr;
  if (change == nullptr && specified != nullptr) return *specified;
  if (change == nullptr && is_bug) return std::nullopt;
  Json expected = normalized(vector_case.at(kind.expected), kind);
  if (change == nullptr) return expected;
  merge(expected, *change);
  return expected;
}
