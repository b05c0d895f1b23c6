#pragma once

#include "mplane/model/detail/mutex.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace mplane {

/// A file to which lines are appended, whole or not at all as far as the system can tell; made for
/// the owner of the process alone. Opened for each, so that it may be moved away meanwhile. Never
/// waits for a reader: what is no regular file is not written to. Thread-safe.
class LineFile {
 public:
  explicit LineFile(std::filesystem::path file) : file_(std::move(file)) {}
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  ~LineFile() = default;

  /// Appends lines; without any, sees whether it could. @return why not; nothing when they are
  /// there.
  std::optional<std::string> append(const std::string& lines) MPLANE_EXCLUDES(mutex_);

  const std::filesystem::path& path() const noexcept { return file_; }

 private:
  const std::filesystem::path file_;
  detail::Mutex mutex_;  // of what is in the file
};

}  // namespace mplane
