#include "command_line.hpp"

#include "commands.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/setting_duration.hpp"
#include "mplane/tools/run_main.hpp"
#include "options.hpp"
#include "shell.hpp"

#include <algorithm>
#include <cstdlib>
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
  std::string profile = {};
  std::string url_file = {};
  std::string format = {};
  std::string timeout = {};
  bool quiet = false;
  bool verbose = false;
  RunRequest run = {};
  bool no_wait = false;
  std::size_t starts = 10;
  std::string token = {};
};

constexpr const char* kFooter =

    "Exit codes: 0 done, 1 a bug, 2 usage or configuration, 3 refused or failed by the component,\n"
    "4 not in time, 5 not reached or not trusted, 6 some of several components or runs failed.";

constexpr const char* kEveryCommand =
    "Whom to ask and how to write the answer say the options of 'mpcli --help', which go with "
    "every\n"
    "command, before or after it: --url, --tls-ca, --tls-cert, --tls-key, --config, --format, …";

void add_connection(CLI::App& app, Line& line) {
  Options& options = line.options;
  app.add_option("--url", options.urls,
                 "Where the component's capabilities are [$MPLANE_URL],\n"
                 "as https://probe.example.org:8890/capability; repeated,\n"
                 "the components are asked together")
      ->type_name("URL")
      ->allow_extra_args(false);
  app.add_option("--url-file", line.url_file, "A file with such URLs, one a line")
      ->type_name("FILE");
  app.add_option("--parallel", options.parallel,
                 "How many of several components are asked at once [256]")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000));
  app.add_option("--tls-ca", options.tls.ca, "Whom to believe, PEM [$MPLANE_TLS_CA]")
      ->type_name("FILE");
  app.add_option("--tls-cert", options.tls.cert, "Our certificate, PEM [$MPLANE_TLS_CERT]")
      ->type_name("FILE");
  app.add_option("--tls-key", options.tls.key, "Its private key, PEM [$MPLANE_TLS_KEY]")
      ->type_name("FILE");
  app.add_option("--config", line.config,
                 "A file of defaults for all of this, YAML, instead of\n"
                 "~/.config/mplane/client.yaml; the environment and these\n"
                 "options go before it")
      ->type_name("FILE");
  app.add_option("--profile", line.profile,
                 "Which of the file's profiles goes before the rest of it\n"
                 "[$MPLANE_PROFILE]")
      ->type_name("NAME");
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
  app.add_option("--format", line.format, "How the answer is written [table, or $MPLANE_FORMAT]")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "ndjson", "csv", "prometheus"}));
  app.add_option("--timeout", line.timeout,
                 "How long to wait at most, as 30s [$MPLANE_TIMEOUT]; otherwise\n"
                 "'run' waits for 30s longer than what it runs")
      ->type_name("TIME");
  app.add_flag("-q,--quiet", line.quiet, "Say nothing but the answer and errors");
  app.add_flag("-v,--verbose", line.verbose, "Say what is asked of whom")->excludes("--quiet");
  app.set_version_flag("--version", std::string(version_text()), "Show the version");
}

CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App& command = *app.add_subcommand(name, description);
  command.footer(kEveryCommand);
  return command;
}

/// What a measurement is: common to `run` and `plan`.
void add_question(CLI::App& command, Question& question) {
  command.add_option("CAPABILITY", question.capability, "Its label or token")->required();
  command
      .add_option("PARAMETERS", question.assignments,
                  "What to measure, as destination.ip4=192.0.2.1;\n"
                  "'mpcli show CAPABILITY' tells what there is")
      ->type_name("ELEMENT=VALUE");
  command
      .add_option("--when", question.when,
                  "The time of the measurement, in UTC, as \"now + 30s / 1s\",\n"
                  "\"repeat now + 1h / 5m\" or \"2026-01-31 10:00 + 1m\".\n"
                  "Otherwise now, for five periods if the capability has one;\n"
                  "of what is kept from the past, all")
      ->type_name("SCOPE");
  command
      .add_option("--repeat", question.repeat,
                  "Measure again and again: every so often, as 1h, or at the\n"
                  "times of a crontab of six fields, as \"0 30 * * * *\"; --when\n"
                  "says what each run is")
      ->type_name("PERIOD");
  command
      .add_option("--for", question.length,
                  "How long it goes on, as 7d; without --repeat, how long the\n"
                  "one measurement takes")
      ->type_name("TIME");
  command.add_option("--label", question.label, "A name for the measurement")->type_name("NAME");
  command
      .add_option("--metadata", question.metadata,
                  "What goes with it, as schedule.overlap=queue or, of a\n"
                  "composition, composition.sample=3; repeatable")
      ->type_name("ELEMENT=VALUE")
      ->allow_extra_args(false);
}

void add_summary(CLI::App& command, Line& line) {
  command.add_flag("--summary", line.run.summary,
                   "Rows, loss, min, mean, percentiles and max of each column of\n"
                   "numbers, instead of the rows");
}

void add_measuring(CLI::App& app, Line& line) {
  CLI::App& plan =
      add_command(app, "plan", "When something would be measured, and what is in its way");
  add_question(plan, line.run.question);
  plan.add_option("--starts", line.starts, "How many starts to show [10]")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  CLI::App& run = add_command(app, "run", "Have something measured, and show the result");
  add_question(run, line.run.question);
  run.add_flag("--no-wait", line.no_wait,
               "Do not wait for the result, and print the token that\n"
               "'mpcli redeem' and 'mpcli stop' take");
  add_summary(run, line);
}

CLI::App& add_about_token(CLI::App& app, Line& line, const std::string& name,
                          const std::string& description) {
  CLI::App& command = add_command(app, name, description);
  command.add_option("TOKEN", line.token, "As 'mpcli run --no-wait' prints it")->required();
  return command;
}

void add_commands(CLI::App& app, Line& line) {
  std::string& capability = line.run.question.capability;
  add_command(app, "list", "What the component can measure for us");
  add_command(app, "show", "Everything about one of its capabilities")
      .add_option("CAPABILITY", capability, "Its label or token")
      ->required();
  add_command(app, "explain", "What its parameters and results mean")
      .add_option("CAPABILITY", capability, "Its label or token")
      ->required();
  add_measuring(app, line);
  add_summary(add_about_token(app, line, "redeem",
                              "Fetch the result of a measurement; waits if given a --timeout"),
              line);
  add_summary(add_about_token(app, line, "results",
                              "The results of a measurement so far, whether it goes on or not"),
              line);
  add_summary(add_about_token(app, line, "watch", "Show the results of a measurement as they come"),
              line);
  add_about_token(app, line, "stop", "Have a measurement stopped, and show what there is");
}

/// What stands in the file that is named, or the usual one if there is one.
Options file_options(const Line& line) {
  const std::string profile = line.profile.empty() ? environment("MPLANE_PROFILE") : line.profile;
  const std::filesystem::path file =
      line.config.empty() ? default_file(environment) : std::filesystem::path(line.config);
  if (!file.empty()) return read_options(file, profile);
  if (profile.empty()) return {};
  throw Error(ErrorKind::Configuration, "--profile",
              "there is no file with profiles; --config names one");
}

/// File, then profile, then environment, then command line; each later one wins.
Options all_options(Line line) {
  Options& options = line.options;
  if (!line.format.empty()) options.format = parse_format(line.format);
  if (!line.timeout.empty()) options.timeout = parse_setting_duration(line.timeout);
  if (!line.url_file.empty()) {
    const auto more = read_urls(line.url_file);
    options.urls.insert(options.urls.end(), more.begin(), more.end());
  }
  if (line.quiet) options.verbosity = Verbosity::Quiet;
  if (line.verbose) options.verbosity = Verbosity::Verbose;
  return merged(merged(file_options(line), options_of(environment)), options);
}

int run_about_token(const CLI::App& app, const Options& options, const Line& line,
                    const Console& console) {
  const bool summary = line.run.summary;
  if (app.got_subcommand("redeem")) {
    return redeem_measurement(options, line.token, summary, console);
  }
  if (app.got_subcommand("results")) return show_results(options, line.token, summary, console);
  if (app.got_subcommand("watch")) return watch_measurement(options, line.token, summary, console);
  return stop_measurement(options, line.token, console);
}

int run_command(const CLI::App& app, Line line, const Console& console) {
  const Options options = all_options(line);
  line.run.wait = !line.no_wait;
  const Question& question = line.run.question;
  if (app.get_subcommands().empty()) return run_shell(options, console);
  if (app.got_subcommand("list")) return list_capabilities(options, console);
  if (app.got_subcommand("show")) return show_capability(options, question.capability, console);
  if (app.got_subcommand("explain")) {
    return explain_capability(options, question.capability, console);
  }
  if (app.got_subcommand("plan")) {
    return plan_measurement(options, question, line.starts, console);
  }
  if (app.got_subcommand("run")) {
    return options.urls.size() > 1 ? run_on_all(options, line.run, console)
                                   : run_measurement(options, line.run, console);
  }
  return run_about_token(app, options, line, console);
}

}  // namespace

int run_command_line(const int argc, const char* const* const argv, const Console& console) {
  Line line;
  CLI::App app("Asks mPlane components what they can measure, and has it measured.", "mpcli");
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.get_formatter()->label("REQUIRED", "");
  app.get_formatter()->label("TEXT", "");
  app.footer(kFooter);
  add_connection(app, line);
  add_presentation(app, line);
  add_commands(app, line);
  if (const auto code = read_command_line(app, argc, argv)) return *code;
  return run_command(app, line, console);
}

}  // namespace mplane
