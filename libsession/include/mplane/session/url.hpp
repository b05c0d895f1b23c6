#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace mplane {

/// Where a peer is: an absolute http or https URL (RFC 3986 without user information and fragment).
/// Immutable value; one that exists is valid and can be written into a request as it is.
class Url {
 public:
  /// Reads "https://probe.example.org:8890/capability?x=1" or "http://[::1]:8890". The host is
  /// written in lower case, a missing port becomes 80 or 443, a missing path "/"; the scheme
  /// "mplane-https" (protocol, section 10) is kept. Throws Error{Malformed} that names what is
  /// wrong.
  static Url parse(std::string_view text);

  const std::string& scheme() const noexcept { return scheme_; }
  /// A name, an IPv4 address, or an IPv6 address without its brackets.
  const std::string& host() const noexcept { return host_; }
  std::uint16_t port() const noexcept { return port_; }
  /// Path and query, begins with "/".
  const std::string& path() const noexcept { return path_; }

  /// Does this URL ask for TLS?
  bool is_secure() const noexcept { return scheme_ != "http"; }
  /// Is the host an address rather than a name?
  bool is_address() const noexcept;
  /// "host:port", as a Host header or a log names it; IPv6 in brackets.
  std::string authority() const;
  /// Do both lead to the same scheme, host and port?
  bool same_origin(const Url& other) const noexcept;

  /// The URL that a link on this page means: an absolute URL, "/absolute/path", "relative/path" or
  /// "" (this page). Dots in paths are kept as they are. Throws like parse.
  Url resolve(std::string_view reference) const;

  friend bool operator==(const Url&, const Url&) = default;
  friend std::strong_ordering operator<=>(const Url&, const Url&) = default;

 private:
  Url() = default;

  std::string scheme_;
  std::string host_;
  std::uint16_t port_ = 0;
  std::string path_;
};

/// The full text; a port that the scheme implies is left out.
std::string to_string(const Url& url);

/// "address:port" of a listener, as configuration writes it: "127.0.0.1:8890", "[::]:8890",
/// "localhost:0".
struct HostPort {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;

  /// Throws Error{Malformed}; a port is required, 0 is allowed.
  static HostPort parse(std::string_view text);

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// The text that HostPort::parse reads.
std::string to_string(const HostPort& where);

}  // namespace mplane
