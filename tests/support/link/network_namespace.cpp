#include "support/link/network_namespace.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sched.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace mplane::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

// Runs a function on a thread that ends with it, and hands on what it throws.
template <typename F>
void on_own_thread(F function) {
  std::exception_ptr failure;
  std::thread([&] {
    try {
      function();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
}

FileDescriptor own_namespace() {
  FileDescriptor own(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!own) fail("the network namespace cannot be opened");
  return own;
}

std::string read_all(const FileDescriptor& from) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto count = ::read(from.number(), buffer.data(), buffer.size());
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

// Only what is allowed between fork and exec.
[[noreturn]] void become(char* const* arguments, int network, int output) {
  if (::setns(network, CLONE_NEWNET) == 0) {
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execvp(arguments[0], arguments);
  }
  ::_exit(127);
}

}  // namespace

NetworkNamespace::NetworkNamespace() {
  on_own_thread([this] {
    if (::unshare(CLONE_NEWNET) != 0) fail("a network namespace cannot be made (root only)");
    namespace_ = own_namespace();
  });
  run("ip link set lo up");
}

NetworkNamespace NetworkNamespace::current() { return NetworkNamespace(own_namespace()); }

void NetworkNamespace::enter() const {
  if (::setns(namespace_.number(), CLONE_NEWNET) != 0) fail("the namespace cannot be entered");
}

std::string NetworkNamespace::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(namespace_.number());
}

std::string NetworkNamespace::run(const std::vector<std::string>& command) const {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("no pipe");
  const FileDescriptor from(ends[0]);
  FileDescriptor to(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) fail("no process");
  if (child == 0) become(arguments.data(), namespace_.number(), to.number());
  { const FileDescriptor closed = std::move(to); }
  const std::string output = read_all(from);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  throw std::runtime_error(command.front() + " failed: " + output);
}

std::string NetworkNamespace::run(const std::string& command) const {
  std::istringstream words(command);
  std::vector<std::string> arguments;
  for (std::string word; words >> word;) arguments.push_back(word);
  return run(arguments);
}

void NetworkNamespace::set(const std::string& name, const std::string& value) const {
  on_own_thread([&] {
    enter();
    std::ofstream file("/proc/sys/net/" + name);
    if (!(file << value << std::flush)) fail("net/" + name + " cannot be set");
  });
}

}  // namespace mplane::test
