#pragma once

#include "mplane/model/log.hpp"
#include "mplane/probe/file_descriptor.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace mplane {

/// Answers questions of people on this machine, at a Unix socket that the owner of the process, and
/// root, can connect to: by the file's mode, and by what the kernel says of who has connected. A
/// question is some lines of text, an answer all that comes until the end. One at a time: who
/// neither asks nor listens is cut off after two seconds. A resource; owns a thread.
class ControlSocket {
 public:
  /// Answers a question, on the socket's thread. What it throws is the answer, behind "error: ".
  using Answer = std::function<std::string(const std::string& question)>;

  static constexpr std::size_t kLongestQuestion = 64 * 1024;

  /// Listens. A socket that is there and that nobody answers any more is replaced.
  /// @throws Error{Configuration} naming the file.
  ControlSocket(std::filesystem::path file, Answer answer, LogSink log);
  /// Removes the file.
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

 private:
  void run();
  bool wait(bool rests) const;
  bool accept_one(bool rested);
  void try_to_serve(const FileDescriptor& peer);
  void serve(const FileDescriptor& socket);

  const std::filesystem::path file_;
  const Answer answer_;
  const LogSink log_;
  const FileDescriptor socket_;
  const FileDescriptor stop_;  // readable once it is to end
  std::thread thread_;
};

/// Asks at such a socket. @return the answer. @throws Error{Unreachable} when nobody answers there,
/// {Refused} when we may not ask, {Failed} with the words of who cannot answer.
std::string ask_control_socket(const std::filesystem::path& file, std::string_view question);

}  // namespace mplane
