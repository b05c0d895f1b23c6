#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// A file that is to be written.
struct KeyFile {
  std::filesystem::path path;
  std::string content;
};

/// Writes files that only their owner can read (0600), each at once: whoever looks sees the old
/// file or the new one. Unless `replace`, nothing is written if one of them is there already.
/// @throws Error{Configuration} naming the file.
void write_key_files(const std::vector<KeyFile>& files, bool replace);

/// The whole of a file. @throws Error{Configuration} naming it.
std::string read_key_file(const std::filesystem::path& file);

}  // namespace mplane
