#include "mpcom/reload.hpp"

#include "mplane/tools/yaml.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

std::vector<std::string> changed(const std::string& before, const std::string& after) {
  Mistakes mistakes;
  auto keys = needing_restart(parse_yaml(before, "f", mistakes), parse_yaml(after, "f", mistakes));
  mistakes.raise();
  return keys;
}

}  // namespace

TEST_CASE("what a reload leaves for a restart is named by its top-level key") {
  using Keys = std::vector<std::string>;
  const std::string before = "limits: {connections: 1}\nmodules: [ping]\ntls: {ca: a}\n";
  CHECK(changed(before, before).empty());
  CHECK(changed(before, "tls: {ca: a}\n\nmodules:\n  - ping\nlimits:\n  connections: 1\n").empty());
  CHECK(changed(before, "limits: {connections: 1}\nmodules: [ping]\naccess: {}\n").empty());
  CHECK(changed(before, "limits: {connections: 2}\nmodules: [ping]\nlog: {level: debug}\n") ==
        Keys{"limits"});
  CHECK(changed(before, before + "log: {format: json}\n") == Keys{"log.format"});
  CHECK(changed(before, "modules: [ping, loopback]\nstore: {sync: normal}\n") ==
        Keys{"limits", "modules", "store"});
}
