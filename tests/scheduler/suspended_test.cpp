// A process that is stopped and goes on, on the real clock. The child is this program again, as
// `fork` leaves it: it has one thread, makes its scheduler, and tells its books by a pipe.

#include "scheduler/workshop.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// Both ends of a pipe.
struct Pipe {
  Pipe() { REQUIRE(::pipe(ends.data()) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void tell(const std::string& line) const {
    const std::string text = line + "\n";
    if (::write(ends[1], text.data(), text.size()) < 0) ::_exit(2);
  }
  std::string hear() const {
    std::string line;
    for (char one = 0; ::read(ends[0], &one, 1) == 1 && one != '\n';) line += one;
    return line;
  }
  std::array<int, 2> ends{};
};

/// Runs something every second until some were missed and another has run; tells the books then.
void live_through_it(const Pipe& said) {
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
  said.tell("running");
  while (scheduler.books().missed < 1) wait_for_another();
  wait_for_another();
  const Books books = scheduler.books();
  said.tell(books.balance() && books.missed == books.count(Reason::Late) ? "balance" : "do not");
  said.tell(std::to_string(books.missed));
}

}  // namespace

TEST_CASE("a process that was stopped misses what it slept through, and goes on", "[suspended]") {
  const Pipe said;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    live_through_it(said);
    ::_exit(0);
  }
  CHECK(said.hear() == "running");
  REQUIRE(::kill(child, SIGSTOP) == 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, WUNTRACED) == child);
  CHECK(WIFSTOPPED(status));
  std::this_thread::sleep_for(3s);  // what is tested is that time passes
  REQUIRE(::kill(child, SIGCONT) == 0);
  CHECK(said.hear() == "balance");
  const int missed = std::stoi("0" + said.hear());
  CHECK(missed >= 2);
  CHECK(missed <= 3);
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
