#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/session/identity.hpp"
#include "mplane/session/url.hpp"

#include <string>

namespace mplane {

/// A capability, where it was found, and who offers it. A value.
struct Offer {
  Capability capability;  ///< with a token, and the absolute URL its specifications go to as link
  Url found_at;           ///< the page
  Identity peer;          ///< of who served the page; the unauthenticated one without TLS
};

/// Who offers it, for people: the identity, without TLS "host:port".
std::string name_of_peer(const Identity& peer, const Url& url);

}  // namespace mplane
