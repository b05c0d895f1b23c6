#include "control_socket.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mplane {
namespace {

constexpr std::string_view kTrouble = "error: ";
constexpr int kSeconds = 2;           // that a peer may take
constexpr int kSecondsToAnswer = 60;  // that we may take, for who asks

/// Closes a descriptor.
class Descriptor {
 public:
  explicit Descriptor(const int number) noexcept : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int operator*() const noexcept { return number_; }
  int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_;
};

std::string words(const int error) { return std::generic_category().message(error); }

sockaddr_un address_of(const std::filesystem::path& file) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = file.string();
  if (name.size() >= sizeof(address.sun_path)) {
    throw Error(ErrorKind::Configuration, name, "is too long for the name of a socket");
  }
  std::copy(name.begin(), name.end(), std::begin(address.sun_path));
  return address;
}

const sockaddr* plain(const sockaddr_un& address) noexcept {
  return reinterpret_cast<const sockaddr*>(&address);  // as the system's calls want it
}

void limit(const int socket, const int seconds) {
  const timeval time{seconds, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
}

/// All that comes until the end; no more than so much.
std::string read_all(const int socket, const std::size_t most) {
  std::string text;
  std::array<char, 65536> buffer{};
  while (text.size() <= most) {
    const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(ErrorKind::TimedOut, "", "nothing came: " + words(errno));
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  throw Error(ErrorKind::TooLarge, "", "the question is too long");
}

void write_all(const int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(ErrorKind::Unreachable, "", "nobody listens: " + words(errno));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// Whether who has connected is root or who runs us.
bool is_ours(const int peer) {
  ucred who{};
  socklen_t size = sizeof(who);
  if (::getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
  return who.uid == 0 || who.uid == ::geteuid();
}

/// Whether somebody answers there.
bool is_in_use(const sockaddr_un& address) {
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(*socket, plain(address), sizeof(address)) == 0;
}

}  // namespace

ControlSocket::ControlSocket(std::filesystem::path file, Answer answer, LogSink log)
    : file_(std::move(file)), answer_(std::move(answer)), log_(std::move(log)) {
  listen();
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    run();
  });
}

ControlSocket::~ControlSocket() {
  ::eventfd_write(stop_, 1);
  thread_.join();
  ::close(stop_);
  ::close(socket_);
  ::unlink(file_.c_str());
}

void ControlSocket::listen() {
  constexpr int kQueue = 16;
  const sockaddr_un address = address_of(file_);
  if (is_in_use(address)) {
    throw Error(ErrorKind::Configuration, file_.string(), "another process answers there");
  }
  struct stat there {};
  if (::lstat(file_.c_str(), &there) == 0 && S_ISSOCK(there.st_mode)) ::unlink(file_.c_str());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // Before it has a name, so that nobody else can connect even for a moment.
  const bool is_good = *socket >= 0 && ::fchmod(*socket, S_IRUSR | S_IWUSR) == 0 &&
                       ::bind(*socket, plain(address), sizeof(address)) == 0 &&
                       ::listen(*socket, kQueue) == 0;
  if (!is_good) {
    throw Error(ErrorKind::Configuration, file_.string(), "cannot be listened at: " + words(errno));
  }
  socket_ = socket.release();
}

void ControlSocket::run() {
  std::array<pollfd, 2> waited{{{socket_, POLLIN, 0}, {stop_, POLLIN, 0}}};
  while (true) {
    if (::poll(waited.data(), waited.size(), -1) < 0) continue;
    if (waited[1].revents != 0) return;
    const Descriptor peer(::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC));
    if (*peer < 0) continue;
    try {
      serve(*peer);
    } catch (const Error& error) {
      log(log_,
          {Severity::Warning, "control", "a question is not answered", {{"reason", error.what()}}});
    }
  }
}

void ControlSocket::serve(const int peer) {
  limit(peer, kSeconds);
  if (!is_ours(peer)) {
    write_all(peer, std::string(kTrouble) + "only who runs this supervisor, and root, may ask\n");
    throw Error(ErrorKind::Refused, file_.string(), "somebody else has connected");
  }
  std::string answer;
  try {
    answer = answer_(read_all(peer, kLongestQuestion));
  } catch (const Error& error) {
    answer = std::string(kTrouble) + error.what() + "\n";
  }
  write_all(peer, answer);
}

std::string ask_control_socket(const std::filesystem::path& file, const std::string_view question) {
  constexpr std::size_t kLongestAnswer = std::size_t{1} << 30U;
  const sockaddr_un address = address_of(file);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  limit(*socket, kSecondsToAnswer);
  if (::connect(*socket, plain(address), sizeof(address)) != 0) {
    const bool is_forbidden = errno == EACCES || errno == EPERM;
    throw Error(
        is_forbidden ? ErrorKind::Refused : ErrorKind::Unreachable, file.string(),
        "the supervisor cannot be asked: " + words(errno) + (is_forbidden ? "" : "; does it run?"));
  }
  write_all(*socket, question);
  ::shutdown(*socket, SHUT_WR);
  std::string answer = read_all(*socket, kLongestAnswer);
  if (!answer.starts_with(kTrouble)) return answer;
  answer.erase(0, kTrouble.size());
  if (answer.ends_with('\n')) answer.pop_back();
  throw Error(ErrorKind::Failed, file.string(), answer);
}

}  // namespace mplane
