#include "mplane/session/url.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <optional>

// url       = scheme "://" authority [ path ] [ "?" query ]
// scheme    = "http" | "https" | "mplane-https"          in any case
// authority = ( name | ipv4 | "[" ipv6 "]" ) [ ":" port ]
// name      = 1 to 253 of letters, digits, "-", "." and "_"
// path, query: visible ASCII but " < > \ ^ ` { | } #, with "%" followed by two hexadecimal digits

namespace mplane {
namespace {

struct Scheme {
  std::string_view name;
  std::uint16_t port;
};
constexpr std::array<Scheme, 3> kSchemes{{{"http", 80}, {"https", 443}, {"mplane-https", 443}}};
constexpr std::size_t kMaxName = 253;  // RFC 1035, section 2.3.4, without the root's dot

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  constexpr std::size_t kShown = 200;
  throw Error(ErrorKind::Malformed, std::string(text.substr(0, kShown)), std::string(why));
}

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool is_ip4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ip6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_name(const std::string& host) {
  if (host.empty() || host.size() > kMaxName) return false;
  // What looks like an IPv4 address has to be one: "127.0.0.256" must not go to the name server.
  const bool numeric = host.find_first_not_of("0123456789.") == std::string::npos;
  if (numeric) return is_ip4(host);
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end) return std::nullopt;
  return port;
}

struct Authority {
  std::string host;
  std::optional<std::string_view> port;
};

Authority parse_authority(std::string_view authority, std::string_view whole) {
  if (authority.find('@') != std::string_view::npos) {
    refuse(whole, "names and passwords have no place in a URL; certificates say who we are");
  }
  if (authority.substr(0, 1) == "[") {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) refuse(whole, "a \"[\" is not closed");
    Authority result{lower(authority.substr(1, close - 1)), std::nullopt};
    if (!is_ip6(result.host)) refuse(whole, "not an IPv6 address in the brackets");
    const std::string_view rest = authority.substr(close + 1);
    if (!rest.empty() && rest[0] != ':') refuse(whole, "only a port can follow the bracket");
    if (!rest.empty()) result.port = rest.substr(1);
    return result;
  }
  const std::size_t colon = authority.find(':');
  if (colon != authority.rfind(':')) refuse(whole, "an IPv6 address needs brackets, as in [::1]");
  Authority result{lower(authority.substr(0, colon)), std::nullopt};
  if (result.host.empty()) refuse(whole, "the host is missing");
  if (!is_name(result.host)) refuse(whole, "not a host name or address");
  if (colon != std::string_view::npos) result.port = authority.substr(colon + 1);
  return result;
}

void check_path(std::string_view path, std::string_view whole) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == '#') refuse(whole, "a fragment (\"#…\") has no meaning here");
    if (c == '%' && !(i + 2 < path.size() && is_hex(path[i + 1]) && is_hex(path[i + 2]))) {
      refuse(whole, "a \"%\" is not followed by two hexadecimal digits");
    }
    constexpr std::string_view kForbidden = "\"<>\\^`{|}";
    if (c <= ' ' || c > '~' || kForbidden.find(c) != std::string_view::npos) {
      refuse(whole, "the path has a character that needs percent-encoding");
    }
  }
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

const Scheme* find_scheme(std::string_view name) {
  const auto* const scheme = std::find_if(kSchemes.begin(), kSchemes.end(),
                                          [&](const Scheme& s) { return s.name == name; });
  return scheme == kSchemes.end() ? nullptr : scheme;
}

}  // namespace

Url Url::parse(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos)
    refuse(text, "not a URL: it begins with http:// or https://");
  Url url;
  url.scheme_ = lower(text.substr(0, colon));
  const Scheme* const scheme = find_scheme(url.scheme_);
  if (scheme == nullptr) refuse(text, "the scheme is none of http, https, mplane-https");

  const std::string_view rest = text.substr(colon + 3);
  const std::size_t slash = std::min(rest.find_first_of("/?#"), rest.size());
  Authority authority = parse_authority(rest.substr(0, slash), text);
  url.host_ = std::move(authority.host);
  const auto port = authority.port ? parse_port(*authority.port) : scheme->port;
  if (!port || *port == 0) refuse(text, "the port is no number from 1 to 65535");
  url.port_ = *port;

  check_path(rest.substr(slash), text);
  url.path_ = rest.substr(slash);
  if (url.path_.empty() || url.path_.front() != '/') url.path_.insert(0, 1, '/');
  return url;
}

bool Url::is_address() const noexcept {
  return host_.find_first_not_of("0123456789.") == std::string::npos ||
         host_.find(':') != std::string::npos;
}

std::string Url::authority() const { return bracketed(host_) + ":" + std::to_string(port_); }

bool Url::same_origin(const Url& other) const noexcept {
  return scheme_ == other.scheme_ && host_ == other.host_ && port_ == other.port_;
}

Url Url::resolve(std::string_view reference) const {
  if (reference.empty()) return *this;
  if (reference.substr(0, reference.find('/')).find(':') != std::string_view::npos) {
    return parse(reference);
  }
  if (reference.substr(0, 2) == "//") return parse(scheme_ + ":" + std::string(reference));
  check_path(reference, reference);
  Url result = *this;
  const std::string_view page = std::string_view(path_).substr(0, path_.find('?'));
  if (reference[0] == '/') {
    result.path_ = reference;
  } else if (reference[0] == '?') {
    result.path_ = std::string(page) + std::string(reference);
  } else {
    result.path_ = std::string(page.substr(0, page.rfind('/') + 1)) + std::string(reference);
  }
  return result;
}

std::string to_string(const Url& url) {
  const Scheme* const scheme = find_scheme(url.scheme());
  const bool implied = scheme != nullptr && scheme->port == url.port();
  return url.scheme() + "://" + (implied ? bracketed(url.host()) : url.authority()) + url.path();
}

HostPort HostPort::parse(std::string_view text) {
  const Authority authority = parse_authority(text, text);
  if (!authority.port) refuse(text, "the port is missing: write address:port");
  const auto port = parse_port(*authority.port);
  if (!port) refuse(text, "the port is no number from 0 to 65535");
  return {authority.host, *port};
}

std::string to_string(const HostPort& where) {
  return bracketed(where.host) + ":" + std::to_string(where.port);
}

}  // namespace mplane
