#pragma once

#include "mplane/client/offer.hpp"
#include "mplane/session/identity.hpp"
#include "mplane/session/url.hpp"
#include "peers.hpp"
#include "until.hpp"

#include <string>
#include <utility>
#include <vector>

namespace mplane::detail {

/// What a discovery found.
struct Findings {
  std::vector<Offer> offers;
  std::vector<std::pair<std::string, Url>> withdrawn;  ///< token, and at which peer
  Identity peer = {};                                  ///< who served the first page
};

/// Reads a page and those it links to, each once, within `ClientLimits` and the peers that are
/// believed. What goes wrong on the first page throws; on the others it is noted in the log, unless
/// the peer is out of reach. @throws as Client::discover.
Findings crawl(Peers& peers, const Url& first, const Until& until);

}  // namespace mplane::detail
