#include "exec_config.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/probes/exec.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mplane {
namespace {

using Table = ConfigSection::Table;
using Entry = ConfigSection::Entry;

constexpr std::size_t kManyPrograms = 10'000;
constexpr std::size_t kMuchOutput = std::size_t{64} << 20U;

/// The entries of a table in the order in which they stand.
std::vector<std::pair<std::string, Entry>> in_order(const Table& table) {
  std::vector<std::pair<std::string, Entry>> entries(table.begin(), table.end());
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.second.place < b.second.place; });
  return entries;
}

/// The one text of an entry; nothing after noting that it has more, or none.
std::optional<std::string> single(ConfigSection& section, const Entry& entry) {
  if (entry.texts.size() == 1) return entry.texts.front();
  section.mistake_at(entry, "one text is wanted here, not a list");
  return {};
}

template <typename Number>
std::optional<Number> number(const std::string_view text) {
  Number value{};
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last) return {};
  return value;
}

std::optional<int> exit_code(const std::string_view text) {
  const auto code = number<int>(text);
  return code && *code >= 0 && *code <= 255 ? code : std::nullopt;
}

/// "source" or "source * factor".
ExecColumn column_of(ConfigSection& section, const std::string& element, const Entry& entry) {
  constexpr std::string_view kTimes = " * ";
  ExecColumn column{.element = element, .source = single(section, entry).value_or("")};
  const std::size_t times = column.source.rfind(kTimes);
  if (times == std::string::npos) return column;
  const auto factor = number<double>(std::string_view(column.source).substr(times + kTimes.size()));
  if (!factor) {
    section.mistake_at(entry, mplane::quoted(column.source) + " ends in no number to multiply by");
    return column;
  }
  column.factor = factor;
  column.source.resize(times);
  return column;
}

void read_outcome(ConfigSection& section, ExecSettings& settings) {
  settings.format =
      static_cast<ExecFormat>(section.choice("format", 0, {"lines", "text", "json", "csv"}));
  settings.patterns = section.texts("patterns");
  settings.header = section.boolean("header", settings.header);
  const std::string separator = section.text("separator", ",");
  if (separator.size() != 1 || separator.find_first_of("\"\r\n") != std::string::npos) {
    section.mistake("separator", "'separator' has to be one character, and no quote");
  } else {
    settings.separator = separator.front();
  }
  settings.success_codes.clear();
  for (const std::string& text : section.texts("success-codes", {"0"})) {
    if (const auto code = exit_code(text)) {
      settings.success_codes.insert(*code);
    } else {
      section.mistake("success-codes", mplane::quoted(text) + " is no exit code");
    }
  }
  for (const auto& [key, entry] : section.table("exit-codes")) {
    const auto code = exit_code(key);
    if (!code) section.mistake_at(entry, mplane::quoted(key) + " is no exit code");
    if (const auto text = single(section, entry); code && text) settings.exit_codes[*code] = *text;
  }
}

void read_program(ConfigSection& section, ExecSettings& settings) {
  const std::filesystem::path program = section.path("program");
  if (!program.empty()) settings.program = std::filesystem::absolute(program).string();
  settings.arguments = section.texts("arguments");
  settings.directory = section.text("directory", settings.directory);
  for (const auto& [name, entry] : section.table("environment")) {
    if (name.empty() || name.find('=') != std::string::npos) {
      section.mistake_at(entry, mplane::quoted(name) + " is no name of a variable");
    }
    if (const auto text = single(section, entry)) settings.environment[name] = *text;
  }
  settings.timeout = section.duration("timeout", settings.timeout, ConfigSection::kSomeTime);
  settings.kill_after = section.duration("kill-after", settings.kill_after);
  settings.output_limit = section.bytes("output-limit", settings.output_limit);
  if (settings.output_limit > kMuchOutput) {
    section.mistake("output-limit", "'output-limit' is over 64MiB: results are kept in memory");
  }
  settings.max_running = section.natural("max-running", settings.max_running, 1, kManyPrograms);
}

/// What is offered; the tables point at the line of a mistake that is found later.
struct Places {
  Table parameters;
  Table results;
};

Places read_offer(ConfigSection& section, ExecSettings& settings) {
  settings.label = section.text("label");
  settings.verb = section.text("verb", settings.verb);
  settings.when = section.text("when", settings.when);
  settings.registry = section.text("registry");
  Places places{section.table("parameters"), section.table("results")};
  for (const auto& [name, entry] : in_order(places.parameters)) {
    if (const auto text = single(section, entry)) settings.parameters.emplace_back(name, *text);
  }
  for (const auto& [name, entry] : in_order(places.results)) {
    settings.results.push_back(column_of(section, name, entry));
  }
  for (std::string& name : section.texts("unresolved")) settings.unresolved.insert(std::move(name));
  return places;
}

/// Notes what the module says at the line that it means: "results/packets.lost", "patterns".
void note(ConfigSection& section, const Places& places, const Error& error) {
  const std::string& where = error.where();
  const std::size_t slash = where.find('/');
  const std::string key = where.substr(0, slash);
  const Table& table = key == "results" ? places.results : places.parameters;
  const auto found = slash == std::string::npos ? table.end() : table.find(where.substr(slash + 1));
  if (found != table.end()) return section.mistake_at(found->second, error.message());
  section.mistake(key, error.message());
}

}  // namespace

std::vector<Service> read_exec(const Registry& registry, ConfigSection& section,
                               const ModuleHost& host) {
  const std::size_t mistakes_before = section.mistakes();
  ExecSettings settings;
  const Places places = read_offer(section, settings);
  read_program(section, settings);
  read_outcome(section, settings);
  section.refuse_others();
  if (section.mistakes() != mistakes_before) return {};
  try {
    return {make_exec(registry, settings, host.programs, host.log, host.check_target)};
  } catch (const Error& error) {
    note(section, places, error);
    return {};
  }
}

}  // namespace mplane
