#pragma once

#include "channel.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/session/url.hpp"
#include "options.hpp"
#include "random.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// What the fleet offers: that of the options' file, or a ping. @throws Error{Configuration}.
std::vector<Capability> offered_capabilities(const SimOptions& options);

/// What all components of a worker share: options, connections' surroundings, and what they all
/// say. On the engine's loop; outlives the components.
class World {
 public:
  /// @param workers how many there are, together, in the handshakes a supervisor takes at once.
  /// @param worker which one this is. @throws Error{Configuration}.
  World(const SimOptions& options, const SocketAddress& supervisor, Engine& engine,
        std::size_t worker, std::size_t workers);

  const SimOptions& options() const noexcept { return options_; }
  const Registry& registry() const noexcept { return registry_; }
  Engine& engine() noexcept { return channels_.engine; }
  Tally& tally() noexcept { return tally_; }
  Random& random() noexcept { return random_; }
  ChannelSurroundings& channels() noexcept { return channels_; }

  /// The request that registers all capabilities, and that for callbacks.
  const std::string& registration() const noexcept { return registration_; }
  /// The request for work.
  const std::string& poll() const noexcept { return poll_; }
  /// The request that delivers what came of a specification, where its link says.
  std::string delivery(const Specification& asked, std::string_view message) const;

 private:
  std::string request(std::string_view method, const std::string& path,
                      std::string_view body) const;

  const SimOptions& options_;
  Url supervisor_;
  Registry registry_;
  Tally tally_;
  Random random_;
  TlsDialer dialer_;
  Turnstile turnstile_;
  ChannelSurroundings channels_;
  std::string registration_;
  std::string poll_;
};

}  // namespace mplane
