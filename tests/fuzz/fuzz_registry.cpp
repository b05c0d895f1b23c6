// A text as a registry, whose includes are the parts of the same text behind blank lines: "1" is
// the first of them, and so on. Each element is found by its name.
#include "mplane/model/error.hpp"
#include "mplane/model/registry.hpp"
#include "require.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace mplane;

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t gap = text.find("\n\n"); gap != std::string_view::npos;
       gap = text.find("\n\n")) {
    parts.push_back(text.substr(0, gap));
    text.remove_prefix(gap + 2);
  }
  parts.push_back(text);
  return parts;
}

void check(const Registry& registry) {
  for (const Element& element : registry.elements()) {
    require(registry.find(element.name()) == &element);
    require(!element.name().empty() && !element.registry_uri().empty());
    require(registry.known(element.registry_uri()) != nullptr);
  }
  require(registry.known(registry.uri()) != nullptr);
  require(registry.also(registry).same(registry));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = parts_of({reinterpret_cast<const char*>(data), size});
  const auto loader = [&parts](std::string_view uri) {
    std::size_t index = 0;
    std::from_chars(uri.data(), uri.data() + uri.size(), index);
    if (index < parts.size()) return std::string(parts[index]);
    throw Error(ErrorKind::Unknown, std::string(uri), "no such part");
  };
  try {
    check(Registry::decode(parts[0], loader));
  } catch (const Error& error) {
    require(!error.message().empty());
  }
  return 0;
}
