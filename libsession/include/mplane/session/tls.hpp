#pragma once

#include "mplane/model/log.hpp"
#include "mplane/session/identity.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mplane {

namespace detail {
class TlsMaterial;
}

/// The files, all PEM, that say who we are and whom we believe.
struct TlsOptions {
  std::filesystem::path ca = {};    ///< certificates of the authorities we believe; required
  std::filesystem::path cert = {};  ///< our certificate, then intermediate ones if any
  std::filesystem::path key = {};   ///< its private key, not encrypted
  std::filesystem::path crl = {};   ///< revocation lists of all in `ca`; empty: none are checked
};

/// Something in these files that is good until a time only. A value.
struct TlsEnding {
  enum class What : std::uint8_t { Certificate, Authority, RevocationList };

  What what = What::Certificate;
  std::filesystem::path file = {};
  std::string name = {};  ///< whose: the subject, of a revocation list the issuer
  std::chrono::system_clock::time_point from = {};
  std::chrono::system_clock::time_point until = {};
};

/// What to tell of it at that time, if anything: a warning from 30 days before the end on, of a
/// revocation list that is renewed more often in the last third of its time; an error after it.
std::optional<LogRecord> warning_of(const TlsEnding& ending,
                                    std::chrono::system_clock::time_point now);

/// Certificates and key, read and checked, for both directions: a Listener's and a client's.
/// Immutable value, thread-safe; copies share. To reload make a new one and hand it to
/// Listener::use: a bad file throws, and the old one stays in force.
///
/// TLS 1.2 at least, both sides show a certificate. `cert` and `key` may be left out together by a
/// client that has none (a peer of ours will refuse it); a Listener insists on them.
class TlsContext {
 public:
  /// Throws Error{Configuration} whose `where` is the file: missing, unreadable, not PEM, a key
  /// that does not fit its certificate, a certificate out of its validity. Warns through `log` of a
  /// key that others can read and of what ends soon, as `warning_of`.
  explicit TlsContext(const TlsOptions& options, const LogSink& log = {});

  /// Who our peers will see; empty without a certificate.
  std::optional<Identity> identity() const;
  /// When our certificate ends; empty without one.
  std::optional<std::chrono::system_clock::time_point> expires() const;
  /// All that ends: our certificates, the authorities', the revocation lists.
  const std::vector<TlsEnding>& endings() const noexcept;

  /// For this library's own sources.
  const detail::TlsMaterial& material() const noexcept { return *material_; }

 private:
  std::shared_ptr<const detail::TlsMaterial> material_;
};

}  // namespace mplane
