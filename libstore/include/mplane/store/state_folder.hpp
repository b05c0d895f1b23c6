#pragma once

#include <filesystem>

namespace mplane {

/// Whether a folder can hold what has to survive: it is there and can be written, or can be made.
/// Changes nothing. @throws Error{Configuration} with the folder, saying why not.
void check_state_folder(const std::filesystem::path& folder);

/// Makes the folder, for its owner alone, unless it is there. @throws as `check_state_folder`.
void make_state_folder(const std::filesystem::path& folder);

}  // namespace mplane
