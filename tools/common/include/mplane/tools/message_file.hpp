#pragma once

#include <filesystem>

#include <mplane/model.hpp>

namespace mplane {

/// A message from a file that people write: a capability, a specification to be sent again. YAML in
/// *.yaml and *.yml, with the sections and texts of the JSON, which all other files hold.
/// @throws Error naming the file: Configuration when it cannot be read or is no YAML, else what
/// `decode` finds wrong, with its place in the message.
Message load_message(const std::filesystem::path& file, const Registry& registry);

}  // namespace mplane
