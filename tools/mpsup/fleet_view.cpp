#include "fleet_view.hpp"

#include "mplane/model/detail/json_writer.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/model/setting_duration.hpp"
#include "mplane/model/value.hpp"
#include "mplane/session/pattern.hpp"
#include "mplane/tools/run_main.hpp"
#include "mplane/tools/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>

namespace mplane {
namespace {

using Topic = FleetQuestion::Topic;
using State = JobStatus::State;
using Align = TextTable::Align;
using namespace std::chrono_literals;

constexpr std::array<std::string_view, 4> kTopics{"status", "components", "capabilities",
                                                  "measurements"};
constexpr std::array<std::string_view, 4> kStates{"planned", "waiting", "running", "ended"};
constexpr std::array<std::string_view, 2> kPresences{"here", "away"};

std::string_view word(const State state) { return kStates.at(static_cast<std::size_t>(state)); }

/// A list of things with the same fields, as a table or as JSON.
class Listing {
 public:
  /// A cell; numbers, and what has no value, are such in JSON.
  struct Cell {
    std::string text;
    bool is_number = false;

    static Cell of(const std::string_view text) { return {std::string(text)}; }
    static Cell of(const std::uint64_t number) { return {std::to_string(number), true}; }
    static Cell of(const double number) { return {to_string(Value(number)), true}; }
    static Cell none() { return {}; }
    static Cell seconds(const Duration time) {
      return of(std::chrono::duration<double>(time).count());
    }
  };
  struct Field {
    std::string_view name;     ///< in JSON
    std::string_view heading;  ///< of the table; empty: only in JSON
    Align align = Align::Left;
  };

  explicit Listing(std::vector<Field> fields) : fields_(std::move(fields)) {}
  void add(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

  std::string table() const {
    std::vector<Align> align;
    std::vector<std::string> headings;
    for (const Field& field : fields_) {
      if (field.heading.empty()) continue;
      align.push_back(field.align);
      headings.emplace_back(field.heading);
    }
    TextTable table(align);
    table.add(headings);
    for (const auto& row : rows_) {
      std::vector<std::string> cells;
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (fields_[i].heading.empty()) continue;
        cells.push_back(row[i].text.empty() ? "-" : row[i].text);
      }
      table.add(cells);
    }
    return table.to_string();
  }

  void write(detail::JsonWriter& json) const {
    json.begin_array();
    for (const auto& row : rows_) {
      json.begin_object();
      for (std::size_t i = 0; i < row.size(); ++i) {
        json.key(fields_[i].name);
        if (row[i].text.empty()) {
          json.literal("null");
        } else if (row[i].is_number) {
          json.literal(row[i].text);
        } else {
          json.text(row[i].text);
        }
      }
      json.end_object();
    }
    json.end_array();
  }

 private:
  const std::vector<Field> fields_;
  std::vector<std::vector<Cell>> rows_;
};

using Cell = Listing::Cell;

std::string time_text(const Instant time) { return to_string(Time(time), Precision::Seconds); }

Listing components(const FleetQuestion& question, const FleetSources& sources, const Instant now) {
  Listing list({{"component", "COMPONENT"},
                {"state", "STATE"},
                {"how", "HOW"},
                {"last-seen", "LAST SEEN"},
                {"capabilities", "CAPABILITIES", Align::Right},
                {"waiting", "WAITING", Align::Right},
                {"asked", "ASKED", Align::Right},
                {"version", "VERSION"},
                {"clock-offset-seconds", "CLOCK OFFSET", Align::Right},
                {"load", "LOAD", Align::Right}});
  for (const ComponentView& one : sources.components()) {
    const std::string_view state = kPresences.at(one.is_there ? 0 : 1);
    if (!matches(question.component, one.component) || !matches(question.state, state)) continue;
    list.add({Cell::of(one.component), Cell::of(state),
              Cell::of(one.is_called ? "connected" : "registered"),
              Cell::of(time_text(now - one.unseen)), Cell::of(std::uint64_t{one.offers}),
              Cell::of(std::uint64_t{one.waiting}), Cell::of(std::uint64_t{one.asked}),
              Cell::of(one.self.version),
              one.self.clock_offset ? Cell::seconds(*one.self.clock_offset) : Cell::none(),
              one.self.load ? Cell::of(*one.self.load) : Cell::none()});
  }
  return list;
}

std::string names(const std::vector<const Element*>& elements) {
  std::string text;
  for (const Element* const one : elements) text += (text.empty() ? "" : ", ") + one->name();
  return text;
}

Listing capabilities(const FleetQuestion& question, const FleetSources& sources) {
  Listing list({{"component", "COMPONENT"},
                {"label", "LABEL"},
                {"verb", "VERB"},
                {"when", "WHEN"},
                {"parameters", "PARAMETERS"},
                {"results", "RESULTS"},
                {"token", ""}});
  for (const Registration& one : sources.offers()) {
    const Capability& capability = one.capability;
    if (!matches(question.component, one.component)) continue;
    if (!matches(question.label, capability.label())) continue;
    const auto parameters = capability.schema().parameters();
    const auto columns = capability.schema().columns();
    list.add({Cell::of(one.component), Cell::of(capability.label()), Cell::of(capability.verb()),
              Cell::of(to_string(capability.when())),
              Cell::of(names({parameters.begin(), parameters.end()})),
              Cell::of(names({columns.begin(), columns.end()})), Cell::of(capability.token())});
  }
  return list;
}

Listing measurements(const FleetQuestion& question, const FleetSources& sources) {
  Listing list({{"label", "LABEL"},
                {"owner", "OWNER"},
                {"token", "TOKEN"},
                {"state", "STATE"},
                {"accepted", "ACCEPTED"},
                {"next", "NEXT"},
                {"done", "DONE", Align::Right},
                {"failed", "FAILED", Align::Right},
                {"lost", "LOST", Align::Right},
                {"running", "RUNNING", Align::Right}});
  for (const JobStatus& one : sources.measurements()) {
    if (!matches(question.label, one.label) || !matches(question.owner, one.owner)) continue;
    if (!matches(question.state, word(one.state))) continue;
    list.add({Cell::of(one.label), Cell::of(one.owner), Cell::of(one.token),
              Cell::of(word(one.state)), Cell::of(time_text(one.accepted)),
              one.next ? Cell::of(time_text(*one.next)) : Cell::none(), Cell::of(one.books.done),
              Cell::of(one.books.failed), Cell::of(one.books.lost), Cell::of(one.books.running)});
  }
  return list;
}

/// What the supervisor says of itself, by name.
std::vector<std::pair<std::string_view, Cell>> status(const FleetSources& sources,
                                                      const Instant now) {
  const ComponentCounts below = sources.counts();
  const ComponentStatus above = sources.above();
  const Books& books = above.books;
  const auto number = [](const std::size_t count) { return Cell::of(std::uint64_t{count}); };
  std::vector<std::pair<std::string_view, Cell>> lines{
      {"version", Cell::of(version_text())},
      {"running-since", Cell::of(time_text(sources.began))},
      {"now", Cell::of(time_text(now))},
      {"components-registered", number(below.registered)},
      {"components-connected", number(below.connected)},
      {"components-away", number(below.away)},
      {"components-out-of-reach", number(below.out_of_reach)},
      {"capabilities-below", number(below.offers)},
      {"capabilities-above", number(above.capabilities)},
      {"queue-waiting", number(below.waiting)},
      {"queue-asked", number(below.asked)},
      {"starts-planned", Cell::of(books.planned)},
      {"starts-waiting", Cell::of(books.waiting)},
      {"starts-skipped", Cell::of(books.skipped)},
      {"starts-missed", Cell::of(books.missed)},
      {"starts-refused", Cell::of(books.refused)},
      {"runs-started", Cell::of(books.started)},
      {"runs-running", Cell::of(books.running)},
      {"runs-done", Cell::of(books.done)},
      {"runs-failed", Cell::of(books.failed)},
      {"runs-interrupted", Cell::of(books.interrupted)},
      {"runs-lost", Cell::of(books.lost)}};
  if (const auto results = sources.results()) {
    lines.emplace_back("results-kept", Cell::of(results->results));
    lines.emplace_back("results-bytes", Cell::of(results->bytes));
  }
  return lines;
}

std::string status_answer(const FleetQuestion& question, const FleetSources& sources,
                          const Instant now) {
  const auto lines = status(sources, now);
  const Listing list = components(question, sources, now);
  if (!question.json) {
    TextTable table({Align::Left, Align::Left});
    for (const auto& [name, cell] : lines) table.add({std::string(name), cell.text});
    return table.to_string() + "\n" + list.table();
  }
  std::string text;
  detail::JsonWriter json(text, true);
  json.begin_object();
  for (const auto& [name, cell] : lines) {
    json.key(name);
    if (cell.is_number) {
      json.literal(cell.text);
    } else {
      json.text(cell.text);
    }
  }
  json.key("components");
  list.write(json);
  json.end_object();
  return text + "\n";
}

std::string list_answer(const Listing& list, const bool as_json) {
  if (!as_json) return list.table();
  std::string text;
  detail::JsonWriter json(text, true);
  list.write(json);
  return text + "\n";
}

/// @throws Error{Malformed} for a state that nothing is ever in.
void check_state(const FleetQuestion& question) {
  const bool of_jobs = question.topic == Topic::Measurements;
  const std::string_view* const states = of_jobs ? kStates.data() : kPresences.data();
  const std::size_t count = of_jobs ? kStates.size() : kPresences.size();
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    if (matches(question.state, states[i])) return;
    all += (i == 0 ? "" : i + 1 == count ? " or " : ", ") + std::string(states[i]);
  }
  throw Error(ErrorKind::Malformed, "state", mplane::quoted(question.state) + " is none of " + all);
}

}  // namespace

std::string to_text(const FleetQuestion& question) {
  return std::string(kTopics.at(static_cast<std::size_t>(question.topic))) + "\ncomponent " +
         question.component + "\nlabel " + question.label + "\nowner " + question.owner +
         "\nstate " + question.state + "\nformat " + (question.json ? "json" : "table") + "\n";
}

FleetQuestion parse_fleet_question(const std::string& text) {
  FleetQuestion question;
  const std::string topic = text.substr(0, text.find('\n'));
  const auto* const known = std::find(kTopics.begin(), kTopics.end(), topic);
  if (known == kTopics.end()) {
    throw Error(ErrorKind::Malformed, "", mplane::quoted(topic) + " is nothing that can be asked");
  }
  question.topic = static_cast<Topic>(known - kTopics.begin());
  for (std::size_t at = topic.size() + 1; at < text.size();) {
    const std::string line = text.substr(at, text.find('\n', at) - at);
    at += line.size() + 1;
    const std::string key = line.substr(0, line.find(' '));
    const std::string value = line.substr(std::min(line.size(), key.size() + 1));
    const std::pair<std::string_view, std::string*> texts[] = {{"component", &question.component},
                                                               {"label", &question.label},
                                                               {"owner", &question.owner},
                                                               {"state", &question.state}};
    const auto* const field = std::find_if(std::begin(texts), std::end(texts),
                                           [&](const auto& one) { return one.first == key; });
    if (field != std::end(texts)) {
      *field->second = value;
    } else if (key == "format" && (value == "json" || value == "table")) {
      question.json = value == "json";
    } else {
      throw Error(ErrorKind::Malformed, "", mplane::quoted(line) + " is nothing to ask for");
    }
  }
  check_state(question);
  return question;
}

std::string fleet_answer(const FleetQuestion& question, const FleetSources& sources,
                         const Instant now) {
  switch (question.topic) {
    case Topic::Components:
      return list_answer(components(question, sources, now), question.json);
    case Topic::Capabilities:
      return list_answer(capabilities(question, sources), question.json);
    case Topic::Measurements:
      return list_answer(measurements(question, sources), question.json);
    case Topic::Status:
      break;
  }
  return status_answer(question, sources, now);
}

}  // namespace mplane
