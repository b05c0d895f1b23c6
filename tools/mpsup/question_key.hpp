#pragma once

#include <filesystem>
#include <string>

namespace mplane {

/// The secret in `question.key` of a folder, which only its owner can read; made, with the folder,
/// if it is not there. @throws Error{Configuration} naming the file.
std::string question_key(const std::filesystem::path& folder);

}  // namespace mplane
