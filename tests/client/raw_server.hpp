#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace mplane::test {

/// A server that does not keep to HTTP: takes connections one after another, reads what comes
/// first, and misbehaves.
class RawServer {
 public:
  /// What it does with a connection on which something was read.
  using Behaviour = void (*)(int connection);

  static void silence(int connection);   ///< nothing, until the other side goes
  static void cut(int connection);       ///< hangs up
  static void rubbish(int connection);   ///< answers with what is no HTTP
  static void gigabyte(int connection);  ///< answers with an endless body

  explicit RawServer(Behaviour behaviour);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::string url() const;
  void wait_for_request();

 private:
  void serve();

  const Behaviour behaviour_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  int requests_ = 0;
  std::thread thread_;
};

}  // namespace mplane::test
