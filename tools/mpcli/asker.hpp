#pragma once

#include "console.hpp"
#include "mplane/client.hpp"
#include "options.hpp"

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// The client of the component that the options name. A resource; one thread at a time.
class Asker {
 public:
  /// Warns of a plain http URL. @throws Error{Configuration} for options that are missing or wrong.
  Asker(const Options& options, Console console);

  Client& client() noexcept { return client_; }
  const Url& url() const noexcept { return url_; }
  /// Where messages go that are about no capability.
  std::string message_url() const;

  std::vector<Capability> discover(std::stop_token stop);
  /// The one capability with that label or token. @throws Error{Unknown}, with a near miss;
  /// {Configuration} when there are several.
  Capability discover(std::string_view label_or_token, std::stop_token stop);

 private:
  const Console console_;
  const Url url_;
  Client client_;
};

}  // namespace mplane
