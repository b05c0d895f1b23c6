#include "mplane/supervisor/composition.hpp"

#include "mplane/model/detail/label.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

#include <set>
#include <string>
#include <string_view>

namespace mplane {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorKind::Invalid, "", why); }

void check(const AggregateColumn& one, const Registry& registry) {
  const Primitive primitive = registry.element(one.column).primitive();
  const bool is_number = primitive == Primitive::Natural || primitive == Primitive::Real;
  // Addresses of two families have no order, URLs none at all.
  const bool is_ordered = primitive != Primitive::Address && primitive != Primitive::Url;
  const bool takes_order = one.aggregate == Aggregate::Min || one.aggregate == Aggregate::Max ||
                           one.aggregate == Aggregate::Percentile;
  if (takes_order ? !is_ordered : !is_number) {
    refuse(one.column + " is a " + std::string(to_string(primitive)) +
           ", of which there is no such aggregate");
  }
  const bool is_percentile = one.percentile >= 0 && one.percentile <= 100;  // nor is a NaN
  if (!is_percentile) refuse("the percentile of " + one.column + " is not 0 to 100");
}

void check(const Selection& selection, const Registry& registry) {
  const Lots& lots = selection.lots;
  if (lots.sample == 0U) refuse("a sample of none has no answer");
  for (const auto& [element, text] : selection.metadata) registry.element(element);
  if (lots.spread.empty()) return;
  registry.element(lots.spread);
  if (!lots.sample) refuse("what is spread is a sample, and there is none");
}

void check_split(const Composition& composition, const Registry& registry) {
  const bool is_split = composition.answer == Composition::Answer::Split;
  if (is_split == composition.split.empty()) {
    refuse(is_split ? "a split needs the parameter that it is of"
                    : "it has a parameter to be split, but is no split");
  }
  if (!is_split) return;
  registry.element(composition.split);
  if (registry.element(composition.list).primitive() == Primitive::String) return;
  refuse(composition.list + " is no string, so it cannot have a list");
}

void check(const Composition& composition, const Registry& registry) {
  if (!detail::is_label(composition.label)) {
    refuse("the label " + quoted(composition.label) + " is not " +
           std::string(detail::kLabelGrammar));
  }
  check(composition.selection, registry);
  check_split(composition, registry);
  for (const AggregateColumn& one : composition.aggregates) check(one, registry);
  if (!composition.aggregates.empty()) return;
  const Element& column = registry.element(composition.component_column);
  if (column.primitive() == Primitive::String) return;
  refuse(composition.component_column + " is no string, so it cannot name a component");
}

}  // namespace

void check_compositions(const std::vector<Composition>& compositions, const Registry& registry) {
  std::set<std::string_view> labels;
  for (const Composition& one : compositions) {
    try {
      check(one, registry);
      if (!labels.insert(one.label).second) refuse("another composition has that label");
    } catch (const Error& error) {
      throw error.within(one.label);
    }
  }
}

}  // namespace mplane
