#include "fleet_command.hpp"

#include "control_socket.hpp"
#include "fleet_view.hpp"
#include "mpcom/component_config.hpp"
#include "mplane/tools/run_main.hpp"
#include "mplane/tools/yaml.hpp"
#include "supervisor_extension.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace mplane {
namespace {

struct Command {
  std::string_view word;
  FleetQuestion::Topic topic;
  const char* help;
};

constexpr std::array<Command, 4> kCommands{{
    {"status", FleetQuestion::Topic::Status, "Shows how a supervisor that runs fares"},
    {"components", FleetQuestion::Topic::Components, "Lists the components of a supervisor"},
    {"capabilities", FleetQuestion::Topic::Capabilities,
     "Lists what the components of a supervisor offer"},
    {"measurements", FleetQuestion::Topic::Measurements,
     "Lists what a supervisor was asked to measure"},
}};

struct Arguments {
  std::string config;
  std::string format = "table";
  FleetQuestion question;
};

std::optional<int> read_arguments(const int argc, const char* const* const argv,
                                  Arguments& arguments) {
  const auto* const command = std::find_if(kCommands.begin(), kCommands.end(),
                                           [&](const Command& one) { return one.word == argv[0]; });
  FleetQuestion& question = arguments.question;
  question.topic = command->topic;
  CLI::App app(command->help, "mpsup " + std::string(command->word));
  const auto pattern = [&](const char* const name, std::string& text, const char* const help) {
    app.add_option(name, text, help)->type_name("PATTERN");
  };
  app.add_option("--config", arguments.config, "The supervisor's configuration file (YAML)")
      ->required()
      ->type_name("FILE");
  app.add_option("--format", arguments.format, "table or json")
      ->check(CLI::IsMember({"table", "json"}));
  using Topic = FleetQuestion::Topic;
  if (question.topic != Topic::Measurements) {
    pattern("--component", question.component, "Only components of that name; * is any text");
  }
  if (question.topic == Topic::Capabilities || question.topic == Topic::Measurements) {
    pattern("--label", question.label, "Only capabilities with that label; * is any text");
  }
  if (question.topic == Topic::Measurements) {
    pattern("--owner", question.owner, "Only what that identity asked for; * is any text");
    pattern("--state", question.state, "Only those that are planned, waiting, running or ended");
  } else if (question.topic != Topic::Capabilities) {
    pattern("--state", question.state, "Only components that are here, or away");
  }
  const auto code = read_command_line(app, argc, argv);
  question.json = arguments.format == "json";
  return code;
}

int run(const int argc, const char* const* const argv) {
  Arguments arguments;
  if (const auto code = read_arguments(argc, argv, arguments)) return *code;
  ConfigContext context;
  SupervisorExtension extension;
  const ComponentConfig config =
      read_component_config(read_yaml(arguments.config, context.mistakes), context, &extension);
  context.mistakes.raise();
  const auto socket = extension.control_socket(config.state_dir);
  if (socket.empty()) {
    throw Error(ErrorKind::Configuration, arguments.config,
                "there is neither supervisor.control nor component.state-dir: nobody can be asked");
  }
  std::cout << ask_control_socket(socket, to_text(arguments.question)) << std::flush;
  return EXIT_SUCCESS;
}

}  // namespace

bool is_fleet_command(const std::string_view word) noexcept {
  return std::any_of(kCommands.begin(), kCommands.end(),
                     [&](const Command& one) { return one.word == word; });
}

int run_fleet_command(const int argc, const char* const* const argv) noexcept {
  return run_main("mpsup", [&] { return run(argc, argv); });
}

}  // namespace mplane
