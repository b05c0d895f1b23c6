// A process that is stopped and goes on, on the real clock. The child is this program again, with
// the one test that is hidden; it tells its books by a pipe.
//
// MPLANE_SUSPENDED_SECONDS says how long it is stopped: 3 s unless given; scripts/soak takes 30.

#include "scheduler/workshop.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kLife = "what the stopped process does";
constexpr const char* kPipe = "MPLANE_SUSPENDED_PIPE";  // the child's descriptor to tell by

/// This program as a child that runs the hidden test, with its end of a pipe.
class Child {
 public:
  Child() {
    REQUIRE(::pipe(ends_.data()) == 0);
    REQUIRE(::setenv(kPipe, std::to_string(ends_[1]).c_str(), 1) == 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    std::string name = "test";
    std::string test = kLife;
    std::array<char*, 3> arguments{name.data(), test.data(), nullptr};
    const int failed =
        ::posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, arguments.data(), ::environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::unsetenv(kPipe);
    ::close(ends_[1]);
    REQUIRE(failed == 0);
  }
  ~Child() { ::close(ends_[0]); }

  /// The next line; empty at the end.
  std::string hear() const {
    std::string line;
    for (char one = 0; ::read(ends_[0], &one, 1) == 1 && one != '\n';) line += one;
    return line;
  }
  void send(int signal) const { REQUIRE(::kill(process_, signal) == 0); }
  int wait(int options = 0) const {
    int status = 0;
    REQUIRE(::waitpid(process_, &status, options) == process_);
    return status;
  }

 private:
  std::array<int, 2> ends_{};
  pid_t process_ = 0;
};

void tell(int descriptor, const std::string& line) {
  const std::string text = line + "\n";
  if (::write(descriptor, text.data(), text.size()) < 0) ::_exit(2);
}

std::chrono::seconds suspension() {
  const char* const given = std::getenv("MPLANE_SUSPENDED_SECONDS");
  return std::chrono::seconds(given == nullptr ? 3 : std::atoi(given));
}

/// Runs something every second until some were missed and another has run; tells the books then.
void live_through_it(int said) {
  const SystemClock clock;
  std::atomic<int> runs = 0;
  Scheduler scheduler(clock, {}, {});
  ServicePolicy policy;
  policy.tolerance = 500ms;
  const auto count = AsyncRun([&runs](const Specification& asked, auto, Completion done) {
    done(counted(asked, 1));
    ++runs;
    runs.notify_one();
  });
  const auto wait_for_another = [&runs] { runs.wait(runs); };
  const Capability capability = scheduler.offer({ping_capability(), count, false, policy});
  const Instant start = clock.now() + 100ms;
  const Specification every =
      ask(capability, "now", "t")
          .with_when(When::parse("repeat " + to_string(Time(start)) + " ... future / 1s"));
  scheduler.submit("alice", every);
  runs.wait(0);
  tell(said, "running");
  while (scheduler.books().missed < 1) wait_for_another();
  wait_for_another();
  const Books books = scheduler.books();
  tell(said, books.balance() && books.missed == books.count(Reason::Late) ? "balance" : "do not");
  tell(said, std::to_string(books.missed));
}

}  // namespace

TEST_CASE(kLife, "[.]") {
  const char* const said = std::getenv(kPipe);
  if (said != nullptr) live_through_it(std::atoi(said));
}

TEST_CASE("a process that was stopped misses what it slept through, and goes on", "[suspension]") {
  const auto seconds = suspension();
  const Child child;
  CHECK(child.hear() == "running");
  child.send(SIGSTOP);
  CHECK(WIFSTOPPED(child.wait(WUNTRACED)));
  std::this_thread::sleep_for(seconds);  // what is tested is that time passes
  child.send(SIGCONT);
  CHECK(child.hear() == "balance");
  const int missed = std::stoi("0" + child.hear());
  CHECK(missed >= seconds.count() - 1);
  CHECK(missed <= seconds.count());
  const int status = child.wait();
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
