#include "mplane/tools/line_file.hpp"

#include "mplane/probe/file_descriptor.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <system_error>
#include <unistd.h>

namespace mplane {
namespace {

constexpr const char* kIrregular = "it is no regular file";

std::string words(const int code) { return std::generic_category().message(code); }

}  // namespace

std::optional<std::string> LineFile::append(const std::string& lines) {
  // Without waiting: somebody else would have to open a pipe, too.
  constexpr int kHow = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  const detail::Lock lock(mutex_);
  const FileDescriptor file(::open(file_.c_str(), kHow, S_IRUSR | S_IWUSR));
  if (!file) return errno == ENXIO ? kIrregular : words(errno);
  struct stat before {};
  if (::fstat(file.number(), &before) != 0) return words(errno);
  if (!S_ISREG(before.st_mode)) return kIrregular;
  for (std::size_t done = 0; done < lines.size();) {
    const ssize_t written = ::write(file.number(), lines.data() + done, lines.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written > 0) {
      done += static_cast<std::size_t>(written);
      continue;
    }
    const std::string why = words(written < 0 ? errno : ENOSPC);
    // Half a line would spoil the next one, too.
    const bool is_whole = ::ftruncate(file.number(), before.st_size) == 0;
    return is_whole ? why : why + "; a line is cut";
  }
  return {};
}

}  // namespace mplane
