#pragma once

#include "component/tls_peer.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/specification.hpp"
#include "support/pki.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// The capability that all of them offer: ping-average-ip4.
const mplane::Capability& ping();

/// Components of a supervisor on this machine, reduced to what travels: an identity and a kept
/// connection each, blocking. One thread at a time. @throws std::runtime_error when something
/// fails.
class Components {
 public:
  /// They connect.
  Components(const mplane::test::TestPki& pki, std::uint16_t port, std::size_t count);
  /// They register.
  void enroll();

  std::size_t size() const noexcept { return members_.size(); }
  TlsPeer& operator[](const std::size_t number) { return members_[number]->peer; }
  static std::string name(const std::size_t number) { return "probe-" + std::to_string(number); }

  /// One request of each, all under way at once. @return the last answer's body.
  std::string round(const std::vector<std::string>& requests);
  /// All requests of all, in rounds as above; but each component sends its next one as soon as its
  /// last was answered, whatever the others do.
  void converse(const std::vector<std::vector<std::string>>& rounds);
  /// Polls until each has so many specifications. @return those of each.
  std::vector<std::vector<mplane::Specification>> fetch(std::size_t count);

 private:
  struct Member {
    Member(const mplane::TlsOptions& files, std::uint16_t port)
        : client(files), peer(client, port) {}
    TlsClient client;
    TlsPeer peer;
  };

  std::vector<std::unique_ptr<Member>> members_;
};

/// "GET /show/specification HTTP/1.1 …"
std::string poll();

}  // namespace bench
