#include "control_socket.hpp"

#include "mplane/model/detail/thread_signals.hpp"
#include "mplane/model/error.hpp"
#include "mplane/tools/unix_socket.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mplane {
namespace {

constexpr std::string_view kTrouble = "error: ";
constexpr std::chrono::seconds kPatience(2);               // with a peer
constexpr std::chrono::seconds kPatienceToBeAnswered(60);  // of who asks

std::string words(const int error) { return std::generic_category().message(error); }

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

}  // namespace

ControlSocket::ControlSocket(std::filesystem::path file, Answer answer, LogSink log)
    : file_(std::move(file)),
      answer_(std::move(answer)),
      log_(std::move(log)),
      socket_(listen_at(file_)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::thread([this] {
    detail::block_all_signals();
    run();
  });
}

ControlSocket::~ControlSocket() {
  ::eventfd_write(stop_.number(), 1);
  thread_.join();
  ::unlink(file_.c_str());
}

void ControlSocket::run() {
  for (bool rests = false; wait(rests);) rests = !accept_one(rests);
}

/// Until somebody asks, or it has rested. False at the end.
bool ControlSocket::wait(const bool rests) const {
  std::array<pollfd, 2> waited{
      {{stop_.number(), POLLIN, 0}, {rests ? -1 : socket_.number(), POLLIN, 0}}};
  const int at_most = rests ? static_cast<int>(kAcceptPause.count()) : -1;
  while (::poll(waited.data(), waited.size(), at_most) < 0) continue;
  return waited[0].revents == 0;
}

/// @param rested before: the log was told why. @return whether who asks next has not to wait.
bool ControlSocket::accept_one(const bool rested) {
  const FileDescriptor peer(::accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC));
  const int why = peer ? 0 : errno;
  if (lacks_resources(why) && !rested) {
    log(log_,
        {Severity::Error, "control", "nobody can ask for a moment", {{"reason", words(why)}}});
  }
  if (peer) try_to_serve(peer);
  return !lacks_resources(why);
}

void ControlSocket::try_to_serve(const FileDescriptor& peer) {
  try {
    serve(peer);
  } catch (const Error& error) {
    log(log_,
        {Severity::Warning, "control", "a question is not answered", {{"reason", error.what()}}});
  }
}

void ControlSocket::serve(const FileDescriptor& socket) {
  const int peer = socket.number();
  limit(socket, kPatience);
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
  const FileDescriptor socket = connect_to(file, kPatienceToBeAnswered);
  if (!socket) {
    const bool is_forbidden = errno == EACCES || errno == EPERM;
    throw Error(
        is_forbidden ? ErrorKind::Refused : ErrorKind::Unreachable, file.string(),
        "the supervisor cannot be asked: " + words(errno) + (is_forbidden ? "" : "; does it run?"));
  }
  write_all(socket.number(), question);
  ::shutdown(socket.number(), SHUT_WR);
  std::string answer = read_all(socket.number(), kLongestAnswer);
  if (!answer.starts_with(kTrouble)) return answer;
  answer.erase(0, kTrouble.size());
  if (answer.ends_with('\n')) answer.pop_back();
  throw Error(ErrorKind::Failed, file.string(), answer);
}

}  // namespace mplane
