#include "mplane/tools/message_file.hpp"

#include "mplane/tools/yaml.hpp"

namespace mplane {

Message load_message(const std::filesystem::path& file, const Registry& registry) {
  const std::string json = read_as_json(file);
  try {
    return decode(json, registry);
  } catch (const Error& error) {
    throw Error(error.kind(), file.string(), error.what());
  }
}

}  // namespace mplane
