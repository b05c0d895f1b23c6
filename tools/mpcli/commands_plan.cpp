// The command that looks ahead: plan.

#include "asker.hpp"
#include "commands.hpp"
#include "mplane/tools/text.hpp"
#include "plan.hpp"
#include "rows.hpp"
#include "watched.hpp"

#include <ostream>

namespace mplane {

int plan_measurement(const Options& options, const Question& question, const std::size_t starts,
                     const Console& console) {
  return watched(options, [&](Watch& watch) {
    const Format format = options.format.value_or(Format::Table);
    Asker asker(options, console);
    const Capability capability = asker.discover(question.capability, watch.stop());
    const Specification specification = specify(capability, question);
    Outlook outlook = outlook_of(specification, wall_clock(), starts);
    outlook.heed(asker.client().foresee(specification, capability, watch.stop()));
    if (format == Format::Table) {
      console.out << heading_of(outlook, specification, asker.component_of(capability)) << '\n';
    }
    write_outlook(outlook, *make_row_output(format, console.out, screen_of_output()));
    if (options.verbosity != Verbosity::Quiet) {
      console.err << "mpcli: nothing was begun; " << outlook.remark() << '\n';
    }
    return 0;
  });
}

}  // namespace mplane
