#include "mplane/tools/unix_socket.hpp"

#include "mplane/model/error.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace mplane {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Error(ErrorKind::Configuration, file.string(), why);
}

sockaddr_un address_of(const std::filesystem::path& file) {
  check_socket_name(file);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(&address.sun_path[0], file.c_str(), file.native().size());
  return address;
}

const sockaddr* plain(const sockaddr_un& address) noexcept {
  return reinterpret_cast<const sockaddr*>(&address);  // as the system's calls want it
}

/// Removes a socket that its owner left behind; one that is listened at stays.
void remove_stale(const std::filesystem::path& file) {
  struct stat there {};
  if (::lstat(file.c_str(), &there) != 0 || !S_ISSOCK(there.st_mode)) return;
  constexpr std::chrono::seconds kPatience(1);
  const FileDescriptor probe = connect_to(file, kPatience);
  if (probe || errno == EAGAIN) refuse(file, "another process listens there");
  if (errno == ECONNREFUSED) ::unlink(file.c_str());
}

}  // namespace

void check_socket_name(const std::filesystem::path& file) {
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  const std::size_t length = file.native().size();
  if (length <= kLongest) return;
  refuse(file, "is too long for the name of a socket: " + std::to_string(length) + " bytes, not " +
                   std::to_string(kLongest));
}

FileDescriptor listen_at(const std::filesystem::path& file) {
  constexpr int kBacklog = 16;
  const sockaddr_un address = address_of(file);
  remove_stale(file);
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // Its rights are narrowed before it has a name, so that nobody else can connect for a moment.
  const bool is_good = socket && ::fchmod(socket.number(), S_IRUSR | S_IWUSR) == 0 &&
                       ::bind(socket.number(), plain(address), sizeof(address)) == 0 &&
                       ::listen(socket.number(), kBacklog) == 0;
  if (!is_good) refuse(file, "cannot be listened at: " + std::generic_category().message(errno));
  return socket;
}

FileDescriptor connect_to(const std::filesystem::path& file, const std::chrono::seconds patience) {
  const sockaddr_un address = address_of(file);
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  limit(socket, patience);
  if (socket && ::connect(socket.number(), plain(address), sizeof(address)) == 0) return socket;
  const int why = errno;
  socket = FileDescriptor();
  errno = why;
  return {};
}

void limit(const FileDescriptor& socket, const std::chrono::seconds patience) {
  const timeval time{patience.count(), 0};
  ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
  ::setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
}

bool lacks_resources(const int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace mplane
