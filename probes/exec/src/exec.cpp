#include "mplane/probes/exec.hpp"

#include "mplane/model/capability.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/common/scope.hpp"
#include "mplane/scheduler/clock.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace mplane {
namespace {

/// What the runs of one service share.
struct ExecService {
  ExecService(const ExecSettings& with, const Capability& capability, LogSink to, TargetCheck check)
      : settings(with),
        arguments(with.arguments, capability),
        output(with, capability.schema()),
        log(std::move(to)),
        check_target(std::move(check)) {}

  const ExecSettings settings;
  const ArgumentTemplates arguments;
  const OutputReader output;
  const LogSink log;
  const TargetCheck check_target;
};

[[noreturn]] void refuse(std::string where, std::string why) {
  throw Error(ErrorKind::Configuration, std::move(where), std::move(why));
}

const Registry& registry_of(const Registry& registry, const std::string& uri) {
  if (uri.empty()) return registry;
  const Registry* const known = registry.known(uri);
  if (known == nullptr) refuse("registry", mplane::quoted(uri) + " is not among the registries");
  return *known;
}

/// Runs a step; what it throws is about that place.
template <typename Step>
auto at(const std::string& where, const Step& step) {
  try {
    return step();
  } catch (const Error& error) {
    refuse(where, error.message());
  }
}

Capability capability_of(const ExecSettings& settings, const Registry& registry) {
  if (settings.label.empty()) refuse("label", "'label' is missing: what is it called?");
  if (settings.results.empty()) refuse("results", "'results' is missing: what does it yield?");
  auto builder = Capability::of(settings.verb, settings.label);
  builder = std::move(builder).when(at("when", [&] { return When::parse(settings.when); }));
  for (const auto& parameter : settings.parameters) {
    const std::string& name = parameter.first;
    const auto parse = [&] {
      return Constraint::parse(registry.element(name).primitive(), parameter.second);
    };
    builder = std::move(builder).parameter(name, at("parameters/" + name, parse));
  }
  for (const ExecColumn& column : settings.results) {
    at("results/" + column.element, [&] { return &registry.element(column.element); });
    builder = std::move(builder).result(column.element);
  }
  return at("", [&] { return std::move(builder).build(registry); });
}

/// Names and URLs that somebody else may choose, unless the operator says that he knows.
void check_unresolved(const ExecSettings& settings, const Capability& capability) {
  for (const Element* const element : capability.schema().parameters()) {
    const std::string& name = element->name();
    const bool names_a_target =
        element->primitive() == Primitive::Url ||
        (element->primitive() == Primitive::String && name.starts_with("destination."));
    const bool chosen_by_us = capability.constraint(name).kind() == Constraint::Kind::Set;
    if (!names_a_target || chosen_by_us || settings.unresolved.contains(name)) continue;
    refuse("parameters/" + name,
           "the program finds the address of '" + name +
               "' itself, where 'targets' cannot be checked: list its values, or name it under "
               "'unresolved'");
  }
  for (const std::string& name : settings.unresolved) {
    if (capability.schema().find_parameter(name)) continue;
    refuse("unresolved", "there is no parameter " + mplane::quoted(name));
  }
}

void check_program(const ExecSettings& settings) {
  const std::string& program = settings.program;
  struct stat status {};
  if (program.empty()) refuse("program", "'program' is missing: what is to be run?");
  if (program.front() != '/') refuse("program", mplane::quoted(program) + " is no absolute path");
  if (::stat(program.c_str(), &status) != 0)
    refuse("program", mplane::quoted(program) + " does not exist");
  if (!S_ISREG(status.st_mode) || ::access(program.c_str(), X_OK) != 0) {
    refuse("program", mplane::quoted(program) + " is no program that we may run");
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    refuse("program",
           "everybody may write to " + mplane::quoted(program) + ": it is not to be trusted");
  }
  if (!std::filesystem::is_directory(settings.directory)) {
    refuse("directory", mplane::quoted(settings.directory) + " is no directory");
  }
}

std::optional<Duration> time_limit(const When& when, const Duration timeout, const Instant now) {
  if (when.is_singleton()) return timeout;
  const auto left = time_left(when, now);
  return left ? std::optional(*left + timeout) : std::nullopt;
}

ProgramCall call_for(const ExecService& service, const Specification& specification) {
  const ExecSettings& settings = service.settings;
  const Instant now = SystemClock().now();
  ProgramCall call{.program = settings.program,
                   .arguments = service.arguments.fill(specification, now),
                   .environment = {},
                   .directory = settings.directory,
                   .time_limit = time_limit(specification.when(), settings.timeout, now),
                   .kill_after = settings.kill_after,
                   .output_limit = settings.output_limit};
  std::map<std::string, std::string> variables = {
      {"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", "/"}, {"LC_ALL", "C.UTF-8"}};
  for (const auto& [name, text] : settings.environment) variables[name] = text;
  for (const auto& [name, text] : variables) call.environment.push_back(name + "=" + text);
  return call;
}

/// Why there is no result; nothing if its output counts.
std::optional<Error> failure(const ExecSettings& settings, const ProgramEnd& end) {
  const std::string program = std::filesystem::path(settings.program).filename().string();
  switch (end.cause) {
    case ProgramEnd::Cause::Interrupt:
      return {};
    case ProgramEnd::Cause::TimeLimit:
      return Error(ErrorKind::TimedOut, "", program + " did not end in time");
    case ProgramEnd::Cause::OutputLimit:
      return Error(
          ErrorKind::Failed, "",
          program + " printed more than " + std::to_string(settings.output_limit) + " bytes");
    case ProgramEnd::Cause::Itself:
      break;
  }
  if (!end.exit_code) {
    return Error(ErrorKind::Failed, "",
                 program + " was killed by signal " + std::to_string(end.signal.value_or(0)));
  }
  if (settings.success_codes.contains(*end.exit_code)) return {};
  const auto known = settings.exit_codes.find(*end.exit_code);
  return Error(ErrorKind::Failed, "",
               known != settings.exit_codes.end()
                   ? known->second
                   : program + " ended with exit code " + std::to_string(*end.exit_code));
}

/// What a peer is not told: the words of the program.
void log_failure(const ExecService& service, const ProgramEnd& end, const Error& error) {
  log(service.log, {.severity = Severity::Warning,
                    .component = "exec",
                    .message = "a program failed",
                    .fields = {{"label", service.settings.label},
                               {"reason", error.message()},
                               {"complaint", mplane::quoted(end.complaint)}}});
}

void deliver(const ExecService& service, const Specification& specification,
             ProgramRunner::Outcome& outcome, Completion& completion) {
  if (const auto* const error = std::get_if<Error>(&outcome)) {
    log_failure(service, {}, *error);
    return completion.fail(*error);
  }
  const ProgramEnd& end = std::get<ProgramEnd>(outcome);
  std::optional<Error> error = failure(service.settings, end);
  if (!error) {
    try {
      Result result(specification);
      result.measured(end.first, end.last);
      annotate(result, end.conditions);
      service.output.read(end.output, end.cause == ProgramEnd::Cause::Interrupt, result);
      return completion(std::move(result));
    } catch (const Error& unreadable) {
      error = unreadable;
    }
  }
  log_failure(service, end, *error);
  completion.fail(*error);
}

}  // namespace

Service make_exec(const Registry& registry, const ExecSettings& settings, ProgramRunner& runner,
                  const LogSink& log, const TargetCheck& check_target) {
  Capability capability = capability_of(settings, registry_of(registry, settings.registry));
  check_program(settings);
  check_unresolved(settings, capability);
  const auto service = std::make_shared<const ExecService>(settings, capability, log, check_target);
  AsyncRun run = [service, &runner](const Specification& specification, std::stop_token stop,
                                    Completion completion) {
    check_targets(specification, service->check_target);
    runner.start(call_for(*service, specification), std::move(stop),
                 [service, specification,
                  completion = std::move(completion)](ProgramRunner::Outcome outcome) mutable {
                   deliver(*service, specification, outcome, completion);
                 });
  };
  // Our own time limit comes first; the scheduler's is for when that fails.
  const Duration grace = settings.timeout + settings.kill_after + std::chrono::seconds(1);
  return {.capability = std::move(capability),
          .run = std::move(run),
          .immediate = false,
          .policy = {.tell_lateness = true, .grace = grace, .max_running = settings.max_running}};
}

}  // namespace mplane
