#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace mplane::test {

/// How a program ended.
struct Ended {
  int code = 0;  ///< its exit code, or 128 and the number of the signal that ended it
  std::string out = {};
  std::string err = {};
};

/// A program that runs beside the test; killed, if it still does, when this goes. What it prints is
/// read all the time, so that it never waits for us.
class Program {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// @param command the program's path, then its arguments.
  /// @param environment "NAME=value" added to ours.
  explicit Program(std::vector<std::string> command,
                   const std::vector<std::string>& environment = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const noexcept { return pid_; }
  void send(int signal_number) const;
  /// Waits for its end; nothing when it still runs.
  std::optional<Ended> wait(Milliseconds at_most = Milliseconds(30'000));
  /// Waits for a line of its standard error that has the text in it, and gives that line; empty
  /// when none came.
  std::string wait_for_line(std::string_view text, Milliseconds at_most = Milliseconds(10'000));
  /// What it has printed on standard error so far.
  std::string err() const;

 private:
  void read_all(int out, int err);
  bool read_some(int descriptor, std::string& into);

  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<Ended> ended_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string out_;
  std::string err_;
  std::thread reader_;
};

/// Runs a program to its end; killed when it takes longer.
Ended run_program(const std::vector<std::string>& command,
                  const std::vector<std::string>& environment = {});

}  // namespace mplane::test
