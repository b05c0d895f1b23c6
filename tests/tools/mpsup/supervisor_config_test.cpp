#include "mpsup/supervisor_config.hpp"

#include "mplane/tools/yaml.hpp"
#include "support/scratch.hpp"

#include <filesystem>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

namespace {

struct Reading {
  explicit Reading(const std::string& yaml) {
    const ConfigNode root = parse_yaml(yaml, "f", context.mistakes);
    ConfigSection section(root, context);
    config = read_supervisor_config(section.section("supervisor"));
    section.refuse_others();
  }
  std::string mistakes() const {
    std::string text;
    for (const Error& mistake : context.mistakes.all()) {
      text += mistake.where() + ": " + mistake.message() + "\n";
    }
    return text;
  }

  ConfigContext context = {};
  SupervisorConfig config = {};
  const SupervisionOptions& options = config.supervision;
};

}  // namespace

TEST_CASE("a supervisor's section is read", "[mpsup]") {
  const Reading reading(R"(
supervisor:
  listen: "[::]:1"
  components: org.example.*
  relay: [ping-*, loop]
  relay-label: "{component}.{label}"
  tell-asker: true
  patience: 3s
  longest: 4m
  polls: {interval: 1m, hold: 0s, per-second: 7, expiry: 2m}
  limits: {components: 1, capabilities: 2, asked: 3}
  results: {keep: 30d, max-bytes: 1GiB, query: false, query-rows: 9, query-time: 7s,
            query-kinds: 8, metrics: true,
            stream: [a.ndjson, {socket: /run/b}, {url: "http://localhost:8080/in"}]}
  compositions:
    - label: mesh
      of: ping-*
      answer: first
      components: [a, b*]
      sample: 3
      seed: 18446744073709551615
      metadata: {observer.as: 33*, location.civil: Z*}
      spread: observer.as
      choices: [sample, same-as]
      component-column: source.device
    - {label: targets, of: ping, answer: split, split: destination.ip4, list: test.list,
       max-items: 7}
    - label: sum
      of: ping
      aggregate:
        delay.twoway.icmp.us.min: min
        delay.twoway.icmp.us.mean: p99.9
        delay.twoway.icmp.count: sum
)");
  CHECK(reading.mistakes().empty());
  const SupervisionOptions& options = reading.options;
  CHECK(options.below.listen == "[::]:1");
  CHECK(options.below.components == std::vector<std::string>{"org.example.*"});
  CHECK(options.relay == std::vector<std::string>{"ping-*", "loop"});
  CHECK(options.relay_label == "{component}.{label}");
  CHECK(options.patience == 3s);
  CHECK(options.longest == 4min);
  CHECK(options.below.callback.interval == 1min);
  CHECK(options.below.callback.hold == 0s);
  CHECK(options.below.callback.polls_per_second == 7);
  CHECK(options.below.callback.expiry == 2min);
  CHECK(options.below.limits.components == 1);
  CHECK(options.below.limits.capabilities == 2);
  CHECK(options.below.limits.asked == 3);
  CHECK(reading.config.results.max_age == 30 * 24h);
  CHECK(reading.config.results.max_bytes == std::uint64_t{1} << 30U);
  CHECK_FALSE(reading.config.is_repository);
  CHECK(reading.config.most_rows == 9);
  CHECK(reading.config.most_kinds == 8);
  CHECK(reading.config.longest_query == 7s);
  CHECK(reading.config.is_summarised);
  REQUIRE(reading.config.streams.size() == 3);
  CHECK_FALSE(reading.config.streams[0].is_socket);
  CHECK(reading.config.streams[0].path.filename() == "a.ndjson");
  CHECK(reading.config.streams[1].is_socket);
  CHECK(reading.config.streams[1].path == "/run/b");
  CHECK(to_string(*reading.config.streams[2].url) == "http://localhost:8080/in");
  CHECK(options.tell_asker);
  REQUIRE(options.compositions.size() == 3);
  const Composition& mesh = options.compositions[0];
  CHECK(mesh.label == "mesh");
  CHECK(mesh.of == "ping-*");
  CHECK(mesh.answer == Composition::Answer::First);
  CHECK(mesh.selection.components == std::vector<std::string>{"a", "b*"});
  CHECK(mesh.selection.lots.sample == 3);
  CHECK(mesh.selection.lots.seed == 18446744073709551615U);
  CHECK(mesh.selection.metadata == std::vector<std::pair<std::string, std::string>>{
                                       {"location.civil", "Z*"}, {"observer.as", "33*"}});
  CHECK(mesh.selection.lots.spread == "observer.as");
  CHECK(mesh.choices.sample);
  CHECK(mesh.choices.same_as);
  CHECK_FALSE(mesh.choices.seed);
  CHECK(mesh.component_column == "source.device");
  const Composition& targets = options.compositions[1];
  CHECK(targets.answer == Composition::Answer::Split);
  CHECK(targets.split == "destination.ip4");
  CHECK(targets.list == "test.list");
  CHECK(targets.most_items == 7);
  const auto& aggregates = options.compositions[2].aggregates;
  REQUIRE(aggregates.size() == 3);
  CHECK(aggregates[0].aggregate == Aggregate::Min);
  CHECK(aggregates[1].column == "delay.twoway.icmp.us.mean");
  CHECK(aggregates[1].aggregate == Aggregate::Percentile);
  CHECK(aggregates[1].percentile == 99.9);
  CHECK(aggregates[2].aggregate == Aggregate::Sum);
}

TEST_CASE("every mistake of a supervisor's section is told with its line", "[mpsup]") {
  const Reading reading(R"(
supervisor:
  listen: nowhere
  polls: {per-second: 0, hod: 1s}
  compositions:
    - {label: a, of: b}
    - {label: a, of: b, sample: 0}
    - {of: b, answer: some}
    - {label: d, of: b, choices: [seeds, everything], metadata: {w: [1, 2]}}
    - label: c
      aggregate: {x: p101, y: [min, max], z: p}
  results: {stream: [{file: a, socket: b}, {}, {url: nowhere}]}
)");
  const std::string mistakes = reading.mistakes();
  INFO(mistakes);
  for (const std::string part :
       {"f:3: ", "f:4: ", "unknown key \"hod\"", "f:7: ", "\"a\" is composed a second time",
        "f:8: ", "'label' is missing", "'of' is missing", "'x' is not made one by",
        "'y' is not made one by", "'z' is not made one by",
        "f:9: \"seeds\" is nothing that could be chosen; did you mean \"seed\"?",
        "\"everything\" is nothing that could be chosen", "'w' is compared with one text",
        "f:12: a stream has either 'file', 'socket' or 'url'", "nowhere"}) {
    CHECK(mistakes.find(part) != std::string::npos);
  }
}

TEST_CASE("the keys of a supervisor and their defaults are documented", "[mpsup]") {
  const Reading reading(
      "supervisor: {compositions: [{label: a, of: b}], results: {stream: [{file: c}]}}\n");
  CHECK(reading.mistakes().empty());
  std::string page = test::read_file(std::filesystem::path(MPLANE_SOURCE) / "doc/configuration.md");
  page.erase(0, page.find("\n## mpsup\n"));
  page.erase(page.find("\n## mpcli\n"));
  const std::regex row(R"(\n\| `(supervisor[a-z.\[\]-]+)` \| [^|]+ \| (`([^`]*)`|\*none\*) \| )");
  std::map<std::string, std::string> documented;
  for (std::sregex_iterator match(page.begin(), page.end(), row), end; match != end; ++match) {
    documented.emplace((*match)[1], (*match)[3]);
  }
  for (const auto& [key, otherwise] : reading.context.keys) {
    if (!key.starts_with("supervisor.")) continue;
    INFO(key);
    const bool is_section = key == "supervisor.polls" || key == "supervisor.limits" ||
                            key == "supervisor.results" || key == "supervisor.results.stream" ||
                            key == "supervisor.compositions";
    if (is_section) continue;
    REQUIRE(documented.count(key) == 1);
    if (key == "supervisor.compositions[].sample") continue;  // none, until it is given
    CHECK(documented[key] == otherwise);
    documented.erase(key);
  }
  documented.erase("supervisor.compositions[].sample");
  CHECK(documented.empty());
}

TEST_CASE("the example of a supervisor's configuration has no mistakes", "[mpsup]") {
  ConfigContext context;
  const ConfigNode root =
      read_yaml(std::filesystem::path(MPLANE_SOURCE) / "conf/supervisor.yaml", context.mistakes);
  ConfigSection section(root, context);
  const SupervisorConfig config = read_supervisor_config(section.section("supervisor"));
  CHECK(context.mistakes.empty());
  CHECK(config.supervision.compositions.size() == 4);
}

TEST_CASE("who listens to a supervisor is known by a URL each", "[mpsup]") {
  const Reading reading(R"(
supervisor:
  connect: ["https://one.example.org:8890/", "https://two.example.org/capability"]
  control: run/control.sock
  parallel: 1000
  polls: {look: 1m}
)");
  CHECK(reading.mistakes().empty());
  REQUIRE(reading.options.below.connect.size() == 2);
  CHECK(to_string(reading.options.below.connect[1]) == "https://two.example.org/capability");
  CHECK(reading.options.below.callback.look == Duration(1min));
  CHECK(reading.options.below.parallel == 1000);
  CHECK(reading.config.control.filename() == "control.sock");
  const Reading wrong(R"(
supervisor:
  connect: [nonsense, "https://one.example.org/", "https://one.example.org/capability"]
  parallel: 0
)");
  CHECK_THAT(wrong.mistakes(), Catch::Contains("nonsense") && Catch::Contains("a second time") &&
                                   Catch::Contains("'parallel'"));
}

TEST_CASE("what cannot take no time is not set to none", "[mpsup]") {
  const Reading reading(R"(
supervisor:
  patience: 0s
  longest: 0s
  polls:
    interval: 0s
    hold: 0s
    expiry: 0s
    look: 0s
  results: {keep: 0s}
)");
  for (const char* const key :
       {"6: 'interval'", "8: 'expiry'", "9: 'look'", "10: 'keep'", "4: 'longest'"}) {
    CHECK_THAT(reading.mistakes(),
               Catch::Contains("f:" + std::string(key) + ": 0s is too short: 1ms is the least"));
  }
  CHECK(reading.context.mistakes.all().size() == 5);
}

TEST_CASE("names that are too long for a socket are mistakes", "[mpsup]") {
  const std::string name(108, 'x');
  const Reading reading("supervisor:\n  control: " + name +
                        "\n  results:\n    stream: [{socket: " + name + "}]\n");
  CHECK_THAT(reading.mistakes(), Catch::Contains("f:2: ") && Catch::Contains("f:4: ") &&
                                     Catch::Contains("is too long for the name of a socket: 108"));
  CHECK(reading.context.mistakes.all().size() == 2);
}
