#pragma once

#include <filesystem>

namespace mplane::detail {

/// A file that one holder at a time can lock: gone with the holder, however it ends. A resource.
class FileLock {
 public:
  /// Locks the file, which is made for its owner alone unless it is there.
  /// @throws Error{Configuration} naming `what`: another process has it, or why it cannot be.
  FileLock(const std::filesystem::path& file, const std::filesystem::path& what);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  const int descriptor_;
};

}  // namespace mplane::detail
