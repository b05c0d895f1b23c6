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

  /// Nobody else is to be believed here, if nobody has answered yet.
  void expect(const Identity& identity) {
    if (!identity_) identity_ = identity;
  }

  /// The reply, whatever its status. @throws Error{Unreachable, TimedOut, TooLarge}; {Failed} when
  /// it is somebody else than before; {Unavailable} when stopped, also while it is under way.
  HttpReply get(const Url& page, const Until& until);
  HttpReply post(const Url& to, std::string body, const Until& until);

 private:
  HttpReply exchange(const Url& url, const Until& until,
                     const std::function<HttpReply(HttpClient&)>& send);

  const Url base_;
  const HttpClientOptions options_;
  std::unique_ptr<HttpClient> http_;  // null after it was cancelled
  std::optional<Identity> identity_;  // of its first reply, if it was not said before
};

}  // namespace mplane::detail
