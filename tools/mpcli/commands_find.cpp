// The commands that look at what there is: list, show, explain.

#include "asker.hpp"
#include "commands.hpp"
#include "connect.hpp"
#include "fleet_round.hpp"
#include "mplane/model/json.hpp"
#include "show_capability.hpp"
#include "watched.hpp"

#include <algorithm>
#include <ostream>

namespace mplane {
namespace {

std::string list_as(const Format format, const std::vector<Capability>& capabilities) {
  switch (format) {
    case Format::Json:
      return list_as_json(capabilities);
    case Format::Ndjson:
      return list_as_ndjson(capabilities);
    case Format::Csv:
      return list_as_csv(capabilities);
    case Format::Prometheus:
      throw Error(ErrorKind::Configuration, "--format", "prometheus is for results");
    case Format::Table:
      break;
  }
  return list_as_table(capabilities);
}

std::string show_as(const Format format, const Capability& capability,
                    const std::string& component) {
  if (format == Format::Json) return encode(capability, {.pretty = true}) + "\n";
  return format == Format::Table ? describe(capability, component) : list_as(format, {capability});
}

/// Of several components, a row a capability: whose it is, first of all.
int list_all(const Options& options, const Console& console, Watch& watch) {
  const auto rows =
      make_row_output(options.format.value_or(Format::Table), console.out, screen_of_output());
  const auto fleet = make_fleet(options, console);
  FleetRound round(*fleet, console, watch);
  const std::vector<Found> found = discover_all(*fleet, round);
  std::vector<Heading> headings = listed_headings();
  headings.insert(headings.begin(), {"component"});
  rows->begin(headings);
  for (const Found& one : found) {
    for (const Capability& capability : one.capabilities) {
      std::vector<Value> values = listed(capability);
      values.insert(values.begin(), one.component);
      rows->row(values);
    }
  }
  rows->finish();
  return round.verdict(std::any_of(found.begin(), found.end(),
                                   [](const Found& one) { return !one.component.empty(); }));
}

}  // namespace

int list_capabilities(const Options& options, const Console& console) {
  return watched(options, [&](Watch& watch) {
    if (options.urls.size() > 1) return list_all(options, console, watch);
    Asker asker(options, console);
    const auto capabilities = asker.discover(watch.stop());
    console.out << list_as(options.format.value_or(Format::Table), capabilities) << std::flush;
    if (capabilities.empty() && options.verbosity != Verbosity::Quiet) {
      console.err << "mpcli: nothing is offered there to this client\n";
    }
    return 0;
  });
}

int show_capability(const Options& options, const std::string& capability, const Console& console) {
  return watched(options, [&](Watch& watch) {
    Asker asker(options, console);
    const Capability found = asker.discover(capability, watch.stop());
    console.out << show_as(options.format.value_or(Format::Table), found, asker.component_of(found))
                << std::flush;
    return 0;
  });
}

int explain_capability(const Options& options, const std::string& capability,
                       const Console& console) {
  return watched(options, [&](Watch& watch) {
    Asker asker(options, console);
    const Capability found = asker.discover(capability, watch.stop());
    const Format format = options.format.value_or(Format::Table);
    const Screen screen = screen_of_output();
    if (format == Format::Table) {
      console.out << explain(found, asker.component_of(found), screen.width) << std::flush;
    } else {
      write_explanations(found, *make_row_output(format, console.out, screen));
    }
    return 0;
  });
}

}  // namespace mplane
