#pragma once

#include "mplane/store/state_folder.hpp"

#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <unistd.h>

namespace mplane::detail {

/// Makes the folder, and in it the file, unless they are there, so that nobody else may read it,
/// also if the folder is open to them. Only a new one is touched: closing one that is open
/// elsewhere in this process would unlock it. @return the file. @throws as make_state_folder.
inline std::filesystem::path make_private_file(const std::filesystem::path& folder,
                                               const std::string_view name) {
  make_state_folder(folder);
  std::filesystem::path file = folder / name;
  const int descriptor = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
  return file;
}

}  // namespace mplane::detail
