#include "mplane/store/state_folder.hpp"

#include "mplane/model/error.hpp"

#include <cerrno>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace mplane {
namespace {

constexpr mode_t kOwnerAlone = 0700;

[[noreturn]] void refuse(const std::filesystem::path& folder, const std::string& why) {
  throw Error(ErrorKind::Configuration, folder.string(), why);
}

std::string words_for(const int code) { return std::generic_category().message(code); }

/// The folder that this one lies in; "." when only a name was given.
std::filesystem::path parent(std::filesystem::path folder) {
  if (!folder.has_filename()) folder = folder.parent_path();
  return folder.has_parent_path() ? folder.parent_path() : std::filesystem::path(".");
}

}  // namespace

void check_state_folder(const std::filesystem::path& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) == 0) {
    if (!S_ISDIR(status.st_mode)) refuse(folder, "is no folder");
    if (::access(folder.c_str(), W_OK | X_OK) != 0) refuse(folder, words_for(errno));
    return;
  }
  if (errno != ENOENT) refuse(folder, words_for(errno));
  const auto above = parent(folder);
  if (::access(above.c_str(), W_OK | X_OK) != 0) {
    refuse(folder, "cannot be made in '" + above.string() + "': " + words_for(errno));
  }
}

void make_state_folder(const std::filesystem::path& folder) {
  check_state_folder(folder);
  if (::mkdir(folder.c_str(), kOwnerAlone) == 0 || errno == EEXIST) return;
  refuse(folder, "cannot be made: " + words_for(errno));
}

}  // namespace mplane
