#pragma once

#include "mplane/model/log.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/tools/line_file.hpp"

#include <cstddef>
#include <filesystem>
#include <poll.h>
#include <string>
#include <vector>

namespace mplane::detail {

/// A file that lines are appended to. One thread at a time.
class StreamFile {
 public:
  /// @throws Error{Configuration} when it cannot be written.
  StreamFile(std::filesystem::path path, LogSink log);

  /// Appends whole lines; the log is told when that begins to fail, and when it works again.
  void write(const std::string& lines);

 private:
  LineFile file_;
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
  StreamSocket(const StreamSocket&) = delete;
  StreamSocket& operator=(const StreamSocket&) = delete;

  /// Adds what to wait for.
  void watch(std::vector<pollfd>& all) const;
  /// Lets readers in and out, and goes on with what waits for them.
  void serve();
  /// Whether that is to be done again in a moment, without a sign: readers wait to be let in.
  bool rests() const noexcept { return rests_; }
  /// Gives lines to all readers. Who has not taken those before is cut off.
  void write(const std::string& lines);

 private:
  struct Reader {
    FileDescriptor descriptor;
    std::string waiting = {};
  };

  void let_in();
  void rest(int why);
  bool go_on(Reader& reader) const;
  void cut(const std::string& why) const;

  std::filesystem::path path_;
  std::size_t most_readers_;
  std::size_t most_waiting_;
  LogSink log_;
  FileDescriptor listener_;
  std::vector<Reader> readers_;
  bool rests_ = false;
};

}  // namespace mplane::detail
