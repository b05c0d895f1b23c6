#pragma once

#include "mplane/model/log.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mplane::test {

/// Keeps what is logged, for tests to wait for and look at. Thread-safe; outlives who logs.
class LogBook {
 public:
  LogSink sink();

  /// Waits, for ten seconds at most, until a line has both texts in it. @return that line, or "".
  std::string wait_for(std::string_view text, std::string_view also = "") const;
  /// The lines so far: "warning listener: message key=value …".
  std::vector<std::string> lines() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> lines_;
};

}  // namespace mplane::test
