#include "mplane/model/primitive.hpp"

#include <array>

namespace mplane {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 7> kNames = {"string", "natural", "real", "boolean",
                                                    "time",   "address", "url"};

}  // namespace

std::string_view to_string(const Primitive primitive) noexcept {
  return kNames[static_cast<std::size_t>(primitive)];
}

std::optional<Primitive> find_primitive(const std::string_view name) noexcept {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Primitive>(i);
  }
  return std::nullopt;
}

}  // namespace mplane
