// The commands about one measurement: run, redeem, results, watch, stop.

#include "asker.hpp"
#include "attendant.hpp"
#include "commands.hpp"
#include "mplane/model/duration.hpp"
#include "mplane/model/json.hpp"
#include "watched.hpp"

#include <ostream>

namespace mplane {
namespace {

/// Sends it. Stopped meanwhile, the component may have it all the same.
Pending submit(Client& client, const Specification& specification, const Capability& capability,
               const Watch& watch) {
  try {
    return client.submit(specification, capability, watch.stop());
  } catch (const Error& error) {
    const bool stopped = error.kind() == ErrorKind::Unavailable && watch.stop().stop_requested();
    if (!stopped) throw;
    return client.resume(capability.link().value(), specification.token());
  }
}

void write_receipt(const Specification& specification, const Options& options,
                   const Console& console) {
  const Format format = options.format.value_or(Format::Table);
  if (format == Format::Json || format == Format::Ndjson) {
    console.out << encode(Receipt(specification), {.pretty = format == Format::Json}) << std::endl;
  } else {
    console.out << specification.token() << std::endl;
  }
}

}  // namespace

int run_measurement(const Options& options, const RunRequest& request, const Console& console) {
  const auto run = [&](Watch& watch) {
    Asker asker(options, console);
    const Capability capability = asker.discover(request.question.capability, watch.stop());
    const Specification specification = Client::named(specify(capability, request.question));
    if (!request.wait) {
      asker.client().submit(specification, capability, watch.stop());
      write_receipt(specification, options, console);
      return 0;
    }
    const auto takes = specification.when().timer_delays(wall_clock()).end;
    if (!options.timeout && takes) watch.limit(*takes + kSlack);
    Pending pending = submit(asker.client(), specification, capability, watch);
    return Attendant(options, request.summary, console, watch).attend(pending);
  };
  return watched(options, run, Wish::Interrupt, true);
}

int redeem_measurement(const Options& options, const std::string& token, const bool summary,
                       const Console& console) {
  return watched(options, [&](Watch& watch) {
    Asker asker(options, console);
    Pending pending = asker.client().resume(asker.message_url(), token);
    Attendant attendant(options, summary, console, watch);
    pending.redeem(watch.stop());
    if (!pending.is_done() && options.timeout) pending.wait_for(kWithoutEnd, watch.stop());
    return attendant.finish(pending);
  });
}

int show_results(const Options& options, const std::string& token, const bool summary,
                 const Console& console) {
  return watched(options, [&](Watch& watch) {
    Asker asker(options, console);
    Pending pending = asker.client().resume(asker.message_url(), token);
    pending.redeem(watch.stop());
    return Attendant(options, summary, console, watch).report(pending);
  });
}

int watch_measurement(const Options& options, const std::string& token, const bool summary,
                      const Console& console) {
  const auto attend = [&](Watch& watch) {
    Asker asker(options, console);
    Pending pending = asker.client().resume(asker.message_url(), token);
    pending.redeem(watch.stop());
    return Attendant(options, summary, console, watch).attend(pending);
  };
  return watched(options, attend, Wish::Leave, true);
}

int stop_measurement(const Options& options, const std::string& token, const Console& console) {
  return watched(options, [&](Watch& watch) {
    Asker asker(options, console);
    Pending pending = asker.client().resume(asker.message_url(), token);
    Attendant attendant(options, false, console, watch);
    attendant.interrupt(pending, options.timeout.value_or(kLastWords));
    return attendant.finish(pending);
  });
}

}  // namespace mplane
