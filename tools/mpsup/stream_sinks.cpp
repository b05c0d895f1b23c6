#include "stream_sinks.hpp"

#include "mplane/model/error.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mplane::detail {
namespace {

constexpr mode_t kOwnerAlone = 0600;

std::string words_for(const int code) { return std::generic_category().message(code); }

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw Error(ErrorKind::Configuration, path.string(), why);
}

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof(address.sun_path)) refuse(path, "is too long for a socket");
  std::memcpy(&address.sun_path[0], path.c_str(), path.native().size());
  return address;
}

const sockaddr* as_address(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

FileDescriptor stream_socket() {
  return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/// Removes a socket that its owner left behind; one that is listened at stays.
void remove_stale(const std::filesystem::path& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const FileDescriptor probe = stream_socket();
  const bool is_refused =
      ::connect(probe.number(), as_address(address), sizeof(address)) != 0 && errno == ECONNREFUSED;
  if (is_refused) ::unlink(path.c_str());
}

FileDescriptor listen_at(const std::filesystem::path& path) {
  constexpr int kBacklog = 16;
  const sockaddr_un address = address_of(path);
  remove_stale(path, address);
  FileDescriptor descriptor = stream_socket();
  // Nobody can connect before it listens, so that its rights are never wider.
  if (descriptor.number() < 0 ||
      ::bind(descriptor.number(), as_address(address), sizeof(address)) != 0 ||
      ::chmod(path.c_str(), kOwnerAlone) != 0 || ::listen(descriptor.number(), kBacklog) != 0) {
    refuse(path, "results cannot be streamed there: " + words_for(errno));
  }
  return descriptor;
}

}  // namespace

StreamFile::StreamFile(std::filesystem::path path, LogSink log)
    : path_(std::move(path)), log_(std::move(log)) {
  const std::string why = append("");
  if (!why.empty()) refuse(path_, "results cannot be streamed there: " + why);
}

void StreamFile::write(const std::string& lines) {
  const std::string why = append(lines);
  if (std::exchange(failing_, !why.empty()) == failing_) return;
  LogRecord record{Severity::Info, "stream", "results are streamed again", {}};
  if (failing_) {
    record = {Severity::Error, "stream", "results are not streamed", {{"reason", why}}};
  }
  record.fields.emplace_back("file", path_.string());
  log(log_, record);
}

std::string StreamFile::append(const std::string& lines) const {
  constexpr int kHow = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
  const FileDescriptor file(::open(path_.c_str(), kHow, kOwnerAlone));
  if (file.number() < 0) return words_for(errno);
  struct stat before {};
  if (::fstat(file.number(), &before) != 0) return words_for(errno);
  for (std::size_t done = 0; done < lines.size();) {
    const ssize_t written = ::write(file.number(), lines.data() + done, lines.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int why = written < 0 ? errno : ENOSPC;
      // Half a line would spoil the next one, too.
      if (::ftruncate(file.number(), before.st_size) != 0)
        return words_for(why) + "; a line is cut";
      return words_for(why);
    }
    done += static_cast<std::size_t>(written);
  }
  return {};
}

StreamSocket::StreamSocket(std::filesystem::path path, const std::size_t most_readers,
                           const std::size_t most_waiting, LogSink log)
    : path_(std::move(path)),
      most_readers_(most_readers),
      most_waiting_(most_waiting),
      log_(std::move(log)),
      listener_(listen_at(path_)) {}

StreamSocket::~StreamSocket() {
  if (listener_.number() >= 0) ::unlink(path_.c_str());
}

void StreamSocket::watch(std::vector<pollfd>& all) const {
  all.push_back({listener_.number(), POLLIN, 0});
  for (const Reader& reader : readers_) {
    const int events = reader.waiting.empty() ? POLLIN : POLLIN | POLLOUT;
    all.push_back({reader.descriptor.number(), static_cast<short>(events), 0});
  }
}

void StreamSocket::serve() {
  std::erase_if(readers_, [&](Reader& reader) {
    char said[256];
    const ssize_t heard = ::recv(reader.descriptor.number(), said, sizeof(said), 0);
    const bool is_gone = heard == 0 || (heard < 0 && errno != EAGAIN && errno != EINTR);
    return is_gone || !go_on(reader);
  });
  let_in();
}

void StreamSocket::let_in() {
  for (;;) {
    FileDescriptor reader(
        ::accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (reader.number() < 0) return;
    if (readers_.size() < most_readers_) {
      readers_.push_back({std::move(reader)});
    } else {
      cut("there are " + std::to_string(most_readers_) + " already");
    }
  }
}

void StreamSocket::write(const std::string& lines) {
  std::erase_if(readers_, [&](Reader& reader) {
    reader.waiting += lines;
    if (!go_on(reader)) return true;
    if (reader.waiting.size() <= most_waiting_) return false;
    cut("it is too slow");
    return true;
  });
}

/// Sends what can be sent. @return whether the reader is still there.
bool StreamSocket::go_on(Reader& reader) const {
  while (!reader.waiting.empty()) {
    const ssize_t sent = ::send(reader.descriptor.number(), reader.waiting.data(),
                                reader.waiting.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN;
    reader.waiting.erase(0, static_cast<std::size_t>(sent));
  }
  return true;
}

void StreamSocket::cut(const std::string& why) const {
  log(log_, {Severity::Warning,
             "stream",
             "a reader was cut off",
             {{"socket", path_.string()}, {"reason", why}}});
}

}  // namespace mplane::detail
