#pragma once

#include "mplane/session/http_client.hpp"
#include "mplane/session/identity.hpp"
#include "mplane/session/url.hpp"
#include "until.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace mplane::detail {

/// One peer: the connection to it, and who it is. A resource; one thread at a time.
class Peer {
 public:
  /// Only scheme, host and port of the URL count. @throws Error{Configuration} as HttpClient.
  Peer(const Url& url, HttpClientOptions options);

  /// Nobody else is to be told anything here, or believed, if nobody has answered yet.
  void expect(const Identity& identity);
  /// Whether the last request may have reached it, however it ended.
  bool may_have_arrived() const noexcept { return http_ != nullptr && http_->may_have_arrived(); }

  /// The reply, whatever its status. @throws Error{Unreachable, TimedOut, TooLarge}; {Failed} when
  /// it is somebody else than before; {Unavailable} when stopped, also while it is under way.
  HttpReply get(const Url& page, const Until& until);
  HttpReply post(const Url& to, std::string body, const Until& until);

 private:
  HttpReply exchange(const Url& url, const Until& until,
                     const std::function<HttpReply(HttpClient&)>& send);

  void connect();

  const Url base_;
  const HttpClientOptions options_;
  std::unique_ptr<HttpClient> http_;  // null after it was cancelled
  std::optional<Identity> expected_;
  std::optional<Identity> identity_;  // of its first reply, if it was not said before
};

}  // namespace mplane::detail
