// The example of a configuration that users begin with: conf/supervisor.yaml.

#include "mpcom/component_config.hpp"
#include "mplane/mpcom.hpp"
#include "mplane/tools/registries.hpp"
#include "mplane/tools/yaml.hpp"
#include "mpsup/supervisor_extension.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

const std::filesystem::path kSource = MPLANE_SOURCE;

/// What components below may offer, as far as the example names it.
std::set<std::string> labels_below() {
  Engine engine;
  ProgramRunner programs;
  const auto modules = builtin_modules(
      {.engine = engine, .programs = programs, .log = {}, .check_target = [](const Address&) {}});
  const Registry registry = load_registry("probes", {}, {kSource / "registry"});
  std::set<std::string> labels;
  for (const Module& module : modules) {
    if (module.name != "ping" && module.name != "trace") continue;
    for (const Service& one : std::get<Module::Make>(module.make)(registry, {})) {
      labels.insert(one.capability.label());
    }
  }
  return labels;
}

/// The labels that the example has patterns for, in all of its sections.
std::vector<std::string> patterns_in(const ConfigNode& root) {
  const auto at = [](const ConfigNode& node, const char* const key) -> const ConfigNode& {
    const ConfigNode::Member* const member = node.find(key);
    REQUIRE(member != nullptr);
    return member->value;
  };
  std::vector<std::string> patterns;
  for (const ConfigNode& one : at(at(root, "credits"), "costs").items) {
    patterns.push_back(at(one, "label").text);
  }
  for (const ConfigNode& one : at(at(root, "supervisor"), "compositions").items) {
    patterns.push_back(at(one, "of").text);
  }
  for (const auto& member : at(at(root, "access"), "authorizations").members) {
    patterns.push_back(member.key.substr(0, member.key.find('@')));
  }
  return patterns;
}

}  // namespace

TEST_CASE("the example of a supervisor is read whole, without a mistake", "[mpsup]") {
  ConfigContext context;
  const ConfigNode root = read_yaml(kSource / "conf/supervisor.yaml", context.mistakes);
  SupervisorExtension extension;
  read_component_config(root, context, &extension);
  context.mistakes.raise();
  CHECK(context.mistakes.empty());
}

TEST_CASE("the labels in the example of a supervisor are those of probes", "[mpsup]") {
  ConfigContext context;
  const auto patterns = patterns_in(read_yaml(kSource / "conf/supervisor.yaml", context.mistakes));
  CHECK(patterns.size() > 6);
  std::set<std::string> labels = labels_below();
  for (const std::string& label : labels_below()) labels.insert("query-" + label);
  for (const std::string& pattern : patterns) {
    INFO(pattern);
    CHECK(std::any_of(labels.begin(), labels.end(),
                      [&](const std::string& label) { return matches(pattern, label); }));
  }
}
