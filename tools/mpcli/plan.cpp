#include "plan.hpp"

#include "mplane/tools/text.hpp"

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
  return {begin, has_end ? std::optional(end.instant()) : std::nullopt, {}};
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
  if (specification.verb() == "query") return {{{now, {}, {}}}, 1};
  return {{run_of(when, now)}, 1};
}

void Outlook::heed(const std::optional<std::vector<ForeseenStart>>& foreseen) {
  told = foreseen.has_value();
  for (std::size_t i = 0; told && i < std::min(runs.size(), foreseen->size()); ++i) {
    const ForeseenStart& said = (*foreseen)[i];
    const Duration later = said.time - runs[i].start;
    runs[i].start += later;
    if (runs[i].end) *runs[i].end += later;
    runs[i].in_its_way = said.in_its_way;
  }
}

std::string Outlook::remark() const {
  if (!told) return "whether others would be in its way, this component does not tell";
  const auto met = std::count_if(runs.begin(), runs.end(),
                                 [](const Run& run) { return !run.in_its_way.empty(); });
  if (met == 0) return "nothing would be in its way";
  return counted(static_cast<std::size_t>(met), "start", "starts") +
         " would find something in the way";
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
  rows.begin({{"start", Primitive::Time}, {"end", Primitive::Time}, {"in-the-way"}});
  for (const auto& [start, end, in_its_way] : outlook.runs) {
    rows.row({Value(start), end ? Value(*end) : Value(),
              in_its_way.empty() ? Value() : Value(in_its_way)});
  }
  rows.finish();
}

}  // namespace mplane
