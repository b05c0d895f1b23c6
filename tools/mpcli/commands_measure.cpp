// The commands about measurements: run, redeem, stop.

#include "asker.hpp"
#include "commands.hpp"
#include "default_scope.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "result_output.hpp"
#include "text.hpp"
#include "watched.hpp"

#include <ostream>
#include <set>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace mplane {
namespace {

/// How long an interrupted measurement may take to tell what it has.
constexpr Duration kLastWords = std::chrono::seconds(5);
/// How much longer than its scope a measurement is waited for.
constexpr Duration kSlack = std::chrono::seconds(30);

Instant now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

std::size_t width_of_terminal() {
  winsize size{};
  const bool known = isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return known ? size.ws_col : 0;
}

std::size_t parameter_place(const Capability& capability, const std::string& name) {
  const Schema& schema = capability.schema();
  if (const auto place = schema.find_parameter(name)) return *place;
  NearMiss guess(name);
  for (const Element* element : schema.parameters()) guess.consider(element->name());
  throw Error(ErrorKind::Configuration, "",
              mplane::quoted(capability.label()) + " has no parameter " + mplane::quoted(name) +
                  guess.hint());
}

void assign(SpecificationBuilder& builder, const Capability& capability,
            const std::vector<std::string>& assignments) {
  std::set<std::size_t> assigned;
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      throw Error(ErrorKind::Configuration, "",
                  mplane::quoted(assignment) + " has no '=': parameters are element=value");
    }
    const std::string name = assignment.substr(0, equals);
    if (!assigned.insert(parameter_place(capability, name)).second) {
      throw Error(ErrorKind::Configuration, "", mplane::quoted(name) + " is given twice");
    }
    std::move(builder).set(name, assignment.substr(equals + 1));
  }
}

When scope_of(const RunRequest& request, const Capability& capability) {
  if (request.when.empty()) return default_scope(capability, now());
  try {
    return When::parse(request.when);
  } catch (const Error& error) {
    throw error.within("--when");
  }
}

Specification specify(const Capability& capability, const RunRequest& request) {
  SpecificationBuilder builder = capability.specify(scope_of(request, capability));
  assign(builder, capability, request.assignments);
  if (!request.label.empty()) std::move(builder).label(request.label);
  return Client::named(std::move(builder).build(now()));
}

/// One measurement, seen through to its end.
class Attendant {
 public:
  Attendant(const Options& options, const Console console, Watch& watch)
      : format_(options.format.value_or(Format::Table)), console_(console), watch_(watch) {}

  /// Waits for it, writing results as they come.
  int attend(Pending& pending) {
    show_progress(pending);
    while (const auto result = pending.next_for(kWithoutEnd, watch_.stop()))
      write(pending, *result);
    if (!pending.is_done() && watch_.is_interrupted()) interrupt(pending, kLastWords);
    return finish(pending);
  }

  void interrupt(Pending& pending, const Duration at_most) {
    watch_.show(pending.token() + ", being stopped", {});
    try {
      pending.interrupt(at_most, watch_.give_up());
    } catch (const Error& error) {  // the second signal: `finish` says how to go on
      if (error.kind() != ErrorKind::Unavailable || !watch_.give_up().stop_requested()) throw;
    }
  }

  /// Writes what else there is, and says how it ended.
  int finish(Pending& pending) {
    while (const auto result = pending.next_for(Duration(0))) write(pending, *result);
    watch_.show_nothing();
    if (!output_ && pending.is_done()) begin(pending);
    if (output_) output_->finish();
    for (const Exception& failure : pending.failures()) {
      console_.err << "mpcli: " << printable(failure.message()) << '\n';
    }
    if (!pending.is_done() && !(watch_.is_interrupted() && output_)) return late(pending);
    if (pending.failures().empty()) return 0;
    constexpr int kInPart = 6;
    return pending.results().empty() ? traits(ErrorKind::Failed).exit_code : kInPart;
  }

 private:
  void show_progress(const Pending& pending) {
    // A line that is written over does not go with lines that follow each other.
    const bool streams = format_ == Format::Ndjson || format_ == Format::Csv;
    if (streams && isatty(STDOUT_FILENO) == 1) return;
    const auto& asked = pending.specification();
    watch_.show(asked ? asked->label() : pending.token(),
                asked ? asked->when().timer_delays(now()).end : std::nullopt);
  }

  void begin(const Pending& pending) {
    output_ =
        make_result_output(format_, console_.out, {pending.is_repeated(), width_of_terminal()});
  }

  void write(const Pending& pending, const Result& result) {
    if (!output_) begin(pending);
    output_->add(result, name_of_peer(pending.peer().value_or(Identity()), pending.url()));
  }

  int late(const Pending& pending) const {
    console_.err << "mpcli: the measurement is not done, and goes on; fetch its result with\n"
                 << "mpcli:   mpcli --url " << to_string(pending.url()) << " redeem "
                 << printable(pending.token()) << '\n';
    return traits(ErrorKind::TimedOut).exit_code;
  }

  const Format format_;
  const Console console_;
  Watch& watch_;
  std::unique_ptr<ResultOutput> output_;
};

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

int run_measurement(const Options& options, const RunRequest& request, const Console console) {
  return watched(options, [&](Watch& watch) {
    Asker asker(options, console);
    const Capability capability = asker.discover(request.capability, watch.stop());
    const Specification specification = specify(capability, request);
    if (!request.wait) {
      asker.client().submit(specification, capability, watch.stop());
      write_receipt(specification, options, console);
      return 0;
    }
    const auto takes = specification.when().timer_delays(now()).end;
    if (!options.timeout && takes) watch.limit(*takes + kSlack);
    Pending pending = submit(asker.client(), specification, capability, watch);
    return Attendant(options, console, watch).attend(pending);
  });
}

int redeem_measurement(const Options& options, const std::string& token, const Console console) {
  return watched(options, [&](Watch& watch) {
    Asker asker(options, console);
    Pending pending = asker.client().resume(asker.message_url(), token);
    Attendant attendant(options, console, watch);
    pending.redeem(watch.stop());
    if (!pending.is_done() && options.timeout) pending.wait_for(kWithoutEnd, watch.stop());
    return attendant.finish(pending);
  });
}

int stop_measurement(const Options& options, const std::string& token, const Console console) {
  return watched(options, [&](Watch& watch) {
    Asker asker(options, console);
    Pending pending = asker.client().resume(asker.message_url(), token);
    Attendant attendant(options, console, watch);
    attendant.interrupt(pending, options.timeout.value_or(kLastWords));
    return attendant.finish(pending);
  });
}

}  // namespace mplane
