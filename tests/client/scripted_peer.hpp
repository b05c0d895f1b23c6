#pragma once

#include "mplane/session/http.hpp"
#include "mplane/session/listener.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane::test {

/// A peer that answers by a script, and remembers what it was asked. Plain HTTP unless it is given
/// TLS. The script runs on the peer's thread, one request at a time.
class ScriptedPeer {
 public:
  using Script = std::function<HttpResponse(const HttpRequest&)>;

  /// @param port 0 is any free one.
  explicit ScriptedPeer(Script script, std::optional<TlsContext> tls = {}, std::uint16_t port = 0);

  /// Its URL with a path.
  std::string url(std::string_view path = "/") const;
  /// What it was asked so far: "GET /capability", "POST /".
  std::vector<std::string> asked() const;
  /// Waits until it was asked so often. @return whether that came about; generous.
  bool wait_for(std::size_t requests);
  /// The bodies of the requests so far.
  std::vector<std::string> bodies() const;

 private:
  void serve(HttpRequest request, Responder responder);

  const Script script_;
  const std::string scheme_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HttpRequest> requests_;
  Listener listener_;
};

/// Answers of a script.
HttpResponse mplane_reply(std::string body, int status = 200);
HttpResponse html_reply(std::string body, int status = 200);

}  // namespace mplane::test
