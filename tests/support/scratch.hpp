#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace mplane::test {

/// A folder of its own for one test, removed with all that is in it.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Writes a file. @return its path.
  std::string write(const std::string& name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// The whole of a file; fails the test when there is none.
std::string read_file(const std::filesystem::path& file);

}  // namespace mplane::test
