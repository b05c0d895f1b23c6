#pragma once

#include "mplane/model/log.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/session/tls.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace mplane {

/// What a client takes from a peer at most, so that none can keep it busy or fill its memory.
struct ClientLimits {
  std::size_t bytes = 64 * 1024 * 1024;  ///< of one answer, and of one discovery altogether
  std::size_t pages = 4096;              ///< of one discovery
  std::size_t depth = 4;  ///< of one discovery: links from its first page to its last
};

/// How long a client waits for its peer.
struct ClientTimeouts {
  std::chrono::milliseconds connect{5'000};  ///< to connect, TLS handshake included
  std::chrono::milliseconds answer{30'000};  ///< without a byte of an answer
  /// While it waits for a result: how long the peer may be out of reach before that is an error.
  std::chrono::milliseconds outage{30'000};
};

/// What a client is made of. An aggregate; what has no default has to be given.
struct ClientOptions {
  Registry registry = Registry::core();  ///< messages may name it and every registry it knows
  std::optional<TlsContext> tls = {};    ///< required unless `insecure`
  bool insecure = false;                 ///< plain http URLs are allowed, too
  /// Hosts that a peer's links may lead to, beside peers that the program named itself; "*" is any.
  std::vector<std::string> link_hosts = {};
  ClientTimeouts timeouts = {};
  ClientLimits limits = {};
  LogSink log = {};
};

}  // namespace mplane
