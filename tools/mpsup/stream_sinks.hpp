#pragma once

#include "mplane/model/log.hpp"
#include "mplane/probe/file_descriptor.hpp"

#include <cstddef>
#include <filesystem>
#include <poll.h>
#include <string>
#include <vector>

namespace mplane::detail {

/// A file that lines are appended to. Opened for each batch, so that it may be moved away
/// meanwhile. One thread at a time.
class StreamFile {
 public:
  /// @throws Error{Configuration} when it cannot be written.
  StreamFile(std::filesystem::path path, LogSink log);

  /// Appends whole lines; the log is told when that begins to fail, and when it works again.
  void write(const std::string& lines);

 private:
  /// @return why not; nothing when they are there.
  std::string append(const std::string& lines) const;

  std::filesystem::path path_;
  LogSink log_;
  bool failing_ = false;
};

/// A Unix socket whose readers get all lines from when they came on. One thread at a time.
class StreamSocket {
 public:
  /// Takes the place of a socket that nobody listens at any more.
  /// @throws Error{Configuration} when it cannot be bound.
  StreamSocket(std::filesystem::path path, std::size_t most_readers, std::size_t most_waiting,
               LogSink log);
  ~StreamSocket();
  StreamSocket(StreamSocket&&) noexcept = default;
  StreamSocket& operator=(StreamSocket&&) noexcept = default;

  /// Adds what to wait for.
  void watch(std::vector<pollfd>& all) const;
  /// Lets readers in and out, and goes on with what waits for them.
  void serve();
  /// Gives lines to all readers. Who has not taken those before is cut off.
  void write(const std::string& lines);

 private:
  struct Reader {
    FileDescriptor descriptor;
    std::string waiting = {};
  };

  void let_in();
  bool go_on(Reader& reader) const;
  void cut(const std::string& why) const;

  std::filesystem::path path_;
  std::size_t most_readers_;
  std::size_t most_waiting_;
  LogSink log_;
  FileDescriptor listener_;
  std::vector<Reader> readers_;
};

}  // namespace mplane::detail
