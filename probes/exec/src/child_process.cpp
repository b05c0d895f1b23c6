#include "child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace mplane::detail {
namespace {

constexpr int kFirstFree = 3;  // behind standard input, output and error

[[noreturn]] void refuse(const std::string& program, const int error) {
  throw Error(ErrorKind::Failed, "",
              "the program " + program + " cannot be started: " + std::strerror(error));
}

/// glibc 2.36 declares pidfd_open, but not for C++. The descriptor closes itself when programs
/// start.
int open_pidfd(const pid_t pid) noexcept {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

/// What is to happen in the child before the program takes over.
class SpawnPlan {
 public:
  SpawnPlan(const ProgramCall& call, const int out, const int err) {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&actions_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawn_file_actions_addchdir_np(&actions_, call.directory.c_str());
    failed |= posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    failed |= posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    failed |= posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
    failed |= posix_spawn_file_actions_addclosefrom_np(&actions_, kFirstFree);
    if (failed != 0) refuse(call.program, ENOMEM);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }
  const posix_spawn_file_actions_t* actions() const noexcept { return &actions_; }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

/// Pointers to texts and a null behind them, as the system wants them.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The same descriptor out of the way of standard input, output and error, wherever those are
/// closed.
FileDescriptor above_standard(FileDescriptor descriptor) {
  if (!descriptor || descriptor.number() >= kFirstFree) return descriptor;
  return FileDescriptor(::fcntl(descriptor.number(), F_DUPFD_CLOEXEC, kFirstFree));
}

}  // namespace

Pipe Pipe::open() {
  int ends[2] = {-1, -1};
  const int made = ::pipe2(ends, O_CLOEXEC);
  const int error = errno;
  Pipe pipe{above_standard(FileDescriptor(ends[0])), above_standard(FileDescriptor(ends[1]))};
  if (made != 0 || !pipe.ours || !pipe.theirs ||
      ::fcntl(pipe.ours.number(), F_SETFL, O_NONBLOCK) != 0) {
    throw Error(ErrorKind::Unavailable, "",
                std::string("a program's output cannot be read: ") + std::strerror(error));
  }
  return pipe;
}

ChildProcess::ChildProcess(const ProgramCall& call, const FileDescriptor& out,
                           const FileDescriptor& err) {
  const SpawnPlan plan(call, out.number(), err.number());
  std::vector<std::string> words = call.arguments;
  words.insert(words.begin(), call.program);
  std::vector<std::string> variables = call.environment;
  const int failed = ::posix_spawn(&pid_, call.program.c_str(), plan.actions(), plan.attributes(),
                                   pointers(words).data(), pointers(variables).data());
  if (failed != 0) {
    pid_ = -1;
    refuse(call.program, failed);
  }
  pidfd_ = FileDescriptor(open_pidfd(pid_));
  if (pidfd_) return;
  const int error = errno;
  signal(SIGKILL);
  reap();
  refuse(call.program, error);
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  // A program that runs as somebody else may be out of our reach; then it cannot be waited for.
  if (::kill(-pid_, SIGKILL) == 0 || errno == ESRCH) reap();
}

void ChildProcess::signal(const int number) const noexcept {
  if (pid_ > 0) ::kill(-pid_, number);
}

int ChildProcess::reap() noexcept {
  signal(SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

}  // namespace mplane::detail
