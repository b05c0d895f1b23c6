#include "support/program.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace mplane::test {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  return ends;
}

pid_t spawn(std::vector<std::string>& command, std::vector<std::string>& environment, const int out,
            const int err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, command.front().c_str(), &actions, nullptr,
                                  pointers(command).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + command.front());
  return pid;
}

}  // namespace

Program::Program(std::vector<std::string> command, const std::vector<std::string>& environment) {
  std::vector<std::string> all = environment;
  for (char** one = environ; *one != nullptr; ++one) all.emplace_back(*one);
  const auto out = make_pipe();
  const auto err = make_pipe();
  pid_ = spawn(command, all, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  reader_ = std::thread([this, out = out[0], err = err[0]] { read_all(out, err); });
}

Program::~Program() {
  if (!ended_) {
    kill(pid_, SIGKILL);
    wait();
  }
  close(pidfd_);
}

void Program::send(const int signal_number) const { kill(pid_, signal_number); }

std::optional<Ended> Program::wait(const Milliseconds at_most) {
  if (ended_) return ended_;
  pollfd ready{pidfd_, POLLIN, 0};
  if (poll(&ready, 1, static_cast<int>(at_most.count())) != 1) return {};
  int status = 0;
  waitpid(pid_, &status, 0);
  reader_.join();
  ended_ = Ended{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), out_, err_};
  return ended_;
}

std::string Program::wait_for_line(const std::string_view text, const Milliseconds at_most) {
  std::unique_lock lock(mutex_);
  std::string found;
  changed_.wait_for(lock, at_most, [&] {
    const std::size_t at = err_.find(text);
    if (at == std::string::npos) return false;
    const std::size_t end = err_.find('\n', at);
    if (end == std::string::npos) return false;
    const std::size_t before = err_.rfind('\n', at);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    found = err_.substr(begin, end - begin);
    return true;
  });
  return found;
}

std::string Program::err() const {
  const std::lock_guard lock(mutex_);
  return err_;
}

void Program::read_all(const int out, const int err) {
  std::array<pollfd, 2> ends{pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    poll(ends.data(), ends.size(), -1);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].revents == 0 || read_some(ends[i].fd, i == 0 ? out_ : err_)) continue;
      close(ends[i].fd);
      ends[i].fd = -1;
    }
  }
}

bool Program::read_some(const int descriptor, std::string& into) {
  std::array<char, 4096> block{};
  const ssize_t count = read(descriptor, block.data(), block.size());
  if (count <= 0) return false;
  const std::lock_guard lock(mutex_);
  into.append(block.data(), static_cast<std::size_t>(count));
  changed_.notify_all();
  return true;
}

Ended run_program(const std::vector<std::string>& command,
                  const std::vector<std::string>& environment) {
  Program program(command, environment);
  if (auto ended = program.wait(std::chrono::seconds(60))) return *ended;
  program.send(SIGKILL);
  return *program.wait();
}

}  // namespace mplane::test
