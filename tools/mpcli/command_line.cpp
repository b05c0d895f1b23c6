#include "command_line.hpp"

#include "commands.hpp"
#include "mplane/model/error.hpp"
#include "mplane/tools/quantities.hpp"
#include "mplane/tools/run_main.hpp"
#include "options.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

namespace mplane {
namespace {

std::string environment(const char* const name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// The command line as it was typed.
struct Line {
  Options options = {};
  std::string config = {};
  std::string format = {};
  std::string timeout = {};
  RunRequest run = {};
  bool no_wait = false;
  std::string token = {};
};

constexpr const char* kExitCodes =
    "Exit codes: 0 done, 1 a bug, 2 usage or configuration, 3 refused or failed by the component,\n"
    "4 not in time, 5 not reached or not trusted, 6 some of several runs failed.";

constexpr const char* kEveryCommand =
    "Whom to ask and how to write the answer say the options of 'mpcli --help', which go with "
    "every\n"
    "command, before or after it: --url, --tls-ca, --tls-cert, --tls-key, --config, --format, …";

void add_connection(CLI::App& app, Line& line) {
  Options& options = line.options;
  app.add_option("--url", options.url,
                 "Where the component's capabilities are [$MPLANE_URL],\n"
                 "as https://probe.example.org:8890/capability")
      ->type_name("URL");
  app.add_option("--tls-ca", options.tls.ca, "Whom to believe, PEM [$MPLANE_TLS_CA]")
      ->type_name("FILE");
  app.add_option("--tls-cert", options.tls.cert, "Our certificate, PEM [$MPLANE_TLS_CERT]")
      ->type_name("FILE");
  app.add_option("--tls-key", options.tls.key, "Its private key, PEM [$MPLANE_TLS_KEY]")
      ->type_name("FILE");
  app.add_option("--config", line.config,
                 "A file of defaults for all of this, YAML;\n"
                 "the environment and these options go before it")
      ->type_name("FILE");
  app.add_option("--link-host", options.link_hosts,
                 "A host that links may lead to, beside the component itself;\nrepeatable")
      ->type_name("HOST")
      ->allow_extra_args(false);
}

void add_presentation(CLI::App& app, Line& line) {
  app.add_option("--registry", line.options.registries,
                 "A registry of elements, by name or file, instead of all that\n"
                 "are installed; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("--format", line.format, "How the answer is written [table]")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "ndjson", "csv"}));
  app.add_option("--timeout", line.timeout,
                 "How long to wait at most, as 30s; otherwise 'run' waits for\n"
                 "30s longer than what it runs")
      ->type_name("TIME");
  app.set_version_flag("--version", std::string(version_text()), "Show the version");
}

CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App& command = *app.add_subcommand(name, description);
  command.footer(kEveryCommand);
  return command;
}

void add_run(CLI::App& app, Line& line) {
  CLI::App& run = add_command(app, "run", "Have something measured, and show the result");
  run.add_option("CAPABILITY", line.run.capability, "Its label or token")->required();
  run.add_option("PARAMETERS", line.run.assignments,
                 "What to measure, as destination.ip4=192.0.2.1;\n"
                 "'mpcli show CAPABILITY' tells what there is")
      ->type_name("ELEMENT=VALUE");
  run.add_option("--when", line.run.when,
                 "The time of the measurement, in UTC, as \"now + 30s / 1s\",\n"
                 "\"repeat now + 1h / 5m\" or \"2026-01-31 10:00 + 1m\".\n"
                 "Otherwise now, for five periods if the capability has one;\n"
                 "of what is kept from the past, all")
      ->type_name("SCOPE");
  run.add_option("--label", line.run.label, "A name for the measurement")->type_name("NAME");
  run.add_flag("--no-wait", line.no_wait,
               "Do not wait for the result, and print the token that\n"
               "'mpcli redeem' and 'mpcli stop' take");
}

void add_commands(CLI::App& app, Line& line) {
  add_command(app, "list", "What the component can measure for us");
  add_command(app, "show", "Everything about one of its capabilities")
      .add_option("CAPABILITY", line.run.capability, "Its label or token")
      ->required();
  add_run(app, line);
  add_command(app, "redeem", "Fetch the result of a measurement; waits if given a --timeout")
      .add_option("TOKEN", line.token, "As 'mpcli run --no-wait' prints it")
      ->required();
  add_command(app, "stop", "Have a measurement stopped, and show what there is")
      .add_option("TOKEN", line.token, "As 'mpcli run --no-wait' prints it")
      ->required();
}

/// File, then environment, then command line; each later one wins.
Options all_options(Line line) {
  if (!line.format.empty()) {
    const auto names = format_names();
    const auto place = std::find(names.begin(), names.end(), line.format) - names.begin();
    line.options.format = static_cast<Format>(place);
  }
  if (!line.timeout.empty()) line.options.timeout = parse_setting_duration(line.timeout);
  const Options file = line.config.empty() ? Options() : read_options(line.config);
  return merged(merged(file, options_of(environment)), line.options);
}

int run_command(const CLI::App& app, Line line, const Console console) {
  const Options options = all_options(line);
  line.run.wait = !line.no_wait;
  if (app.got_subcommand("list")) return list_capabilities(options, console);
  if (app.got_subcommand("show")) return show_capability(options, line.run.capability, console);
  if (app.got_subcommand("run")) return run_measurement(options, line.run, console);
  if (app.got_subcommand("redeem")) return redeem_measurement(options, line.token, console);
  if (app.got_subcommand("stop")) return stop_measurement(options, line.token, console);
  throw Error(ErrorKind::Configuration, "",
              "which command? list, show, run, redeem or stop; 'mpcli --help' tells more");
}

}  // namespace

int run_command_line(const int argc, const char* const* const argv, const Console console) {
  Line line;
  CLI::App app("Asks an mPlane component what it can measure, and has it measured.", "mpcli");
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.get_formatter()->label("REQUIRED", "");
  app.get_formatter()->label("TEXT", "");
  app.footer(kExitCodes);
  add_connection(app, line);
  add_presentation(app, line);
  add_commands(app, line);
  if (const auto code = read_command_line(app, argc, argv)) return *code;
  return run_command(app, line, console);
}

}  // namespace mplane
