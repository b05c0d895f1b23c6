#include "file_lock.hpp"

#include "mplane/model/error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace mplane::detail {

FileLock::FileLock(const std::filesystem::path& file, const std::filesystem::path& what)
    : descriptor_(::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
  if (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int code = errno;
  if (descriptor_ >= 0) ::close(descriptor_);
  throw Error(ErrorKind::Configuration, what.string(),
              code == EWOULDBLOCK ? "another process has it"
                                  : "cannot be locked: " + std::generic_category().message(code));
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace mplane::detail
