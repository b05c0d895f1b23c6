#include "stream_sinks.hpp"

#include "mplane/model/error.hpp"
#include "mplane/tools/unix_socket.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mplane::detail {

StreamFile::StreamFile(std::filesystem::path path, LogSink log)
    : file_(std::move(path)), log_(std::move(log)) {
  const auto why = file_.append("");
  if (!why) return;
  throw Error(ErrorKind::Configuration, file_.path().string(),
              "results cannot be streamed there: " + *why);
}

void StreamFile::write(const std::string& lines) {
  const auto why = file_.append(lines);
  if (std::exchange(failing_, why.has_value()) == failing_) return;
  LogRecord record{Severity::Info, "stream", "results are streamed again", {}};
  if (why) record = {Severity::Error, "stream", "results are not streamed", {{"reason", *why}}};
  record.fields.emplace_back("file", file_.path().string());
  log(log_, record);
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
  all.push_back({rests_ ? -1 : listener_.number(), POLLIN, 0});
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
    if (!reader) return rest(errno);
    rests_ = false;
    if (readers_.size() < most_readers_) {
      readers_.push_back({std::move(reader)});
    } else {
      cut("there are " + std::to_string(most_readers_) + " already");
    }
  }
}

/// Nobody more can be let in, for now or as nobody wants to.
void StreamSocket::rest(const int why) {
  if (std::exchange(rests_, lacks_resources(why)) || !rests_) return;
  log(log_, {Severity::Error,
             "stream",
             "no readers are let in for a moment",
             {{"socket", path_.string()}, {"reason", std::generic_category().message(why)}}});
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
