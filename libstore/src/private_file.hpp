#pragma once

#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace mplane::detail {

/// Makes the file unless it is there, so that nobody else may read it, also if its folder is open
/// to them. Only a new one is touched: closing one that is open elsewhere in this process would
/// unlock it. @return the file.
inline std::filesystem::path make_private_file(std::filesystem::path file) {
  const int descriptor = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
  return file;
}

}  // namespace mplane::detail
