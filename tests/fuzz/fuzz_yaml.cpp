// A configuration file: what is wrong with it is said with its line; what is read and written as
// JSON, which is YAML, too, reads as the same again.
#include "mplane/tools/yaml.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

using namespace mplane;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Mistakes mistakes;
  const ConfigNode root =
      parse_yaml(std::string(reinterpret_cast<const char*>(data), size), "f", mistakes);
  for (const Error& mistake : mistakes.all()) {
    require(mistake.where().rfind("f:", 0) == 0);
    require(!mistake.message().empty());
  }
  if (!mistakes.empty()) return 0;
  const std::string json = to_json(root);
  const ConfigNode again = parse_yaml(json, "again", mistakes);
  require(mistakes.empty());
  require(to_json(again) == json);
  return 0;
}
