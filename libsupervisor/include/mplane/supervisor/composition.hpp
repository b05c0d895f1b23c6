#pragma once

#include "mplane/model/registry.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mplane {

/// How the values of a column are made one, over all rows of all components. No value counts for
/// none of them.
enum class Aggregate : std::uint8_t { Min, Mean, Max, Sum, Count, Percentile };

/// A column whose values are made one.
struct AggregateColumn {
  std::string column;  ///< of the capabilities below, and of the one above
  Aggregate aggregate = Aggregate::Mean;
  double percentile = 50;  ///< 0 to 100, by the nearest rank
};

/// Which components are asked of those that could be, by lot. What is not given selects all.
struct Lots {
  std::optional<std::size_t> sample = {};  ///< so many components; 1 at least
  std::uint64_t seed = 0;                  ///< the same chooses the same of the same, in any order
  /// Metadata over whose values the sample is spread: as many of each as of another, if there are.
  /// Those without it count as having one value. Not spread when empty.
  std::string spread = {};
};

/// Which of the components that offer something are asked. What is not given selects all.
struct Selection {
  std::vector<std::string> components = {};  ///< names, `*` for any text; one has to match
  /// Elements and texts, `*` for any: all have to be in the metadata of their capability.
  std::vector<std::pair<std::string, std::string>> metadata = {};
  Lots lots = {};
};

/// What of it a specification may choose by its metadata, if the registry has these elements; what
/// it may not is refused. Nothing widens what the operator selected.
struct SelectionChoices {
  bool components = false;  ///< `composition.components`: names, with commas between them
  bool sample = false;      ///< `composition.sample`: at most the operator's
  bool seed = false;        ///< `composition.seed`
  bool spread = false;      ///< `composition.spread`: an element
  /// `composition.same-as`: those that an earlier measurement of the same client asked, the one of
  /// that token, of the same composition.
  bool same_as = false;
};

/// Several capabilities below that become one above: those whose label matches `of`, from the
/// components selected. They have to agree in verb, and in parameters and columns; those that agree
/// with the first of them count. A value.
///
/// The capability above has their parameters but for those of which each component allows one value
/// only, such as its own address: each gets its own. A constraint in which they agree is theirs,
/// else it is `*`; the scope is that of the first. A component that does not take what is asked is
/// named as missing. Its columns are theirs behind one that names the component, or, if there are
/// aggregates, those of the aggregates alone.
///
/// Of a split, a list stands in the place of one parameter: each component, in turn, is asked for
/// one of its items, of which a column in front tells, unless the component does itself.
struct Composition {
  enum class Answer : std::uint8_t {
    All,    ///< of all components, their rows in one result
    First,  ///< of the first that has one; the others are interrupted
    Split,  ///< of the one that was asked for the item
  };
  std::string label;  ///< above
  std::string of;     ///< labels below; `*` for any text
  Answer answer = Answer::All;
  Selection selection = {};
  SelectionChoices choices = {};
  std::string component_column = "observer.device";  ///< a string; names the component of a row
  std::vector<AggregateColumn> aggregates = {};
  /// Of a split: the parameter below, and the one above that has a list of such values, a string
  /// with commas between them.
  std::string split = {};
  std::string list = "composition.list";
  /// So many items may be in it: a list must not take all the room of its components' queues.
  std::size_t most_items = 1'000;
  /// Metadata of the result that names who is missing and why, if the registry has that element.
  std::string missing = "composition.missing";
};

/// Looks whether they can be made of a registry's elements, and have labels, each its own.
/// @throws Error{Invalid} whose `where` is the label of the one that cannot.
void check_compositions(const std::vector<Composition>& compositions, const Registry& registry);

}  // namespace mplane
