#pragma once

#include "console.hpp"
#include "mplane/client.hpp"
#include "options.hpp"

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// The client of the one component that the options name. A resource; one thread at a time.
class Asker {
 public:
  /// Warns of a plain http URL. @throws Error{Configuration} for options that are missing or wrong,
  /// and for several URLs.
  Asker(const Options& options, const Console& console);

  Client& client() noexcept { return client_; }
  const Url& url() const noexcept { return url_; }
  /// Where messages go that are about no capability.
  std::string message_url() const;

  std::vector<Capability> discover(std::stop_token stop);
  /// The one capability with that label or token. @throws as `only_one`.
  Capability discover(std::string_view label_or_token, std::stop_token stop);
  /// Who offers it, for people.
  std::string component_of(const Capability& capability) const;

 private:
  const Url url_;
  Client client_;
};

}  // namespace mplane
