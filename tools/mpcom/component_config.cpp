#include "component_config.hpp"

#include "calling_config.hpp"
#include "credit_config.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/mpcom/extension.hpp"
#include "mplane/session/url.hpp"

#include <algorithm>
#include <utility>

namespace mplane {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::size_t kManyThreads = 256;
constexpr std::size_t kManyConnections = 1'000'000;
constexpr std::size_t kManyResults = 100'000;

void read_component(ConfigSection section, ComponentConfig& config) {
  ComponentOptions& options = config.options;
  options.listen = section.text("listen", options.listen);
  section.attempt("listen", [&] { HostPort::parse(options.listen); });
  options.insecure = section.boolean("insecure", options.insecure);
  options.threads =
      static_cast<unsigned>(section.natural("threads", options.threads, 1, kManyThreads));
  options.scheduler.workers =
      section.natural("workers", options.scheduler.workers, 1, kManyThreads);
  read_supervisors(section, options);
  config.metadata = section.table("metadata");
  config.module_dir = section.path("module-dir");
  config.state_dir = section.path("state-dir");
  config.state_dir_where = section.where("state-dir");
  section.refuse_others();
}

void read_store(ConfigSection section, JournalOptions& journal) {
  journal.sync = section.choice("sync", 0, {"full", "normal"}) == 0 ? Sync::Full : Sync::Normal;
  section.refuse_others();
}

void read_results(ConfigSection section, ResultsKept& results) {
  results.fetched = section.duration("keep", results.fetched);
  results.unfetched = std::max(results.unfetched, results.fetched);
  results.newest = section.natural("newest", results.newest, 1, kManyResults);
  results.max_bytes = section.bytes("max-bytes", results.max_bytes);
  section.refuse_others();
}

void read_tls(ConfigSection section, ComponentConfig& config) {
  config.tls.ca = section.path("ca");
  config.tls.cert = section.path("cert");
  config.tls.key = section.path("key");
  config.tls.crl = section.path("crl");
  section.refuse_others();
  config.tls_where = section.where();
  const bool insecure = config.options.insecure;
  if (!section.is_valid()) return;
  for (const std::string_view key : {"ca", "cert", "key"}) {
    if (section.has(key) != insecure) continue;
    if (insecure) {
      section.mistake(key,
                      "'tls." + std::string(key) + "' and 'component.insecure' exclude each other");
      continue;
    }
    section.mistake(key, "'tls." + std::string(key) +
                             "' is missing; without TLS 'component.insecure' has to be true");
  }
}

/// Role names, each its own item or several in one text: "guest, admin".
AccessControl::Table role_table(const ConfigSection::Table& entries, ConfigContext& context) {
  AccessControl::Table table;
  for (const auto& [name, entry] : entries) {
    AccessControl::RoleNames& roles = table[name];
    for (const std::string& text : entry.texts) {
      try {
        roles.merge(parse_role_names(text));
      } catch (const Error& error) {
        context.mistakes.add(entry.where, error.what());
      }
    }
  }
  return table;
}

AccessControl read_access(ConfigSection section, const bool insecure, ConfigContext& context) {
  const auto roles = role_table(section.table("roles"), context);
  const auto authorizations = role_table(section.table("authorizations"), context);
  const bool open = section.boolean("open", false);
  section.refuse_others();
  if (open && !insecure) {
    section.mistake("open", "'access.open' lets everybody in: only with 'component.insecure'");
  }
  if (open) return AccessControl::open();
  AccessControl access;
  section.attempt("roles", [&] { access = AccessControl(roles, authorizations); });
  return access;
}

void read_limits(ConfigSection section, ComponentOptions& options) {
  ListenerLimits& limits = options.limits;
  SchedulerLimits& work = options.scheduler.limits;
  const auto count = [&](const std::string_view key, std::size_t& limit) {
    limit = section.natural(key, limit, 1, kManyConnections);
  };
  const auto time = [&](const std::string_view key, milliseconds& limit) {
    limit = duration_cast<milliseconds>(section.duration(key, limit));
  };
  count("connections", limits.connections);
  count("connections-per-identity", limits.connections_per_identity);
  count("handshakes", limits.handshakes);
  limits.header_bytes = section.bytes("header-bytes", limits.header_bytes);
  limits.body_bytes = section.bytes("body-bytes", limits.body_bytes);
  time("handshake-timeout", limits.handshake);
  time("header-timeout", limits.header);
  time("body-timeout", limits.body);
  time("idle-timeout", limits.idle);
  time("write-timeout", limits.write);
  work.jobs = section.natural("jobs", work.jobs, 1, work.jobs);
  work.runs = section.natural("runs", work.runs, 1, work.runs);
  work.waiting = section.natural("waiting", work.waiting, 1, kManyConnections);
  work.waiting_per_owner = std::min(work.waiting_per_owner, work.waiting);
  work.waiting_per_owner =
      section.natural("waiting-per-identity", work.waiting_per_owner, 1, work.waiting);
  work.jobs_per_owner = section.natural("jobs-per-identity", work.jobs_per_owner, 1, work.jobs);
  work.runs_per_owner = section.natural("runs-per-identity", work.runs_per_owner, 1, work.runs);
  constexpr std::uint64_t kOften = 1'000'000;
  options.redemptions_per_second = static_cast<double>(
      section.natural("redemptions-per-second",
                      static_cast<std::uint64_t>(options.redemptions_per_second), 1, kOften));
  options.plans_per_second = static_cast<double>(section.natural(
      "plans-per-second", static_cast<std::uint64_t>(options.plans_per_second), 1, kOften));
  section.refuse_others();
}

std::vector<Address> read_prefixes(ConfigSection& section, const std::string_view key,
                                   const std::vector<Address>& otherwise) {
  std::vector<std::string> texts;
  texts.reserve(otherwise.size());
  for (const Address& prefix : otherwise) texts.push_back(to_string(prefix));
  std::vector<Address> prefixes;
  for (const std::string& text : section.texts(key, texts)) {
    section.attempt(key, [&] { prefixes.push_back(Address::parse(text)); });
  }
  return prefixes;
}

void read_targets(ConfigSection section, TargetLists& targets) {
  targets.allow = read_prefixes(section, "allow", targets.allow);
  targets.deny = read_prefixes(section, "deny", targets.deny);
  section.refuse_others();
}

SessionOptions read_session_keys(ConfigSection& section, SessionOptions session) {
  session.immediate = section.duration("immediate", session.immediate);
  session.exceptions_as_200 = section.choice("exception-status", session.exceptions_as_200 ? 1 : 0,
                                             {"by-kind", "200"}) == 1;
  return session;
}

void read_session(ConfigSection section, ComponentOptions& options) {
  options.session = read_session_keys(section, options.session);
  for (ConfigSection& peer : section.sections("peers")) {
    std::string identity = peer.text("identity");
    if (peer.is_valid() && !peer.has("identity")) {
      peer.mistake("identity", "'identity' is missing: whom is this for?");
    }
    options.peers.push_back({std::move(identity), read_session_keys(peer, options.session)});
    peer.refuse_others();
  }
  section.refuse_others();
}

void read_log(ConfigSection section, LogOptions& log) {
  const auto level = static_cast<std::size_t>(log.level);
  log.level =
      static_cast<Severity>(section.choice("level", level, {"debug", "info", "warning", "error"}));
  log.format = static_cast<LogFormat>(section.choice("format", 0, {"text", "json"}));
  section.refuse_others();
}

/// "address:port", or a port alone: of 127.0.0.1.
HostPort parse_local(const std::string& text) {
  const bool is_port = text.find_first_not_of("0123456789") == std::string::npos;
  return HostPort::parse(is_port ? "127.0.0.1:" + text : text);
}

void read_status(ConfigSection section, ComponentConfig& config) {
  const std::string listen = section.text("listen");
  if (!listen.empty()) {
    section.attempt("listen", [&] { config.status = parse_local(listen); });
  }
  section.refuse_others();
}

/// A file; a name alone is one in the folder for modules.
std::filesystem::path read_library(ConfigSection& module, const std::filesystem::path& folder) {
  const std::string text = module.text("library");
  if (text.empty()) return {};
  if (text.find('/') != std::string::npos) {
    return std::filesystem::absolute(module.path("library"));
  }
  if (!folder.empty()) return std::filesystem::absolute(folder / text);
  module.mistake("library", "'library': " + mplane::quoted(text) +
                                " is a name alone: set 'component.module-dir', or write ./" + text);
  return {};
}

void read_modules(ConfigSection& root, const bool required, ComponentConfig& config) {
  if (required && !root.has("modules"))
    root.mistake("modules", "'modules' is missing: there is nothing to do");
  for (ConfigSection& module : root.sections("modules", "name")) {
    ModuleEntry entry;
    entry.name = module.text("name");
    entry.library = read_library(module, config.module_dir);
    entry.where = module.where();
    entry.settings = module.later("settings");
    module.refuse_others();
    if (module.has("name") && module.has("library")) {
      module.mistake("library", "'name' and 'library' exclude each other");
    } else if (!entry.name.empty() || !entry.library.empty()) {
      config.modules.push_back(std::move(entry));
    } else if (module.is_valid() && !module.has("name") && !module.has("library")) {
      module.mistake("name", "'name' is missing: which module?");
    }
  }
}

}  // namespace

ComponentConfig read_component_config(const ConfigNode& root, ConfigContext& context,
                                      Extension* const extension) {
  ComponentConfig config;
  if (root.file.empty()) return config;  // it could not be read: there is no more to say
  config.folder = std::filesystem::path(root.file).parent_path();
  ConfigSection section(root, context);
  read_component(section.section("component"), config);
  read_store(section.section("store"), config.journal);
  read_tls(section.section("tls"), config);
  config.options.access = read_access(section.section("access"), config.options.insecure, context);
  config.options.credits = read_credits(section.section("credits"));
  read_export(section.section("export"), config.options);
  read_spool(section.section("spool"), config.spool);
  read_results(section.section("results"), config.options.scheduler.results);
  read_limits(section.section("limits"), config.options);
  read_targets(section.section("targets"), config.targets);
  read_session(section.section("session"), config.options);
  read_log(section.section("log"), config.log);
  read_status(section.section("status"), config);
  config.registries = section.texts("registries", {"core"});
  config.registries_where = section.where("registries");
  read_modules(section, extension == nullptr, config);
  config.services = read_services(section);
  if (extension != nullptr) extension->read(section);
  section.refuse_others();
  return config;
}

}  // namespace mplane
