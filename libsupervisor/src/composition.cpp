#include "mplane/supervisor/composition.hpp"

#include "mplane/model/error.hpp"

namespace mplane {
namespace {

void check(const Composition& composition, const Registry& registry) {
  for (const AggregateColumn& one : composition.aggregates) registry.element(one.column);
  if (!composition.aggregates.empty()) return;
  const Element& column = registry.element(composition.component_column);
  if (column.primitive() == Primitive::String) return;
  throw Error(ErrorKind::Invalid, "",
              composition.component_column + " is no string, so it cannot name a component");
}

}  // namespace

void check_compositions(const std::vector<Composition>& compositions, const Registry& registry) {
  for (const Composition& one : compositions) {
    try {
      check(one, registry);
    } catch (const Error& error) {
      throw error.within(one.label);
    }
  }
}

}  // namespace mplane
