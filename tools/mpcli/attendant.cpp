#include "attendant.hpp"

#include "mplane/tools/text.hpp"
#include "specify.hpp"

#include <ostream>
#include <unistd.h>

namespace mplane {

Attendant::Attendant(const Options& options, const bool summary, const Console& console,
                     Watch& watch)
    : format_(options.format.value_or(Format::Table)),
      summary_(summary),
      quiet_(options.verbosity == Verbosity::Quiet),
      console_(console),
      watch_(watch) {}

int Attendant::attend(Pending& pending) {
  show_progress(pending);
  while (const auto result = pending.next_for(kWithoutEnd, watch_.stop())) write(pending, *result);
  if (!pending.is_done() && watch_.wish() == Wish::Interrupt) interrupt(pending, kLastWords);
  return finish(pending);
}

void Attendant::interrupt(Pending& pending, const Duration at_most) {
  if (!quiet_) watch_.show(pending.token() + ", being stopped", {});
  try {
    pending.interrupt(at_most, watch_.give_up());
  } catch (const Error& error) {  // the second signal: `finish` says how to go on
    if (error.kind() != ErrorKind::Unavailable || !watch_.give_up().stop_requested()) throw;
  }
}

int Attendant::finish(Pending& pending) {
  write_all(pending);
  const bool cut_short = watch_.wish() == Wish::Interrupt && !pending.results().empty();
  return pending.is_done() || cut_short ? verdict(pending) : late(pending);
}

int Attendant::report(Pending& pending) {
  write_all(pending);
  return pending.is_done() || !pending.results().empty() ? verdict(pending) : late(pending);
}

void Attendant::show_progress(const Pending& pending) {
  // A line that is written over does not go with lines that follow each other.
  const bool streams = format_ == Format::Ndjson || format_ == Format::Csv;
  if (quiet_ || (streams && isatty(STDOUT_FILENO) == 1)) return;
  const auto& asked = pending.specification();
  watch_.show(asked ? asked->label() : pending.token(),
              asked ? asked->when().timer_delays(wall_clock()).end : std::nullopt);
}

void Attendant::begin(const Pending& pending) {
  output_ = make_result_output(
      format_, console_.out,
      {.many = pending.is_repeated(), .summary = summary_, .screen = screen_of_output()});
}

void Attendant::write(const Pending& pending, const Result& result) {
  if (!output_) begin(pending);
  output_->add(result, name_of_peer(pending.peer().value_or(Identity()), pending.url()));
}

void Attendant::write_all(Pending& pending) {
  while (const auto result = pending.next_for(Duration(0))) write(pending, *result);
  watch_.show_nothing();
  if (!output_ && pending.is_done()) begin(pending);
  if (output_) output_->finish();
  for (const Exception& failure : pending.failures()) {
    console_.err << "mpcli: " << printable(failure.message()) << '\n';
  }
}

int Attendant::late(const Pending& pending) const {
  if (!late_sentence_.empty()) {
    console_.err << "mpcli: " << printable(late_sentence_) << '\n';
  } else if (!quiet_) {
    console_.err << "mpcli: the measurement is not done, and goes on; fetch its result with\n"
                 << "mpcli:   mpcli --url " << to_string(pending.url()) << " redeem "
                 << printable(pending.token()) << '\n';
  }
  return traits(ErrorKind::TimedOut).exit_code;
}

int Attendant::verdict(const Pending& pending) const {
  if (pending.failures().empty()) return 0;
  return pending.results().empty() ? traits(ErrorKind::Failed).exit_code : kInPart;
}

}  // namespace mplane
