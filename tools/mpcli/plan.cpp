#include "plan.hpp"

#include "text.hpp"

#include <algorithm>

namespace mplane {
namespace {

/// More runs than this are not counted.
constexpr std::size_t kMostCounted = 1'000'000;

Outlook::Run run_of(const When& when, const Instant now) {
  const auto [start, end] = when.interval(now);
  const bool has_end = end.is_definite() && end.instant() > now && end != start;
  // What began before now, or has no beginning, is run at once.
  const Instant begin = start.is_definite() ? std::max(start.instant(), now) : now;
  return {begin, has_end ? std::optional(end.instant()) : std::nullopt};
}

Outlook outlook_of_runs(const When& when, const Instant now, const std::size_t most) {
  Outlook outlook;
  for (const Instant start : when.starts(now, now, most)) {
    outlook.runs.push_back(run_of(when.run_at(start), start));
  }
  if (!when.length(now)) return outlook;
  const std::size_t count = when.starts(now, now, kMostCounted).size();
  if (count < kMostCounted) outlook.count = count;
  return outlook;
}

}  // namespace

Outlook outlook_of(const Specification& specification, const Instant now, const std::size_t most) {
  const When& when = specification.when();
  if (when.is_repeated()) return outlook_of_runs(when, now, most);
  if (specification.verb() == "query") return {{{now, {}}}, 1};
  return {{run_of(when, now)}, 1};
}

std::string heading_of(const Outlook& outlook, const Specification& specification,
                       const std::string& component) {
  TextTable facts({TextTable::Align::Left, TextTable::Align::Left});
  facts.add({"  when", to_string(specification.when())});
  const auto elements = specification.schema().parameters();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    facts.add({"  " + elements[i]->name(), to_string(specification.value(i))});
  }
  std::string runs = outlook.count ? counted(*outlook.count, "run", "runs") : "runs without end";
  if (outlook.runs.size() < outlook.count.value_or(SIZE_MAX)) {
    runs += ", of which these are the next " + std::to_string(outlook.runs.size());
  }
  facts.add({"  starts", runs});
  return printable(specification.label()) + " at " + printable(component) + "\n" +
         facts.to_string();
}

void write_outlook(const Outlook& outlook, RowOutput& rows) {
  rows.begin({{"start", Primitive::Time}, {"end", Primitive::Time}});
  for (const auto& [start, end] : outlook.runs) {
    rows.row({Value(start), end ? Value(*end) : Value()});
  }
  rows.finish();
}

}  // namespace mplane
