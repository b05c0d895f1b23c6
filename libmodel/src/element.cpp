#include "mplane/model/element.hpp"

#include "name_key.hpp"

#include <utility>

namespace mplane {

Element::Element(std::string name, const Primitive primitive, std::string description,
                 std::string registry_uri)
    : name_(std::move(name)),
      description_(std::move(description)),
      registry_uri_(std::move(registry_uri)),
      key_(detail::name_key(name_)),
      primitive_(primitive) {}

bool compatible(const Element& a, const Element& b) noexcept {
  return a.name() == b.name() && a.registry_uri() == b.registry_uri();
}

}  // namespace mplane
