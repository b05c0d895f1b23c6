#include "command_line.hpp"

#include "commands.hpp"
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

void add_options(CLI::App& app, Line& line) {
  Options& options = line.options;
  app.add_option("--url", options.url,
                 "Where the component's capabilities are [$MPLANE_URL], "
                 "as https://probe.example.org:8890/capability")
      ->type_name("URL");
  app.add_option("--tls-ca", options.tls.ca, "Whom to believe [$MPLANE_TLS_CA]")->type_name("FILE");
  app.add_option("--tls-cert", options.tls.cert, "Our certificate [$MPLANE_TLS_CERT]")
      ->type_name("FILE");
  app.add_option("--tls-key", options.tls.key, "Its private key [$MPLANE_TLS_KEY]")
      ->type_name("FILE");
  app.add_option("--config", line.config,
                 "Defaults for all of this; the environment and options go before")
      ->type_name("FILE");
  app.add_option("--registry", options.registries,
                 "A registry of elements, by file or name, instead of all installed; repeatable")
      ->type_name("NAME")
      ->take_all();
  app.add_option("--link-host", options.link_hosts,
                 "A host that the component's links may lead to, beside itself; repeatable")
      ->type_name("HOST")
      ->take_all();
  app.add_option("--format", line.format, "table, json, ndjson or csv [table]")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "ndjson", "csv"}));
  app.add_option("--timeout", line.timeout,
                 "How long to wait at most, as 30s; else run waits 30s longer than the scope")
      ->type_name("TIME");
  app.set_version_flag("--version", std::string(version_text()), "Show the version");
}

void add_run(CLI::App& app, Line& line) {
  CLI::App& run = *app.add_subcommand("run", "Have something measured, and show the result");
  run.add_option("CAPABILITY", line.run.capability, "Its label or token")->required();
  run.add_option("PARAMETERS", line.run.assignments,
                 "What to measure, as destination.ip4=192.0.2.1; 'show' tells what there is")
      ->type_name("ELEMENT=VALUE");
  run.add_option("--when", line.run.when,
                 "When: \"now + 30s / 1s\", \"repeat now + 1h / 5m\", \"2026-01-31 10:00 + 1m\". "
                 "Else now, five times if it has a period; of what is past, all")
      ->type_name("SCOPE");
  run.add_option("--label", line.run.label, "A name for the measurement")->type_name("TEXT");
  run.add_flag("--no-wait", line.no_wait, "Print the token only; 'redeem' fetches the result");
}

void add_commands(CLI::App& app, Line& line) {
  app.add_subcommand("list", "What the component can measure for us");
  app.add_subcommand("show", "Everything about one of its capabilities")
      ->add_option("CAPABILITY", line.run.capability, "Its label or token")
      ->required();
  add_run(app, line);
  app.add_subcommand("redeem", "Fetch the result of a measurement; waits if --timeout is given")
      ->add_option("TOKEN", line.token, "As 'run --no-wait' printed it")
      ->required();
  app.add_subcommand("stop", "Have a measurement stopped, and show what there is")
      ->add_option("TOKEN", line.token, "As 'run --no-wait' printed it")
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
  return stop_measurement(options, line.token, console);
}

}  // namespace

int run_command_line(const int argc, const char* const* const argv, const Console console) {
  Line line;
  CLI::App app("Asks an mPlane component what it can measure, and has it measured.", "mpcli");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Exit codes: 0 done, 1 a bug, 2 usage or configuration, 3 refused or failed by the\n"
      "component, 4 not in time, 5 not reached or not trusted, 6 some of several runs failed.");
  add_options(app, line);
  add_commands(app, line);
  if (const auto code = read_command_line(app, argc, argv)) return *code;
  return run_command(app, line, console);
}

}  // namespace mplane
