// What clients choose of a composition by lists: the first byte says of which parameter the items
// are. Each item is there once, and what is read has to be written so that it reads as the same.
#include "choice.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/registry.hpp"
#include "require.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace mplane;

constexpr std::size_t kMostItems = 50;
constexpr std::size_t kMostNames = 256;

Registry registry() {
  return Registry::decode(R"({"registry-format": "mplane-0", "registry-revision": 0,
      "registry-uri": "urn:test:lists", "includes": ["http://ict-mplane.eu/registry/core"],
      "elements": [{"name": "composition.list", "prim": "string"},
                   {"name": "composition.components", "prim": "string"}]})");
}

Specification asked(const Registry& registry, const std::string& list) {
  return Capability::measure("mesh")
      .when("now ... future")
      .parameter("composition.list")
      .result("delay.twoway.icmp.count")
      .build(registry)
      .specify("now")
      .set("composition.list", list)
      .metadata("composition.components", list)
      .build();
}

std::string joined(const std::vector<Value>& items) {
  std::string list;
  for (const Value& item : items) list += (list.empty() ? "" : ",") + to_string(item);
  return list;
}

void check_items(const Registry& registry, const std::string& list, const std::string_view of) {
  const Composition composition{.label = "mesh",
                                .of = "ping",
                                .answer = Composition::Answer::Split,
                                .split = std::string(of),
                                .most_items = kMostItems};
  const auto items = detail::items_of(composition, asked(registry, list));
  require(!items.empty() && items.size() <= kMostItems);
  std::set<std::string> different;
  for (const Value& item : items) require(different.insert(to_string(item)).second);
  require(detail::items_of(composition, asked(registry, joined(items))) == items);
}

void check_names(const Registry& registry, const std::string& list) {
  const Composition composition{.label = "mesh", .of = "ping", .choices = {.components = true}};
  const auto choice = detail::choice_of(composition, asked(registry, list));
  require(choice.components.size() <= kMostNames);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<std::string_view, 7> kParameters{
      "destination.ip4", "destination.ip6", "duration.us",  "fps.nominal",
      "destination.url", "connectivity.ip", "source.device"};
  if (size == 0) return 0;
  const Registry lists = registry();
  const std::string list(reinterpret_cast<const char*>(data + 1), size - 1);
  try {
    check_items(lists, list, kParameters[data[0] % kParameters.size()]);
  } catch (const Error& error) {
    require(!error.message().empty());
  }
  try {
    check_names(lists, list);
  } catch (const Error& error) {
    require(!error.message().empty());
  }
  return 0;
}
