#include "merge.hpp"

#include "label_token.hpp"
#include "mplane/model/detail/shortened.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

namespace mplane::detail {
namespace {

bool agree_on_one_value_each(const std::vector<Registration>& offers, const std::size_t parameter) {
  const std::string& name = offers[0].capability.schema().parameters()[parameter]->name();
  return std::all_of(offers.begin(), offers.end(), [&](const Registration& one) {
    return one.capability.constraint(name).single() != nullptr;
  });
}

Constraint common_constraint(const std::vector<Registration>& offers, const std::string& name) {
  const Constraint& first = offers[0].capability.constraint(name);
  const bool agree = std::all_of(offers.begin(), offers.end(), [&](const Registration& one) {
    return one.capability.constraint(name) == first;
  });
  return agree ? first : Constraint();
}

/// The values of a column over all results, without those that are none.
std::vector<Value> values_of(const std::vector<const Result*>& results, const std::string& column) {
  std::vector<Value> values;
  for (const Result* const result : results) {
    const auto place = result->schema().find_column(column);
    if (!place) continue;
    for (const Row row : result->rows()) {
      Value value = row.value(*place);
      if (value.has_value()) values.push_back(std::move(value));
    }
  }
  return values;
}

double number(const Value& value) { return value.as(Primitive::Real).get<double>(); }

bool is_less(const Value& a, const Value& b) {
  const auto order = compare(a, b);
  return order && *order < 0;
}

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

/// A number as a value of the column's primitive.
Value as_number(const double number, const Primitive primitive) {
  if (primitive != Primitive::Natural) return number;
  const double whole = std::round(std::max(number, 0.0));
  return whole < static_cast<double>(kMost) ? static_cast<std::uint64_t>(whole) : kMost;
}

/// Of naturals, exactly. @throws Error{Failed} for one that is no natural any more.
Value sum_of(const std::vector<Value>& values) {
  std::uint64_t sum = 0;
  for (const Value& value : values) {
    const auto one = value.get<std::uint64_t>();
    if (one > kMost - sum) throw Error(ErrorKind::Failed, "", "a sum is too large for a natural");
    sum += one;
  }
  return sum;
}

Value aggregate(const AggregateColumn& how, std::vector<Value> values, const Primitive primitive) {
  if (how.aggregate == Aggregate::Count) {
    return as_number(static_cast<double>(values.size()), primitive);
  }
  if (values.empty()) return {};
  std::sort(values.begin(), values.end(), is_less);
  if (how.aggregate == Aggregate::Min) return values.front();
  if (how.aggregate == Aggregate::Max) return values.back();
  const auto count = static_cast<double>(values.size());
  if (how.aggregate == Aggregate::Percentile) {
    // A double is not quite 7 % or 99.9 %, and what is above a whole rank by that is that rank.
    const double rank = std::ceil(how.percentile * count / 100 - 1e-9 * count);
    return values[static_cast<std::size_t>(std::clamp(rank, 1.0, count)) - 1];
  }
  if (how.aggregate == Aggregate::Sum && primitive == Primitive::Natural) return sum_of(values);
  double sum = 0;
  for (const Value& value : values) sum += number(value);
  return as_number(how.aggregate == Aggregate::Sum ? sum : sum / count, primitive);
}

void add_aggregates(Result& all, const Composition& composition,
                    const std::vector<const Result*>& results) {
  std::vector<Value> cells(all.schema().columns().size());
  for (const AggregateColumn& how : composition.aggregates) {
    const std::size_t place = all.schema().column(how.column);
    const Primitive primitive = all.schema().columns()[place]->primitive();
    cells[place] = aggregate(how, values_of(results, how.column), primitive);
  }
  all.row(cells);
}

void add_rows(Result& all, const Composition& composition, const Part& part, const Result& result) {
  const auto columns = all.schema().columns();
  std::vector<std::optional<std::size_t>> places;
  for (const Element* const column : columns) {
    places.push_back(result.schema().find_column(column->name()));
  }
  for (const Row row : result.rows()) {
    std::vector<Value> cells;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string& name = columns[i]->name();
      if (name == composition.component_column) {
        cells.emplace_back(part.component);
      } else if (places[i]) {
        cells.push_back(row.value(*places[i]));
      } else {
        cells.push_back(name == composition.split ? part.item : Value());
      }
    }
    all.row(cells);
  }
}

void add_scope(Result& all, const std::vector<const Result*>& results) {
  std::optional<Interval> whole;
  for (const Result* const result : results) {
    if (!result->when().is_definite()) continue;
    const Interval one = result->when().interval({});
    if (!whole) whole = one;
    whole->start = std::min(whole->start, one.start);
    whole->end = std::max(whole->end, one.end);
  }
  if (whole) all.measured(whole->start.instant(), whole->end.instant());
}

/// Who is missing: the component, or the item and who was asked for it.
std::string name_of(const Part& part) {
  if (!part.item.has_value()) return part.component;
  const std::string item = to_string(part.item);
  return part.component.empty() ? item : item + " (" + part.component + ")";
}

}  // namespace

Result translated(const Result& result, const Specification& asked) {
  Result own(asked);
  own.measured(result.when());
  const auto parameters = asked.schema().parameters();
  for (const Element* const parameter : parameters) {
    const auto place = result.schema().find_parameter(parameter->name());
    if (place && result.value(*place).has_value()) {
      own.parameter(parameter->name(), result.value(*place));
    }
  }
  for (const auto& [element, value] : result.metadata()) own.with_metadata(element, value);
  return std::move(own.rows_from(result));
}

Capability composed(const Composition& composition, const std::vector<Registration>& offers,
                    const Registry& registry) {
  const Capability& first = offers[0].capability;
  auto builder = Capability::of(first.verb(), composition.label).when(first.when());
  const bool is_split = composition.answer == Composition::Answer::Split;
  const auto parameters = first.schema().parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string& name = parameters[i]->name();
    if (is_split && name == composition.split) {
      builder = std::move(builder).parameter(composition.list);
    } else if (!agree_on_one_value_each(offers, i)) {
      builder = std::move(builder).parameter(name, common_constraint(offers, name));
    }
  }
  if (!composition.aggregates.empty()) {
    for (const AggregateColumn& one : composition.aggregates) {
      builder = std::move(builder).result(one.column);
    }
  } else {
    builder = std::move(builder).result(composition.component_column);
    if (is_split && !first.schema().find_column(composition.split)) {
      builder = std::move(builder).result(composition.split);
    }
    for (const Element* const column : first.schema().columns()) {
      builder = std::move(builder).result(column->name());
    }
  }
  return with_token_of_label(std::move(builder).build(registry));
}

bool leaves_as_it_is(const Composition& composition, const Capability& above,
                     const Capability& first, const Capability& one) {
  if (one.verb() != first.verb() || one.schema() != first.schema()) return true;  // it is no part
  const auto parameters = one.schema().parameters();
  return std::all_of(parameters.begin(), parameters.end(), [&](const Element* const parameter) {
    const Constraint& constraint = one.constraint(parameter->name());
    const auto place = above.schema().find_parameter(parameter->name());
    if (parameter->name() == composition.split) return true;  // whoever takes an item is asked
    if (!place) return constraint.single() != nullptr;
    return above.constraint(*place).is_any() || above.constraint(*place) == constraint;
  });
}

bool keeps_as_it_is(const Composition& composition, const Capability& above,
                    const Capability& one) {
  if (above.when() != one.when()) return false;
  const auto parameters = above.schema().parameters();
  return std::all_of(parameters.begin(), parameters.end(), [&](const Element* const parameter) {
    const bool is_list = !composition.split.empty() && parameter->name() == composition.list;
    return is_list || above.constraint(parameter->name()) == one.constraint(parameter->name());
  });
}

Result merged(const Composition& composition, const Specification& asked,
              const std::vector<Part>& parts) {
  std::vector<const Result*> results;
  Result all(asked);
  for (const Part& part : parts) {
    const auto* const result = std::get_if<Result>(&part.answer);
    if (result == nullptr) continue;
    results.push_back(result);
    if (composition.aggregates.empty()) {
      add_rows(all, composition, part, *result);
    }
  }
  const std::string missing = missing_text(parts);
  if (results.empty()) throw Error(ErrorKind::Failed, "", "no component has a result: " + missing);
  if (!composition.aggregates.empty()) add_aggregates(all, composition, results);
  add_scope(all, results);
  if (!missing.empty() && all.registry().find(composition.missing) != nullptr) {
    all.with_metadata(composition.missing, missing);
  }
  return all;
}

std::string missing_text(const std::vector<Part>& parts, const std::size_t most) {
  constexpr std::string_view kMore = "; ...";
  constexpr std::size_t kLongestReason = 256;  // what a component says, it may say at length
  std::string text;
  for (const Part& part : parts) {
    const auto* const exception = std::get_if<Exception>(&part.answer);
    if (exception == nullptr) continue;
    std::string one = (text.empty() ? "" : "; ") + name_of(part) + ": ";
    one += shortened(exception->message(), kLongestReason);
    if (text.size() + one.size() + kMore.size() > most) return text.append(kMore);
    text += one;
  }
  return text;
}

}  // namespace mplane::detail
