#include "mpcom/component_config.hpp"

#include "exec_reader.hpp"
#include "mplane/tools/yaml.hpp"
#include "support/scratch.hpp"

#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const fs::path kFolder = fs::path(MPLANE_SOURCE) / "tests/tools/mpcom/config";

/// Reads a file under its bare name, so that mistakes look the same everywhere.
ComponentConfig read(const fs::path& file, ConfigContext& context) {
  const ConfigNode root =
      parse_yaml(test::read_file(file), file.filename().string(), context.mistakes);
  return read_component_config(root, context);
}

std::string mistakes_in(const fs::path& file) {
  ConfigContext context;
  read(file, context);
  try {
    context.mistakes.raise();
    return "";
  } catch (const Error& error) {
    return std::string(error.what()) + "\n";
  }
}

/// Keys and their defaults as doc/configuration.md has them, but for those of others: the modules'
/// settings, mpsup's and mpcli's.
std::map<std::string, std::string> documented_keys() {
  std::string page = test::read_file(fs::path(MPLANE_SOURCE) / "doc/configuration.md");
  page.erase(page.find("\n## mpsup\n"));
  const auto settings = page.find("\n| setting |");
  page.erase(settings, page.find("\n## ", settings) - settings);
  const std::regex row(R"(\n\| `([a-z.\[\]-]+)` \| [^|]+ \| (`([^`]*)`|\*none\*) \| )");
  std::map<std::string, std::string> keys;
  for (std::sregex_iterator match(page.begin(), page.end(), row), end; match != end; ++match) {
    keys.emplace((*match)[1], (*match)[3]);
  }
  return keys;
}

}  // namespace

TEST_CASE("every mistake of a configuration is told with its line") {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".expected") continue;
    fs::path file = entry.path();
    file.replace_extension(".yaml");
    CAPTURE(file);
    CHECK(mistakes_in(file) == test::read_file(entry.path()));
    ++files;
  }
  CHECK(files >= 11);
}

TEST_CASE("a configuration with all keys is read as it is written") {
  ConfigContext context;
  const ComponentConfig config = read(kFolder / "full.yaml", context);
  CHECK(context.mistakes.empty());
  const ComponentOptions& options = config.options;
  CHECK(options.listen == "127.0.0.1:0");
  CHECK_FALSE(options.insecure);
  CHECK(options.threads == 2);
  CHECK(options.scheduler.workers == 3);
  CHECK(config.state_dir == "state");
  CHECK(config.journal.sync == Sync::Normal);
  REQUIRE(options.supervisors.size() == 2);
  const SupervisorOptions& supervisor = options.supervisors[0];
  CHECK(to_string(supervisor.url) == "https://supervisor.example.org:8888/base/");
  CHECK(supervisor.priority == 2);
  CHECK(supervisor.callback == CallbackForm::Label);
  CHECK(supervisor.interval == 20s);
  CHECK(supervisor.registration_path == "a");
  CHECK(supervisor.specification_path == "b");
  CHECK(supervisor.result_path == "/c");
  CHECK(to_string(options.supervisors[1].url) == "https://192.0.2.1/");
  CHECK(options.supervisors[1].priority == 0);
  CHECK(config.spool.max_bytes == 1'048'576);
  CHECK(config.spool.max_age == 2h);
  CHECK(options.exports.allow(Url::parse("mplane-https://repository.example.org/in/x")));
  CHECK(config.tls.ca == "ca.crt");
  CHECK(config.tls.crl == "ca.crl");
  CHECK(options.access.allows(Identity("a"), "ping", "t"));
  CHECK_FALSE(options.access.allows(Identity("b"), "ping", "t"));
  REQUIRE(config.metadata.size() == 2);
  CHECK(config.metadata.at("location.civil").texts == std::vector<std::string>{"Zurich"});
  const CreditOptions& credits = options.credits;
  REQUIRE(credits.clients.size() == 2);
  CHECK(credits.clients[0].identity == "a*");
  CHECK(credits.clients[0].specifications_per_hour == 10);
  CHECK(credits.clients[0].measurements == 2);
  CHECK(credits.clients[0].packets_per_hour == 1000);
  CHECK(credits.clients[1].identity == "*");
  CHECK(credits.clients[1].measurements == kNoLimit);
  CHECK(credits.clients[1].packets_per_hour == kAnyPackets);
  REQUIRE(credits.costs.size() == 1);
  CHECK(credits.costs[0].label == "traceroute-*");
  CHECK(credits.costs[0].packets == 90);
  CHECK(options.limits.connections == 10);
  CHECK(options.limits.connections_per_identity == 7);
  CHECK(options.limits.handshakes == 5);
  CHECK(options.limits.header_bytes == 8192);
  CHECK(options.limits.body_bytes == 1'048'576);
  CHECK(options.limits.handshake == 1s);
  CHECK(options.limits.header == 2s);
  CHECK(options.limits.body == 3s);
  CHECK(options.limits.idle == 4s);
  CHECK(options.limits.write == 500ms);
  CHECK(options.scheduler.limits.jobs == 200);
  CHECK(options.scheduler.limits.runs == 40);
  CHECK(options.scheduler.limits.waiting == 5);
  CHECK(options.scheduler.limits.waiting_per_owner == 3);
  CHECK(options.scheduler.limits.jobs_per_owner == 20);
  CHECK(options.scheduler.limits.runs_per_owner == 4);
  CHECK(options.redemptions_per_second == Approx(5));
  CHECK(options.plans_per_second == Approx(6));
  CHECK(options.scheduler.results.fetched == 10min);
  CHECK(options.scheduler.results.unfetched == std::chrono::hours(7 * 24));
  CHECK(options.scheduler.results.newest == 9);
  CHECK(options.scheduler.results.max_bytes == 2'097'152);
  REQUIRE(config.targets.allow.size() == 2);
  CHECK(to_string(config.targets.allow[0]) == "127.0.0.0/8");
  CHECK(to_string(config.targets.allow[1]) == "::1");
  REQUIRE(config.targets.deny.size() == 1);
  CHECK(to_string(config.targets.deny[0]) == "127.0.0.9");
  CHECK(options.session.immediate == 1s);
  CHECK_FALSE(options.session.exceptions_as_200);
  REQUIRE(options.peers.size() == 1);
  CHECK(options.peers[0].identity == "old.*");
  CHECK(options.peers[0].session.immediate == 0s);
  CHECK(options.peers[0].session.exceptions_as_200);
  CHECK(config.registries == std::vector<std::string>{"core", "loopback"});
  REQUIRE(config.modules.size() == 1);
  CHECK(config.modules[0].name == "ping");
  ConfigSection settings(config.modules[0].settings, context);
  CHECK(settings.table().at("source").texts == std::vector<std::string>{"192.0.2.1", "192.0.2.2"});
  CHECK(config.log.level == Severity::Debug);
  CHECK(config.log.format == LogFormat::Json);
  CHECK(config.status == HostPort{"127.0.0.1", 8891});
}

TEST_CASE(
    "services get the policies that entries have for their labels, the last one's of several") {
  ConfigContext context;
  const ComponentConfig config = read(kFolder / "full.yaml", context);
  const auto service = [](const std::string& label) {
    return Service{Capability::measure(label)
                       .when("now")
                       .result("delay.twoway.icmp.count")
                       .build(Registry::core()),
                   [](const Specification& asked, auto) { return Result(asked); }};
  };
  std::vector<Service> services{service("ping-a"), service("other")};
  services[0].policy.grace = 9s;
  apply(config.services, services, context.mistakes);
  CHECK(context.mistakes.empty());
  const ServicePolicy& ping = services[0].policy;
  CHECK(ping.job_class == JobClass::Background);
  CHECK(ping.overlap == Overlap::Queue);
  CHECK(ping.missed == Missed::Once);
  CHECK(ping.slip == 30s);
  CHECK(ping.tell_lateness);
  CHECK(ping.tolerance == 2s);
  CHECK(ping.max_results == 5);
  CHECK(ping.max_running == 3);
  CHECK(ping.max_jobs == 8);
  CHECK_FALSE(ping.choices.overlap_queue);
  CHECK(ping.choices.overlap_parallel);
  CHECK(ping.choices.missed_once);
  CHECK(ping.choices.slip == 1min);
  CHECK(ping.grace == 9s);  // nobody spoke of it
  CHECK(services[1].policy.max_jobs == 8);
  CHECK(services[1].policy.max_running == kNoLimit);
  CHECK(services[1].policy.overlap == Overlap::Skip);
}

TEST_CASE("an entry for no service is a mistake, with its line and the nearest label") {
  ConfigContext context;
  const ConfigNode root =
      parse_yaml("component: {insecure: true}\nmodules: [{name: x}]\nservices:\n  - label: pong\n",
                 "f", context.mistakes);
  const ComponentConfig config = read_component_config(root, context);
  std::vector<Service> services{{Capability::measure("ping")
                                     .when("now")
                                     .result("delay.twoway.icmp.count")
                                     .build(Registry::core()),
                                 [](const Specification& asked, auto) { return Result(asked); }}};
  apply(config.services, services, context.mistakes);
  CHECK_THROWS_WITH(context.mistakes.raise(),
                    Catch::Contains("f:4: no module offers a service called \"pong\"") &&
                        Catch::Contains("\"ping\""));
}

TEST_CASE("who calls supervisors listens only if it is told where") {
  const auto listen = [](const std::string& component) {
    ConfigContext context;
    const ConfigNode root =
        parse_yaml("component: {insecure: true, " + component + "}\nmodules: [{name: x}]\n", "f",
                   context.mistakes);
    const ComponentConfig config = read_component_config(root, context);
    context.mistakes.raise();
    return config.options.listen;
  };
  CHECK(listen("supervisors: [\"http://192.0.2.1\"]").empty());
  CHECK(listen("supervisors: [\"http://192.0.2.1\"], listen: \"[::]:8890\"") == "[::]:8890");
  CHECK(listen("threads: 1") == "127.0.0.1:8890");
}

TEST_CASE("a peer's session has its own keys, and the others' for what it leaves out") {
  ConfigContext context;
  const ConfigNode root = parse_yaml(
      "component: {insecure: true}\nmodules: [{name: x}]\n"
      "session: {immediate: 2s, peers: [{identity: a, exception-status: 200}]}\n",
      "f", context.mistakes);
  const ComponentConfig config = read_component_config(root, context);
  context.mistakes.raise();
  CHECK(config.options.peers.at(0).session.immediate == 2s);
  CHECK(config.options.peers.at(0).session.exceptions_as_200);
}

TEST_CASE("a result that was not fetched is kept no shorter than one that was") {
  ConfigContext context;
  const ConfigNode root =
      parse_yaml("component: {insecure: true}\nmodules: [{name: x}]\nresults: {keep: 30d}\n", "f",
                 context.mistakes);
  const ComponentConfig config = read_component_config(root, context);
  context.mistakes.raise();
  CHECK(config.options.scheduler.results.fetched == std::chrono::hours(30 * 24));
  CHECK(config.options.scheduler.results.unfetched == std::chrono::hours(30 * 24));
}

TEST_CASE("the example in conf/ has no mistakes in it") {
  CHECK(mistakes_in(fs::path(MPLANE_SOURCE) / "conf/component.yaml").empty());
}

TEST_CASE("the documentation names every key that is read, with its default, and no other") {
  // What stands in lists is only read where there is a list; its defaults depend on what is above.
  ConfigContext listed;
  read(kFolder / "full.yaml", listed);
  ConfigContext plain;
  read_component_config(parse_yaml("", "f", plain.mistakes), plain);
  std::map<std::string, std::string> read = listed.keys;
  for (const auto& [key, otherwise] : plain.keys) read.insert_or_assign(key, otherwise);
  ConfigContext exec;
  test::ExecReader().read("{}", exec);
  read.merge(exec.keys);
  read["session.peers[].immediate"] = plain.keys.at("session.immediate");
  const auto documented = documented_keys();
  CHECK(documented == read);
  CHECK(documented.size() > 25);
}
