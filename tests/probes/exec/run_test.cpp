// Real programs: /bin/sh says what they do.

#include "mplane/probes/exec/run.hpp"

#include "exec_rig.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <future>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

std::future<ProgramRunner::Outcome> start(ProgramRunner& runner, ProgramCall call,
                                          std::stop_token stop = {}) {
  std::promise<ProgramRunner::Outcome> promise;
  auto outcome = promise.get_future();
  runner.start(std::move(call), std::move(stop),
               [promise = std::move(promise)](ProgramRunner::Outcome end) mutable {
                 promise.set_value(std::move(end));
               });
  return outcome;
}

ProgramCall script(const std::string& text) {
  return {.program = "/bin/sh", .arguments = {"-c", text}, .environment = {"PATH=/usr/bin:/bin"}};
}

ProgramEnd run(const ProgramCall& call) {
  ProgramRunner runner;
  return std::get<ProgramEnd>(start(runner, call).get());
}

bool exists(pid_t pid) {
  const std::string status = std::filesystem::exists("/proc/" + std::to_string(pid) + "/stat")
                                 ? read_file("/proc/" + std::to_string(pid) + "/stat")
                                 : "";
  return !status.empty() && status.find(") Z ") == std::string::npos;
}

/// Whether it is gone, or goes within five seconds. SIGKILL needs its moment to arrive.
bool goes(pid_t pid) {
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (exists(pid) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  return !exists(pid);
}

}  // namespace

TEST_CASE("a program's output, exit code and time are told", "[exec]") {
  const ProgramEnd end = run(script("echo out; echo err >&2; exit 3"));
  CHECK(end.cause == ProgramEnd::Cause::Itself);
  CHECK(end.exit_code == 3);
  CHECK_FALSE(end.signal);
  CHECK(end.output == "out\n");
  CHECK(end.complaint == "err\n");
  CHECK(end.first <= end.last);
  CHECK(run(script("kill -9 $$")).signal == SIGKILL);
}

TEST_CASE("a program gets its own environment, folder, session and input, and no others",
          "[exec]") {
  ::setenv("MPLANE_SECRET", "x", 1);
  auto call = script(
      "env | grep -v ^PWD= | grep -v ^_= | grep -v ^SHLVL=; pwd; cat; "
      "[ $$ = $(ps -o sid= -p $$) ] && echo leader");
  call.environment.emplace_back("A=b c");
  call.directory = "/usr";
  const ProgramEnd end = run(call);
  CHECK_THAT(end.output, Catch::Contains("PATH=/usr/bin:/bin\n") && Catch::Contains("A=b c\n") &&
                             Catch::Contains("/usr\n") && Catch::EndsWith("leader\n"));
  CHECK_THAT(end.output, !Catch::Contains("MPLANE_SECRET"));
  ::unsetenv("MPLANE_SECRET");
}

TEST_CASE("a program inherits no descriptor and no signal setting", "[exec]") {
  const int leak = ::open("/etc/hostname", O_RDONLY);  // without O_CLOEXEC
  REQUIRE(leak > 2);
  std::signal(SIGPIPE, SIG_IGN);
  const ProgramEnd end =
      run(script("ls /proc/self/fd | tr '\\n' ' '; grep -E 'SigIgn|SigBlk' /proc/self/status"));
  ::close(leak);
  std::signal(SIGPIPE, SIG_DFL);
  // The last one is the folder that ls reads.
  CHECK_THAT(end.output, Catch::StartsWith("0 1 2 3 "));
  const auto mask = [&](const std::string& name) {
    const std::size_t at = end.output.find(name + ":\t");
    return std::stoull(end.output.substr(at + name.size() + 2, 16), nullptr, 16);
  };
  CHECK(mask("SigBlk") == 0);
  CHECK((mask("SigIgn") & 0x7fffffffU) == 0);  // the two behind are the C library's own
}

TEST_CASE("what a program is given is not read by a shell", "[exec]") {
  const ProgramEnd end = run(
      {.program = "/usr/bin/printf", .arguments = {"%s|", "a b", "$(id)", "*", "", "'", "x\ny"}});
  CHECK(end.output == "a b|$(id)|*||'|x\ny|");
}

TEST_CASE("runs leave no descriptor behind", "[exec]") {
  ProgramRunner runner;
  const auto descriptors = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  start(runner, script("true")).get();
  const auto before = descriptors();
  for (int n = 0; n < 20; ++n) {
    start(runner, script("echo x")).get();
    start(runner, {.program = "/nonexistent"}).get();
  }
  CHECK(descriptors() == before);
}

TEST_CASE("what cannot be started says why", "[exec]") {
  ProgramRunner runner;
  const auto missing = std::get<Error>(start(runner, {.program = "/nonexistent"}).get());
  CHECK(missing.message() ==
        "the program /nonexistent cannot be started: No such file or directory");
  const auto folder =
      std::get<Error>(start(runner, {.program = "/bin/true", .directory = "/nonexistent"}).get());
  CHECK_THAT(folder.message(), Catch::Contains("cannot be started"));
}

TEST_CASE("a program over its time is stopped with its children", "[exec]") {
  const ScratchFolder folder;
  const Rendezvous ready(folder);
  auto call = script("sleep 1000 & echo $! >" + ready.path() + "; wait");
  call.time_limit = 1s;
  ProgramRunner runner;
  auto outcome = start(runner, call);
  const pid_t child = std::stoi(ready.wait());
  CHECK(exists(child));
  const auto end = std::get<ProgramEnd>(outcome.get());
  CHECK(end.cause == ProgramEnd::Cause::TimeLimit);
  CHECK(end.signal == SIGTERM);
  CHECK(goes(child));
}

TEST_CASE("a program that ignores SIGTERM is killed, with children that do, too", "[exec]") {
  const ScratchFolder folder;
  const Rendezvous ready(folder);
  auto call = script("trap '' TERM; (sleep 1000; :) & echo $! >" + ready.path() +
                     "; while :; do sleep 1000; done");
  call.kill_after = 100ms;
  ProgramRunner runner;
  std::stop_source stop;
  auto outcome = start(runner, call, stop.get_token());
  const pid_t child = std::stoi(ready.wait());
  stop.request_stop();
  const auto end = std::get<ProgramEnd>(outcome.get());
  CHECK(end.cause == ProgramEnd::Cause::Interrupt);
  CHECK(end.signal == SIGKILL);
  CHECK(goes(child));
}

TEST_CASE("a program that is interrupted may finish its output", "[exec]") {
  const ScratchFolder folder;
  const Rendezvous ready(folder);
  ProgramRunner runner;
  std::stop_source stop;
  auto outcome = start(runner,
                       script("trap 'echo last; exit 0' TERM; echo first; echo >" + ready.path() +
                              "; while :; do sleep 0.01; done"),
                       stop.get_token());
  ready.wait();
  stop.request_stop();
  const auto end = std::get<ProgramEnd>(outcome.get());
  CHECK(end.cause == ProgramEnd::Cause::Interrupt);
  CHECK(end.output == "first\nlast\n");
  CHECK(end.exit_code == 0);
}

TEST_CASE("a run that was interrupted before it began starts nothing", "[exec]") {
  ProgramRunner runner;
  std::stop_source stop;
  stop.request_stop();
  const auto end = std::get<ProgramEnd>(start(runner, script("echo x"), stop.get_token()).get());
  CHECK(end.cause == ProgramEnd::Cause::Interrupt);
  CHECK(end.output.empty());
  CHECK_FALSE(end.exit_code);
}

TEST_CASE("a program that floods us is stopped at the limit", "[exec]") {
  for (const char* const flood : {"exec yes", "exec yes >&2"}) {
    CAPTURE(flood);
    auto call = script(flood);
    call.output_limit = 100'000;
    const ProgramEnd end = run(call);
    CHECK(end.cause == ProgramEnd::Cause::OutputLimit);
    CHECK(end.output.size() <= 100'000);
    CHECK(end.complaint.size() <= 1024);
  }
  auto call = script("head -c 100000 /dev/zero");
  call.output_limit = 100'000;
  CHECK(run(call).cause == ProgramEnd::Cause::Itself);
  CHECK(run(call).output.size() == 100'000);
  call.output_limit = 99'999;
  CHECK(run(call).cause == ProgramEnd::Cause::OutputLimit);
}

TEST_CASE("what a program leaves behind neither holds up its end nor lives on", "[exec]") {
  const ScratchFolder folder;
  const Rendezvous ready(folder);
  ProgramRunner runner;
  // The child keeps the program's output open.
  auto outcome =
      start(runner, script("sleep 1000 & echo $! >" + ready.path() + "; echo done; exit 0"));
  const pid_t child = std::stoi(ready.wait());
  const auto end = std::get<ProgramEnd>(outcome.get());
  CHECK(end.output == "done\n");
  CHECK(end.exit_code == 0);
  CHECK(goes(child));
}

TEST_CASE("programs that run when the runner goes are killed", "[exec]") {
  const ScratchFolder folder;
  const Rendezvous ready(folder);
  std::future<ProgramRunner::Outcome> outcome;
  pid_t program = 0;
  {
    ProgramRunner runner;
    outcome = start(runner, script("trap '' TERM; echo $$ >" + ready.path() +
                                   "; while :; do sleep 1000; done"));
    program = std::stoi(ready.wait());
  }
  CHECK_FALSE(exists(program));
  CHECK_THROWS_AS(outcome.get(), std::future_error);
}

TEST_CASE("many programs at once need no thread each", "[exec]") {
  ProgramRunner runner;
  std::vector<std::future<ProgramRunner::Outcome>> outcomes;
  for (int n = 0; n < 50; ++n) {
    outcomes.push_back(start(runner, script("echo " + std::to_string(n))));
  }
  for (int n = 0; n < 50; ++n) {
    CHECK(std::get<ProgramEnd>(outcomes[static_cast<std::size_t>(n)].get()).output ==
          std::to_string(n) + "\n");
  }
}
