#include "mplane/mpcom/run_component.hpp"

#include "certificate_watch.hpp"
#include "component_config.hpp"
#include "control.hpp"
#include "doctor.hpp"
#include "health.hpp"
#include "mplane/component/component.hpp"
#include "mplane/mpcom/extension.hpp"
#include "mplane/store/journal_file.hpp"
#include "mplane/store/spool.hpp"
#include "mplane/tools/log_output.hpp"
#include "mplane/tools/run_main.hpp"
#include "mplane/tools/yaml.hpp"
#include "preparation.hpp"
#include "reload.hpp"
#include "status_server.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace mplane {
namespace {

struct Arguments {
  std::string config;
  std::string ready_file;
  bool check = false;
  bool doctor = false;
};

/// What runs: mpcom, or a program made of it.
struct Program {
  std::string name = "mpcom";
  std::string description = "Offers measurements to mPlane clients and supervisors";
  ListModules list_modules;
  Extension* extension = nullptr;
};

/// A file that tells others, by being there, that the component works, and where it listens if it
/// does. Complete from the moment it can be seen; removed at the end.
class ReadyFile {
 public:
  ReadyFile(std::string path, const std::optional<Url>& url, const std::string& more)
      : path_(std::move(path)) {
    if (path_.empty()) return;
    const std::string draft = path_ + ".new";
    std::ofstream file(draft);
    file << (url ? to_string(*url) : "") << '\n';
    if (!more.empty()) file << more << '\n';
    file.close();
    std::error_code failed;
    std::filesystem::rename(draft, path_, failed);
    if (failed) throw Error(ErrorKind::Configuration, path_, "cannot be written");
  }
  ~ReadyFile() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;

 private:
  const std::string path_;
};

std::optional<int> read_arguments(const int argc, const char* const* const argv,
                                  const Program& program, Arguments& arguments) {
  CLI::App app(program.description, program.name);
  app.add_option("--config", arguments.config, "The configuration file (YAML)")
      ->required()
      ->type_name("FILE");
  app.add_flag("--check", arguments.check,
               "Only look for mistakes in the configuration and in the files it names");
  app.add_flag("--doctor", arguments.doctor,
               "Look at what it would run with: rights, clock, certificates, disk, supervisors;\n"
               "say what is wrong and what to do about it");
  app.add_option("--ready-file", arguments.ready_file,
                 "Write the URL to this file once peers can connect, an empty line if it listens\n"
                 "to nobody; it is removed at the end")
      ->type_name("FILE");
  app.set_version_flag("--version", std::string(version_text()), "Show the version");
  app.footer(
      "SIGTERM and SIGINT stop it within five seconds; SIGHUP has it read certificates, keys,\n"
      "revocation lists, rights and the log's level again; SIGUSR1 has the log tell everything,\n"
      "SIGUSR2 what the configuration says.\n"
      "Exit codes: 0 stopped, or no mistakes found; 1 a bug; 2 wrong usage or configuration;\n"
      "5 a supervisor cannot be reached (--doctor).");
  return read_command_line(app, argc, argv);
}

std::unique_ptr<JournalFile> open_journal(const ComponentConfig& config, const LogSink& log) {
  if (config.state_dir.empty()) {
    mplane::log(log, {Severity::Info,
                      "mpcom",
                      "there is no state-dir: specifications and results go with this process",
                      {}});
    return nullptr;
  }
  JournalOptions options = config.journal;
  options.log = log;
  return std::make_unique<JournalFile>(config.state_dir, std::move(options));
}

/// What waits for supervisors and others, if there are any to wait for.
std::unique_ptr<Spool> open_spool(const ComponentConfig& config, const Clock& clock,
                                  const LogSink& log) {
  if (config.options.supervisors.empty() && config.options.exports.empty()) return nullptr;
  SpoolOptions options = config.spool;
  options.folder = config.state_dir;
  options.sync = config.journal.sync;
  options.log = log;
  return std::make_unique<Spool>(std::move(options), clock);
}

/// Waits until all that is in it is on the disk, as far as it can be.
void keep(Spool& spool) {
  std::promise<void> done;
  spool.when_kept([&done](bool /*kept*/) { done.set_value(); });
  done.get_future().wait();
}

/// Where it can be found, for people.
std::string whereabouts(const Component& component, const std::size_t supervisors) {
  std::string text;
  if (component.listens()) text = "listening at " + to_string(component.url());
  if (supervisors == 0) return text;
  return text + (text.empty() ? "" : ", ") + "calling " + std::to_string(supervisors) +
         (supervisors == 1 ? " supervisor" : " supervisors");
}

/// Goes on with what the process before us left. What none of these services ran is the
/// extension's, if there is one.
void restore(Component& component, JournalFile& journal, const Registry& registry,
             const std::set<std::string>& services, Extension* const extension,
             const LogSink& log) {
  const std::vector<JobRecord> records = journal.load(registry);
  for (const JobRecord& record : records) {
    if (extension != nullptr && services.count(record.service) == 0) {
      extension->restore(record);
    } else {
      component.restore(record);
    }
  }
  mplane::log(log, {Severity::Info,
                    "mpcom",
                    "what was accepted before is restored",
                    {{"specifications", std::to_string(records.size())}}});
}

/// What the program has outside of the component. Made before threads start.
struct Surroundings {
  LogOutput output;
  ServiceManager manager = {};
  SignalQueue signals = control_signals();  // they wait there from here on, before anybody does
};

/// Ends an extension's work when the component's ends, however that comes about: what it lets in
/// goes to the component.
class ExtensionAtWork {
 public:
  ExtensionAtWork(Extension* const extension, Component& component)
      : extension_(extension), component_(component) {
    if (extension_ != nullptr) extension_->attach(component_);
  }
  ~ExtensionAtWork() {
    if (extension_ == nullptr) return;
    component_.stop();
    extension_->stop();
  }
  ExtensionAtWork(const ExtensionAtWork&) = delete;
  ExtensionAtWork& operator=(const ExtensionAtWork&) = delete;

  std::string start() { return extension_ == nullptr ? "" : extension_->start(); }

 private:
  Extension* const extension_;
  Component& component_;
};

/// A configuration file, as it was read.
struct ConfigFile {
  std::string name;
  ConfigNode root;
  ComponentConfig config;
};

int serve(Preparation prepared, ConfigFile file, const Arguments& arguments,
          Surroundings& surroundings, Extension* const extension) {
  const ComponentConfig& config = file.config;
  const LogSink log = prepared.options.log;
  const Registry registry = prepared.options.registry;
  const SystemClock clock;
  LogOutput& output = surroundings.output;
  const ServiceManager& manager = surroundings.manager;
  CertificateWatch watch(clock, log);
  watch.use(prepared.options.tls);
  const auto journal = open_journal(config, log);
  prepared.options.scheduler.journal = journal.get();
  const auto spool = open_spool(config, clock, log);
  prepared.options.spool = spool.get();
  Component component(prepared.options);
  std::set<std::string> services;
  for (Service& service : prepared.services) {
    services.insert(component.serve(std::move(service)).label());
  }
  for (Collection& one : prepared.collections) {
    services.insert(one.capability.label());
    component.collect(one.capability, std::move(one.take));
  }
  ExtensionAtWork extension_at_work(extension, component);
  if (journal != nullptr) restore(component, *journal, registry, services, extension, log);
  const Health health{component, watch, clock, config.state_dir, extension};
  std::optional<StatusServer> status;
  if (config.status) status.emplace(*config.status, health, log);
  Reload reload(file.name, std::move(file.root), config, component, output, watch, extension);
  const std::string more = extension_at_work.start();
  component.start();
  const bool all_ended = [&] {
    const ReadyFile ready(arguments.ready_file, component.listens(), more);
    manager.ready(whereabouts(component, config.options.supervisors.size()));
    Control{surroundings.signals, manager, output, watch, reload, [&] { return health.is_alive(); }}.run();
    return component.stop().empty();
  }();
  if (all_ended) return EXIT_SUCCESS;
  // The threads of services that ignore their interrupt cannot be waited for.
  if (journal != nullptr) journal->flush();
  if (spool != nullptr) keep(*spool);
  std::_Exit(EXIT_SUCCESS);
}

int run(const int argc, const char* const* const argv, const Program& program) {
  Arguments arguments;
  if (const auto code = read_arguments(argc, argv, program, arguments)) return *code;
  ConfigContext context;
  ConfigFile file{arguments.config, read_yaml(arguments.config, context.mistakes), {}};
  file.config = read_component_config(file.root, context, program.extension);
  const ComponentConfig& config = file.config;
  Surroundings surroundings{LogOutput(config.log)};
  std::vector<LogRecord> noted;  // one thread so far
  const LogSink log = arguments.doctor
                          ? LogSink([&](const LogRecord& record) { noted.push_back(record); })
                          : surroundings.output.sink();
  Engine engine(log);
  ProgramRunner programs(log);
  const TargetCheck check = [targets = TargetPolicy(config.targets)](const Address& target) {
    targets.check(target);
  };
  const auto modules = program.list_modules(
      {.engine = engine, .programs = programs, .log = log, .check_target = check});
  Preparation prepared = prepare(config, modules, log, check, context);
  if (program.extension != nullptr) {
    program.extension->prepare(
        {prepared.options, config.state_dir, config.journal.sync, prepared.collections}, context);
    if (context.mistakes.empty()) prepared.neighbours = program.extension->neighbours();
  }
  if (arguments.doctor) {
    return tell(examine(config, prepared, context.mistakes, noted, SystemClock()), std::cout);
  }
  context.mistakes.raise();
  if (arguments.check) {
    std::cout << arguments.config << ": no mistakes found\n";
    return EXIT_SUCCESS;
  }
  std::signal(SIGCHLD, SIG_DFL);  // programs are waited for, also if our parent ignored its own
  engine.start();
  return serve(std::move(prepared), std::move(file), arguments, surroundings, program.extension);
}

}  // namespace

int run_component(const int argc, const char* const* const argv,
                  const ListModules& list_modules) noexcept {
  return run_main("mpcom", [&] { return run(argc, argv, Program{.list_modules = list_modules}); });
}

int run_component(const int argc, const char* const* const argv, const ListModules& list_modules,
                  const ExtendedProgram& program, Extension& extension) noexcept {
  return run_main(program.name, [&] {
    return run(argc, argv, {program.name, program.description, list_modules, &extension});
  });
}

int run_component(const int argc, const char* const* const argv,
                  const std::vector<Module>& modules) noexcept {
  return run_main("mpcom", [&] {
    const auto list = [&](const ModuleHost& /*host*/) { return modules; };
    return run(argc, argv, Program{.list_modules = list});
  });
}

}  // namespace mplane
