#include "export.hpp"

#include "mpcom/component_config.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/tools/csv.hpp"
#include "mplane/tools/registries.hpp"
#include "mplane/tools/run_main.hpp"
#include "mplane/tools/yaml.hpp"
#include "result_table.hpp"
#include "supervisor_extension.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace mplane {
namespace {

/// The message of a kept result, if it is one that can be read.
std::optional<Message> read(const KeptResult& kept, const Registry& registry) {
  try {
    return decode(kept.message, registry);
  } catch (const Error&) {
    return {};
  }
}

/// Lines of CSV (RFC 4180) with one header.
class CsvWriter {
 public:
  explicit CsvWriter(std::ostream& out) : out_(out) {}

  void add(const KeptResult& kept, const Result& result) {
    begin(result.schema());
    std::vector<std::string> head{kept.component, kept.label, to_string(Time(kept.begin)),
                                  to_string(Time(kept.end))};
    for (const Element* const parameter : schema_->parameters()) {
      head.push_back(csv_cell(result.value(parameter->name())));
    }
    for (const Row row : result.rows()) {
      std::vector<std::string> cells = head;
      for (const Element* const column : schema_->columns()) {
        cells.push_back(csv_cell(row.value(column->name())));
      }
      out_ << csv_line(cells);
    }
  }

 private:
  void begin(const Schema& schema) {
    if (schema_ && *schema_ == schema) return;
    if (schema_) {
      throw Error(ErrorKind::Invalid, "",
                  "results with different parameters or columns do not fit into one CSV: choose "
                  "one kind with --label, or take --format ndjson");
    }
    schema_ = schema;
    std::vector<std::string> cells{"component", "label", "begin", "end"};
    for (const Element* const parameter : schema.parameters()) cells.push_back(parameter->name());
    for (const Element* const column : schema.columns()) cells.push_back(column->name());
    out_ << csv_line(cells);
  }

  std::ostream& out_;
  std::optional<Schema> schema_;
};

/// NDJSON, or one array of the same objects.
class JsonLines {
 public:
  JsonLines(std::ostream& out, const bool is_array) : out_(out), is_array_(is_array) {}

  void add(const KeptResult& kept, const Result& result) {
    if (is_array_) out_ << (std::exchange(has_begun_, true) ? ",\n" : "[\n");
    out_ << export_json(result, kept.component);
    if (!is_array_) out_ << '\n';
  }
  void finish() {
    if (is_array_) out_ << (has_begun_ ? "\n]\n" : "[]\n");
  }

 private:
  std::ostream& out_;
  const bool is_array_;
  bool has_begun_ = false;
};

constexpr std::array<std::string_view, 4> kFormats{"ndjson", "csv", "json", "table"};

struct Arguments {
  std::string config;
  std::string format;
  std::string since;
  std::string until;
  std::string component;
  std::string label;
};

std::optional<int> read_arguments(const int argc, const char* const* const argv,
                                  Arguments& arguments) {
  const std::string word(argv[0]);
  arguments.format = word == "results" ? "table" : "ndjson";
  CLI::App app("Writes the results that a supervisor kept", "mpsup " + word);
  app.add_option("--config", arguments.config, "The supervisor's configuration file (YAML)")
      ->required()
      ->type_name("FILE");
  app.add_option("--format", arguments.format, "ndjson, csv, json or table")
      ->check(CLI::IsMember(std::vector<std::string>(kFormats.begin(), kFormats.end())));
  app.add_option("--since", arguments.since, "Results that end at that time (UTC) or later")
      ->type_name("TIME");
  app.add_option("--until", arguments.until, "Results that begin at that time (UTC) or earlier")
      ->type_name("TIME");
  app.add_option("--component", arguments.component, "Results of that component")
      ->type_name("NAME");
  app.add_option("--label", arguments.label, "Results of the capabilities with that label")
      ->type_name("LABEL");
  return read_command_line(app, argc, argv);
}

std::optional<Instant> instant_of(const std::string& text) {
  if (text.empty()) return {};
  const Time time = Time::parse(text);
  if (time.is_definite()) return time.instant();
  throw Error(ErrorKind::Configuration, "", mplane::quoted(text) + " is no time of the calendar");
}

std::optional<std::string> given(const std::string& text) {
  if (text.empty()) return {};
  return text;
}

int run(const int argc, const char* const* const argv) {
  Arguments arguments;
  if (const auto code = read_arguments(argc, argv, arguments)) return *code;
  ConfigContext context;
  SupervisorExtension extension;
  const ComponentConfig config =
      read_component_config(read_yaml(arguments.config, context.mistakes), context, &extension);
  context.mistakes.raise();
  if (config.state_dir.empty()) {
    throw Error(ErrorKind::Configuration, arguments.config,
                "there is no component.state-dir: nothing is kept");
  }
  ResultReader reader(config.state_dir);
  const auto* const format = std::find(kFormats.begin(), kFormats.end(), arguments.format);
  const ExportOptions options{static_cast<ExportFormat>(format - kFormats.begin()),
                              {instant_of(arguments.since), instant_of(arguments.until),
                               given(arguments.component), given(arguments.label)}};
  const Registry registry =
      load_registries(config.registries, config.folder, registry_directories());
  const std::size_t left_out = export_results(reader, options, registry, std::cout);
  if (left_out > 0) {
    std::cerr << "mpsup: " << left_out
              << " results have elements that the registries do not know, and are left out\n";
  }
  return EXIT_SUCCESS;
}

}  // namespace

std::size_t export_results(ResultReader& reader, const ExportOptions& options,
                           const Registry& registry, std::ostream& out) {
  std::size_t left_out = 0;
  CsvWriter csv(out);
  ResultTable table(out);
  JsonLines json(out, options.format == ExportFormat::Json);
  reader.each(options.selection, [&](const KeptResult& kept) {
    const auto message = read(kept, registry);
    if (!message) ++left_out;
    const auto* const result = message ? message->find<Result>() : nullptr;
    if (result == nullptr) return true;
    if (options.format == ExportFormat::Csv) {
      csv.add(kept, *result);
    } else if (options.format == ExportFormat::Table) {
      table.add(kept, *result);
    } else {
      json.add(kept, *result);
    }
    return static_cast<bool>(out);
  });
  table.finish();
  json.finish();
  out.flush();
  return left_out;
}

int run_export(const int argc, const char* const* const argv) noexcept {
  return run_main("mpsup", [&] { return run(argc, argv); });
}

}  // namespace mplane
