#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/session/http_client.hpp"
#include "mplane/session/url.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace mplane::test {

/// The core registry, that of the recordings, and ours.
Registry registry();

/// A component of the component-initiated workflow, reduced to what travels: it registers what it
/// is given, polls, and answers each specification by a function. It has one thread.
class Probe {
 public:
  /// What a specification is answered with: a message as text; nothing: not now.
  using Answer = std::function<std::optional<std::string>(const Specification&)>;

  Probe(const Url& supervisor, HttpClientOptions options, std::vector<std::string> capabilities,
        Answer answer);
  /// Leaves.
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  /// Registers once more, as one that was started anew.
  void enroll_anew() const;
  /// Comes no more, without a word.
  void leave();
  /// Sends a message of its own accord. @return the status.
  int send(const std::string& message);
  /// The tokens that it was asked for, and those that were interrupted ("!token").
  std::vector<std::string> asked() const;
  /// Waits until there are so many. @return whether there were in time.
  bool wait_for_questions(std::size_t count) const;
  /// The same of its answers, once they were taken.
  bool wait_for_answers(std::size_t count) const;

 private:
  void enroll(HttpClient& client) const;
  void run();
  void obey(const Message& message);

  const Url url_;
  const HttpClientOptions options_;
  const std::vector<std::string> capabilities_;
  const Answer answer_;
  HttpClient polls_;
  std::atomic<bool> over_ = false;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> asked_;
  std::size_t answers_ = 0;
  std::thread thread_;
};

/// The capability "loop": takes test.input, yields test.output, says of which AS it is.
std::string loop_capability(const std::string& label = "loop", const std::string& input = "*",
                            const std::string& as = "*");
/// A result's rows, a line each, with "|" between their values.
std::string text(const Result& result);
/// The result of a specification of it with that output.
std::string loop_result(const Specification& specification, const std::string& output);

}  // namespace mplane::test
