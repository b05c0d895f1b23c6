// The shell's commands that measure: plan, runcap, listmeas, showmeas, watch, stopmeas, forget.

#include "attendant.hpp"
#include "attended.hpp"
#include "default_scope.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/tools/text.hpp"
#include "plan.hpp"
#include "result_output.hpp"
#include "shell_session.hpp"

#include <algorithm>
#include <ostream>

namespace mplane {
namespace {

constexpr std::size_t kPlanned = 10;  // starts

/// A name, then element=value; a value goes on until the next element= or the end.
Question parse_question(const std::string& text) {
  Question question;
  std::size_t at = std::min(text.find(' '), text.size());
  question.capability = text.substr(0, at);
  while ((at = text.find_first_not_of(' ', at)) != std::string::npos) {
    const std::size_t equals = text.find('=', at);
    std::size_t end = text.size();
    if (equals != std::string::npos) {
      const std::size_t next = text.find('=', equals + 1);
      if (next != std::string::npos) end = std::min(text.rfind(' ', next), end);
      if (end < equals) end = text.size();
    }
    std::string assignment = text.substr(at, end - at);
    assignment.erase(assignment.find_last_not_of(' ') + 1);
    question.assignments.push_back(std::move(assignment));
    at = end;
  }
  return question;
}

bool is_assigned(const Question& question, const std::string& element) {
  return std::any_of(question.assignments.begin(), question.assignments.end(),
                     [&](const std::string& one) { return one.starts_with(element + "="); });
}

/// Why a parameter cannot have that value; nothing when it can.
std::optional<Error> objection_to(const Capability& capability, const std::size_t parameter,
                                  const std::string& text) {
  const Element& element = *capability.schema().parameters()[parameter];
  try {
    const Value value = Value::parse(element.primitive(), text);
    if (value.has_value() && capability.constraint(parameter).admits(value)) return {};
  } catch (const Error& error) {
    return error.within(element.name());
  }
  return Error(ErrorKind::Invalid, element.name(),
               mplane::quoted(text) + " is not what the capability allows: " +
                   to_string(capability.constraint(parameter)));
}

}  // namespace

/// The default if it fits, else what is typed until something fits; nothing when that is cancelled.
std::optional<std::string> ShellSession::value_for(const Capability& capability,
                                                   const std::size_t parameter) {
  const std::string& name = capability.schema().parameters()[parameter]->name();
  const auto usual = defaults_.find(name);
  if (usual != defaults_.end()) {
    const auto objection = objection_to(capability, parameter, usual->second);
    if (!objection) return usual->second;
    complain(*objection);
  }
  while (auto typed = ask(name + " = ", values_of(name))) {
    const auto objection = objection_to(capability, parameter, *typed);
    if (!objection) return typed;
    complain(*objection);
  }
  return {};
}

/// Whether there is a value for every parameter in the end.
bool ShellSession::fill_in(const Capability& capability, Question& question) {
  const auto elements = capability.schema().parameters();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const bool settled = capability.constraint(i).single() != nullptr;
    if (settled || is_assigned(question, elements[i]->name())) continue;
    const auto value = value_for(capability, i);
    if (!value) return false;
    question.assignments.push_back(elements[i]->name() + "=" + *value);
  }
  return true;
}

/// The default scope if it fits, else what is typed until one fits.
bool ShellSession::choose_scope(const Capability& capability, Question& question) {
  const Instant now = wall_clock();
  const auto fits = [&](const std::string& text) {
    try {
      if (When::parse(text).follows(capability.when(), now)) return true;
      complain(Error(ErrorKind::Invalid, "when",
                     mplane::quoted(text) + " does not follow " +
                         mplane::quoted(to_string(capability.when()))));
    } catch (const Error& error) {
      complain(error);
    }
    return false;
  };
  if (!when_.empty() && fits(when_)) {
    question.when = when_;
    return true;
  }
  const std::string usual = to_string(default_scope(capability, now));
  while (const auto typed = ask("when = ", {usual})) {
    if (!fits(*typed)) continue;
    question.when = *typed;
    return true;
  }
  return false;
}

std::optional<Specification> ShellSession::narrowed(const std::string& rest, Offer& chosen) {
  Question question = parse_question(chosen.capability.label() + rest);
  if (!choose_scope(chosen.capability, question) || !fill_in(chosen.capability, question)) {
    console_.err << "mpcli: nothing was sent\n";
    return {};
  }
  return specify(chosen.capability, question);
}

std::string ShellSession::next_label(const std::string& capability) const {
  std::size_t number = 0;
  const auto is_taken = [&](const std::string& label) {
    return std::any_of(measurements_.begin(), measurements_.end(),
                       [&](const Known& one) { return one.label == label; });
  };
  while (is_taken(capability + "-" + std::to_string(number))) ++number;
  return capability + "-" + std::to_string(number);
}

void ShellSession::plan(const std::string& rest) {
  const std::size_t blank = std::min(rest.find(' '), rest.size());
  auto chosen = asked_offer(rest.substr(0, blank));
  if (!chosen) return;
  const auto specification = narrowed(rest.substr(blank), *chosen);
  if (!specification) return;
  Outlook outlook = outlook_of(*specification, wall_clock(), kPlanned);
  attended([&](Watch& watch) {
    outlook.heed(client_.foresee(*specification, chosen->capability, watch.stop()));
  });
  console_.out << heading_of(outlook, *specification, name_of_peer(chosen->peer, chosen->found_at))
               << '\n';
  write_outlook(outlook, *make_row_output(format(), console_.out, screen_of_output()));
  if (options_.verbosity != Verbosity::Quiet) {
    console_.err << "mpcli: nothing was begun; " << outlook.remark() << '\n';
  }
}

void ShellSession::runcap(const std::string& rest) {
  const std::size_t blank = std::min(rest.find(' '), rest.size());
  auto chosen = asked_offer(rest.substr(0, blank));
  if (!chosen) return;
  const auto narrow = narrowed(rest.substr(blank), *chosen);
  if (!narrow) return;
  const Specification asked = Client::named(narrow->with_label(next_label(narrow->label())));
  attended([&](Watch& watch) {
    watch.show(asked.label(), {});
    Pending pending = client_.submit(asked, chosen->capability, watch.stop());
    watch.show_nothing();
    measurements_.push_back(
        {asked.label(), name_of_peer(chosen->peer, chosen->found_at), std::move(pending)});
  });
  Known& measurement = measurements_.back();
  if (measurement.pending.is_done() || !measurement.pending.results().empty()) {
    print_results(measurement);
  } else {
    console_.out << "ok, " << printable(asked.label()) << " is measured; 'watch "
                 << printable(asked.label()) << "' waits for it\n";
  }
}

std::string ShellSession::state_of(const Known& measurement) const {
  const Pending& pending = measurement.pending;
  std::string state = pending.is_done() ? "done" : "under way";
  if (pending.results().size() != 1 || !pending.is_done()) {
    state += ", " + counted(pending.results().size(), "result", "results");
  }
  if (!pending.failures().empty()) {
    state += ", " + counted(pending.failures().size(), "failure", "failures");
  }
  return state;
}

void ShellSession::listmeas(const std::string&) {
  TextTable table({TextTable::Align::Right, TextTable::Align::Left, TextTable::Align::Left,
                   TextTable::Align::Left, TextTable::Align::Left});
  std::size_t number = 0;
  for (Known& one : measurements_) {
    try {
      attended([&](Watch& watch) {
        if (!one.pending.is_done()) one.pending.redeem(watch.stop());
      });
    } catch (const Error& error) {
      complain(error);
    }
    table.add({std::to_string(++number), one.label, one.pending.token().substr(0, 8), state_of(one),
               one.component});
  }
  console_.out << table.to_string() << std::flush;
}

ShellSession::Known& ShellSession::known(const std::string& name) {
  NearMiss guess(name);
  for (std::size_t i = 0; i < measurements_.size(); ++i) {
    Known& one = measurements_[i];
    const std::string& token = one.pending.token();
    const bool by_token = name.size() >= 8 && token.starts_with(name);
    if (one.label == name || by_token || std::to_string(i + 1) == name) return one;
    guess.consider(one.label);
  }
  throw Error(ErrorKind::Unknown, "",
              "no measurement is called " + mplane::quoted(name) + guess.hint() +
                  "; 'listmeas' lists them");
}

ShellSession::Known* ShellSession::asked_measurement(const std::string& rest) {
  const auto name = given(rest, "measurement = ", &ShellSession::measurement_names);
  return name ? &known(*name) : nullptr;
}

void ShellSession::print_results(Known& measurement) {
  const Pending& pending = measurement.pending;
  const auto output = make_result_output(
      format(), console_.out,
      {.many = pending.is_repeated(), .summary = false, .screen = screen_of_output()});
  for (const Result& result : pending.results()) output->add(result, measurement.component);
  output->finish();
  for (const Exception& failure : pending.failures()) {
    console_.err << "mpcli: " << printable(failure.message()) << '\n';
  }
  console_.out << std::flush;
}

void ShellSession::showmeas(const std::string& rest) {
  Known* const measurement = asked_measurement(rest);
  if (measurement == nullptr) return;
  attended([&](Watch& watch) {
    if (!measurement->pending.is_done()) measurement->pending.redeem(watch.stop());
  });
  if (measurement->pending.results().empty() && !measurement->pending.is_done()) {
    console_.out << printable(measurement->label) << ": " << state_of(*measurement) << '\n';
  } else {
    print_results(*measurement);
  }
}

void ShellSession::watch(const std::string& rest) {
  Known* const measurement = asked_measurement(rest);
  if (measurement == nullptr) return;
  attended(
      [&](Watch& watch) {
        Attendant attendant(options_, false, console_, watch);
        attendant.say_when_late(measurement->label + " goes on");
        attendant.attend(measurement->pending);
      },
      Wish::Leave, true);
}

void ShellSession::stopmeas(const std::string& rest) {
  Known* const measurement = asked_measurement(rest);
  if (measurement == nullptr) return;
  attended([&](Watch& watch) {
    if (!measurement->pending.is_done()) {
      Attendant(options_, false, console_, watch)
          .interrupt(measurement->pending, options_.timeout.value_or(kLastWords));
      watch.show_nothing();
    }
  });
  print_results(*measurement);
}

void ShellSession::forget(const std::string& rest) {
  Known* const measurement = asked_measurement(rest);
  if (measurement == nullptr) return;
  measurements_.erase(measurements_.begin() + (measurement - measurements_.data()));
}

}  // namespace mplane
