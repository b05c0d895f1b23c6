#pragma once

#include "mplane/probe/file_descriptor.hpp"

#include <string>
#include <utility>
#include <vector>

namespace mplane::test {

/// A network of its own: a namespace without a name, with the loopback interface up. It goes with
/// the last thread, socket and object that uses it, so that nothing is left behind even by a test
/// that crashed. Needs root. Thread-safe.
class NetworkNamespace {
 public:
  /// @throws std::runtime_error when the system refuses.
  NetworkNamespace();
  /// The network of the calling thread.
  static NetworkNamespace current();

  /// Moves the calling thread into it, for good.
  void enter() const;

  /// As `ip link set … netns` takes it.
  std::string path() const;

  /// What a program in it prints, standard error included. The program is looked for in PATH.
  /// @throws std::runtime_error with that text when it exits other than with 0.
  std::string run(const std::vector<std::string>& command) const;
  /// The same, split at blanks.
  std::string run(const std::string& command) const;

  /// Writes a setting of this network: "ipv4/ping_group_range".
  void set(const std::string& name, const std::string& value) const;

 private:
  explicit NetworkNamespace(FileDescriptor existing) noexcept : namespace_(std::move(existing)) {}

  FileDescriptor namespace_;
};

}  // namespace mplane::test
