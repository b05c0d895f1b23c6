// The commands that look at what there is: list, show.

#include "asker.hpp"
#include "commands.hpp"
#include "mplane/model/json.hpp"
#include "show_capability.hpp"
#include "watched.hpp"

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
    case Format::Table:
      break;
  }
  return list_as_table(capabilities);
}

std::string show_as(const Format format, const Capability& capability,
                    const std::string& component) {
  switch (format) {
    case Format::Json:
      return encode(capability, {.pretty = true}) + "\n";
    case Format::Ndjson:
      return list_as_ndjson({capability});
    case Format::Csv:
      return list_as_csv({capability});
    case Format::Table:
      break;
  }
  return describe(capability, component);
}

}  // namespace

int list_capabilities(const Options& options, const Console console) {
  return watched(options, [&](Watch& watch) {
    Asker asker(options, console);
    const auto capabilities = asker.discover(watch.stop());
    console.out << list_as(options.format.value_or(Format::Table), capabilities) << std::flush;
    if (capabilities.empty()) console.err << "mpcli: nothing is offered there to this client\n";
    return 0;
  });
}

int show_capability(const Options& options, const std::string& capability, const Console console) {
  return watched(options, [&](Watch& watch) {
    Asker asker(options, console);
    const Capability found = asker.discover(capability, watch.stop());
    const Offer* const offer = asker.client().find(found.token());
    console.out << show_as(options.format.value_or(Format::Table), found,
                           name_of_peer(offer->peer, offer->found_at))
                << std::flush;
    return 0;
  });
}

}  // namespace mplane
