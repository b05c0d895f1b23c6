#pragma once

#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probes/exec/run.hpp"

#include <sys/types.h>

namespace mplane::detail {

/// The two ends of a pipe; ours does not block, and no program inherits either.
struct Pipe {
  /// @throws Error{Unavailable} when the system has no descriptor left.
  static Pipe open();
  FileDescriptor ours;
  FileDescriptor theirs;
};

/// A program that runs, the leader of a session and process group of its own; killed with its group
/// and waited for when this goes. One thread at a time.
class ChildProcess {
 public:
  /// Starts it. @throws Error{Failed} naming the program and why it cannot be started.
  ChildProcess(const ProgramCall& call, const FileDescriptor& out, const FileDescriptor& err);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Readable once it has ended.
  int pidfd() const noexcept { return pidfd_.number(); }
  /// Sends a signal to all that is in its group.
  void signal(int number) const noexcept;
  /// Kills what is left of its group, and gives the status that waitpid tells. Only once it ended:
  /// until here its number belongs to nobody else, so that no stranger is killed.
  int reap() noexcept;

 private:
  pid_t pid_ = -1;  // negative once it was waited for
  FileDescriptor pidfd_;
};

}  // namespace mplane::detail
