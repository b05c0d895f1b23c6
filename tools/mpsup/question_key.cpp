#include "question_key.hpp"

#include "mplane/model/error.hpp"
#include "mplane/store/state_folder.hpp"
#include "mplane/tools/yaml.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <random>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace mplane {
namespace {

constexpr std::size_t kBytes = 32;

std::string random_bytes() {
  std::random_device random;
  std::string bytes;
  while (bytes.size() < kBytes) bytes += static_cast<char>(random() & 0xFFU);
  return bytes;
}

/// Writes it under another name first, so that it is whole from the moment it is there.
void write_private(const std::filesystem::path& file, const std::string& text) {
  const std::string draft = file.string() + ".new";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const bool is_written =
      fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (is_written && std::rename(draft.c_str(), file.c_str()) == 0) return;
  throw Error(ErrorKind::Configuration, file.string(),
              "cannot be written: " + std::generic_category().message(is_written ? errno : error));
}

}  // namespace

std::string question_key(const std::filesystem::path& folder) {
  make_state_folder(folder);
  const std::filesystem::path file = folder / "question.key";
  if (!std::filesystem::exists(file)) write_private(file, random_bytes());
  std::string key = read_text(file);
  if (key.size() >= kBytes) return key;
  throw Error(ErrorKind::Configuration, file.string(),
              "is too short to be a key: remove it, and what is under way now is asked anew");
}

}  // namespace mplane
