#pragma once

#include "mpcom/exec_config.hpp"
#include "mplane/tools/yaml.hpp"

#include <string>
#include <vector>

namespace mplane::test {

/// Reads the settings of `exec` as mpcom does.
class ExecReader {
 public:
  std::vector<Service> read(const std::string& yaml, ConfigContext& context) {
    const ConfigNode node = parse_yaml(yaml, "f", context.mistakes);
    ConfigSection section(node, context, "settings");
    return read_exec(Registry::core(), section,
                     {.engine = engine_, .programs = programs_, .log = {}, .check_target = {}});
  }

 private:
  Engine engine_;
  ProgramRunner programs_;
};

}  // namespace mplane::test
