#include "supervisor_config.hpp"

#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/session/url.hpp"
#include "mplane/tools/unix_socket.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace mplane {
namespace {

constexpr std::size_t kMany = 10'000'000;
constexpr std::size_t kMostThreads = 10'000;

void read_polls(ConfigSection section, CallbackOptions& polls) {
  polls.interval = section.duration("interval", polls.interval, ConfigSection::kSomeTime);
  polls.hold = section.duration("hold", polls.hold);
  polls.polls_per_second = static_cast<double>(
      section.natural("per-second", static_cast<std::uint64_t>(polls.polls_per_second), 1, kMany));
  polls.expiry = section.duration("expiry", polls.expiry, ConfigSection::kSomeTime);
  polls.look = section.duration("look", polls.look, ConfigSection::kSomeTime);
  section.refuse_others();
}

void read_connect(ConfigSection& section, std::vector<Url>& connect) {
  for (const std::string& text : section.texts("connect")) {
    section.attempt("connect", [&] {
      const Url url = Url::parse(text);
      const bool is_known = std::any_of(connect.begin(), connect.end(),
                                        [&](const Url& other) { return other.same_origin(url); });
      if (is_known) {
        section.mistake("connect",
                        "'connect': " + mplane::quoted(text) + " is a component's a second time");
      } else {
        connect.push_back(url);
      }
    });
  }
}

void read_limits(ConfigSection section, RegistrationLimits& limits) {
  limits.components = section.natural("components", limits.components, 1, kMany);
  limits.capabilities = section.natural("capabilities", limits.capabilities, 1, kMany);
  limits.asked = section.natural("asked", limits.asked, 1, kMany);
  section.refuse_others();
}

std::filesystem::path socket_path(ConfigSection& section, const std::string_view key) {
  std::filesystem::path file = section.path(key);
  section.attempt(key, [&] { check_socket_name(file); });
  return file;
}

StreamTarget read_stream(ConfigSection& one) {
  const StreamTarget file{false, one.path("file")};
  const StreamTarget socket{true, socket_path(one, "socket")};
  StreamTarget server;
  const std::string url = one.text("url");
  if (!url.empty()) one.attempt("url", [&] { server.url = Url::parse(url); });
  one.refuse_others();
  const int given = int{!file.path.empty()} + int{!socket.path.empty()} + int{!url.empty()};
  if (one.is_valid() && given != 1) {
    one.mistake("file", "a stream has either 'file', 'socket' or 'url'");
  }
  return !url.empty() ? server : socket.path.empty() ? file : socket;
}

std::vector<StreamTarget> read_streams(ConfigSection& results) {
  auto sections = results.sections("stream", "file");
  std::vector<StreamTarget> targets;
  targets.reserve(sections.size());
  for (ConfigSection& one : sections) targets.push_back(read_stream(one));
  return targets;
}

void read_results(ConfigSection section, SupervisorConfig& config) {
  ResultStoreOptions& results = config.results;
  results.max_age = section.duration("keep", results.max_age, ConfigSection::kSomeTime);
  results.max_bytes = section.bytes("max-bytes", results.max_bytes);
  config.is_repository = section.boolean("query", config.is_repository);
  config.is_summarised = section.boolean("metrics", config.is_summarised);
  config.streams = read_streams(section);
  config.streams_where = section.where("stream");
  config.most_rows = section.natural("query-rows", config.most_rows, 1, kMany);
  config.most_kinds = section.natural("query-kinds", config.most_kinds, 1, kMany);
  config.longest_query =
      section.duration("query-time", config.longest_query, ConfigSection::kSomeTime);
  section.refuse_others();
}

/// "min", "mean", "p95", "p99.9": nothing for what is none.
std::optional<AggregateColumn> aggregate_of(const std::string& column, const std::string& text) {
  const std::pair<std::string_view, Aggregate> words[] = {
      {"min", Aggregate::Min}, {"mean", Aggregate::Mean},   {"max", Aggregate::Max},
      {"sum", Aggregate::Sum}, {"count", Aggregate::Count}, {"median", Aggregate::Percentile}};
  for (const auto& [word, aggregate] : words) {
    if (text == word) return AggregateColumn{column, aggregate};
  }
  if (text.size() < 2 || text[0] != 'p') return {};
  AggregateColumn percentile{column, Aggregate::Percentile};
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + 1, end, percentile.percentile);
  const bool good = read.ec == std::errc() && read.ptr == end && percentile.percentile >= 0 &&
                    percentile.percentile <= 100;
  if (!good) return {};
  return percentile;
}

std::vector<AggregateColumn> read_aggregates(ConfigSection& section) {
  std::vector<std::pair<std::size_t, AggregateColumn>> placed;
  for (const auto& [column, entry] : section.table("aggregate")) {
    const auto aggregate =
        entry.texts.size() == 1 ? aggregate_of(column, entry.texts[0]) : std::nullopt;
    if (aggregate) {
      placed.emplace_back(entry.place, *aggregate);
    } else {
      section.mistake_at(entry, "'" + column +
                                    "' is not made one by min, mean, median, max, sum, count or a "
                                    "percentile such as p95");
    }
  }
  std::sort(placed.begin(), placed.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<AggregateColumn> aggregates;
  aggregates.reserve(placed.size());
  for (auto& [place, aggregate] : placed) aggregates.push_back(std::move(aggregate));
  return aggregates;
}

/// Elements and texts.
void read_metadata(ConfigSection& section, Selection& selection) {
  for (const auto& [element, entry] : section.table("metadata")) {
    if (entry.texts.size() == 1) {
      selection.metadata.emplace_back(element, entry.texts[0]);
    } else {
      section.mistake_at(entry, "'" + element + "' is compared with one text");
    }
  }
}

SelectionChoices read_choices(ConfigSection& section) {
  SelectionChoices choices;
  const std::pair<std::string_view, bool*> words[] = {{"components", &choices.components},
                                                      {"sample", &choices.sample},
                                                      {"seed", &choices.seed},
                                                      {"spread", &choices.spread},
                                                      {"same-as", &choices.same_as}};
  for (const std::string& text : section.texts("choices")) {
    NearMiss guess(text);
    bool is_known = false;
    for (const auto& [word, choice] : words) {
      guess.consider(word);
      if (word != text) continue;
      *choice = is_known = true;
    }
    if (is_known) continue;
    section.mistake("choices",
                    mplane::quoted(text) + " is nothing that could be chosen" + guess.hint());
  }
  return choices;
}

Selection read_selection(ConfigSection& section) {
  Selection selection;
  selection.components = section.texts("components");
  read_metadata(section, selection);
  const std::uint64_t sample = section.natural("sample", 1, 1, kMany);
  if (section.has("sample")) selection.lots.sample = sample;
  selection.lots.seed = section.natural("seed", 0, 0, std::numeric_limits<std::uint64_t>::max());
  selection.lots.spread = section.text("spread");
  return selection;
}

Composition read_composition(ConfigSection& section) {
  Composition composition;
  composition.label = section.text("label");
  composition.of = section.text("of");
  composition.answer =
      static_cast<Composition::Answer>(section.choice("answer", 0, {"all", "first", "split"}));
  composition.selection = read_selection(section);
  composition.choices = read_choices(section);
  composition.split = section.text("split");
  composition.list = section.text("list", composition.list);
  composition.most_items = section.natural("max-items", composition.most_items, 1, kMany);
  composition.component_column = section.text("component-column", composition.component_column);
  composition.aggregates = read_aggregates(section);
  section.refuse_others();
  for (const std::string_view key : {"label", "of"}) {
    if (section.is_valid() && !section.has(key)) {
      section.mistake(key, "'" + std::string(key) + "' is missing");
    }
  }
  return composition;
}

void read_compositions(ConfigSection& section, SupervisorConfig& config) {
  std::set<std::string> labels;
  for (ConfigSection& one : section.sections("compositions")) {
    config.supervision.compositions.push_back(read_composition(one));
    config.compositions_where.push_back(one.where());
    const std::string& label = config.supervision.compositions.back().label;
    if (!labels.insert(label).second) {
      one.mistake("label", mplane::quoted(label) + " is composed a second time");
    }
  }
}

}  // namespace

SupervisorConfig read_supervisor_config(ConfigSection section) {
  SupervisorConfig config;
  SupervisionOptions& options = config.supervision;
  ClientListenerOptions& below = options.below;
  below.listen = section.text("listen", below.listen);
  section.attempt("listen", [&] { HostPort::parse(below.listen); });
  read_connect(section, below.connect);
  config.connect_where = section.where("connect");
  below.parallel = section.natural("parallel", below.parallel, 1, kMostThreads);
  below.components = section.texts("components");
  config.control = socket_path(section, "control");
  options.relay = section.texts("relay", {"*"});
  options.relay_label = section.text("relay-label", options.relay_label);
  options.patience = section.duration("patience", options.patience);
  options.longest = section.duration("longest", options.longest, ConfigSection::kSomeTime);
  read_polls(section.section("polls"), below.callback);
  read_limits(section.section("limits"), below.limits);
  read_results(section.section("results"), config);
  options.tell_asker = section.boolean("tell-asker", options.tell_asker);
  config.tell_asker_where = section.where("tell-asker");
  read_compositions(section, config);
  section.refuse_others();
  return config;
}

}  // namespace mplane
