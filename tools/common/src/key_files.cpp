#include "mplane/tools/key_files.hpp"

#include "mplane/model/error.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

namespace mplane {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  const std::string reason = std::generic_category().message(errno);
  throw Error(ErrorKind::Configuration, file.string(), what + ": " + reason);
}

bool write_all(const int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// On disk, under another name beside its own.
std::filesystem::path prepare(const KeyFile& file) {
  std::string name = file.path.string() + ".XXXXXX";
  const int descriptor = ::mkstemp(name.data());  // 0600
  if (descriptor < 0) fail(file.path, "cannot be written");
  const bool written = write_all(descriptor, file.content) && ::fsync(descriptor) == 0;
  const int reason = errno;
  ::close(descriptor);
  if (!written) {
    ::unlink(name.c_str());
    errno = reason;
    fail(file.path, "cannot be written");
  }
  return name;
}

// Gives the file its name; unless `replace` a file that came there meanwhile stays.
void place(const std::filesystem::path& prepared, const KeyFile& file, const bool replace) {
  const int result = replace ? ::rename(prepared.c_str(), file.path.c_str())
                             : ::link(prepared.c_str(), file.path.c_str());
  const int reason = errno;
  if (result != 0 || !replace) ::unlink(prepared.c_str());
  if (result == 0) return;
  errno = reason;
  fail(file.path, "cannot be written");
}

}  // namespace

void write_key_files(const std::vector<KeyFile>& files, const bool replace) {
  for (const KeyFile& file : files) {
    if (!replace && std::filesystem::exists(std::filesystem::symlink_status(file.path))) {
      throw Error(ErrorKind::Configuration, file.path.string(),
                  "is there already; --force replaces it");
    }
  }
  for (const KeyFile& file : files) place(prepare(file), file, replace);
}

std::string read_key_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) fail(file, "cannot be read");
  std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) fail(file, "cannot be read");
  return content;
}

}  // namespace mplane
