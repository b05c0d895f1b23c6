// RFC 3986, as far as it says what is no URL; schemes are not judged.
//
//     url       = scheme ":" ("//" authority [path] | path) ["?" query] ["#" fragment]
//     authority = [userinfo "@"] host [":" port]       the host may be empty for scheme "file" only

#include "mplane/model/uri.hpp"

#include "mplane/model/address.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "scanner.hpp"

#include <algorithm>
#include <cstddef>

namespace mplane {
namespace {

using detail::is_digit;

constexpr bool is_letter(const char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool is_hex(const char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr char lower(const char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(const std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

[[noreturn]] void refuse(const std::string_view text, const std::string_view reason) {
  throw Error(ErrorKind::Malformed, {}, quoted(text) + " is not a URL: " + std::string(reason));
}

std::string_view scheme_of(const std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) refuse(text, "it has no scheme such as http:");
  const std::string_view scheme = text.substr(0, colon);
  const bool fits = std::all_of(scheme.begin(), scheme.end(), [](const char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
  if (scheme.empty() || !is_letter(scheme[0]) || !fits) {
    refuse(text, "what stands before the colon is no scheme");
  }
  return scheme;
}

// Reserved, unreserved or escaped; brackets are for the host alone, a '#' comes once.
void check_characters(const std::string_view text, const std::string_view rest) {
  constexpr std::string_view kMarks = "-._~:/?@!$&'()*+,;=#[]";
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '%') {
      const bool is_escape = i + 2 < rest.size() && is_hex(rest[i + 1]) && is_hex(rest[i + 2]);
      if (!is_escape) refuse(text, "a % is not followed by two hexadecimal digits");
    } else if (!is_letter(c) && !is_digit(c) && kMarks.find(c) == std::string_view::npos) {
      refuse(text, "the character " + quoted({&c, 1}) + " has to be escaped");
    }
  }
  const auto count = std::count(rest.begin(), rest.end(), '#');
  if (count > 1) refuse(text, "a second # has to be escaped");
}

void check_port(const std::string_view text, const std::string_view port) {
  constexpr unsigned kMost = 65535;
  unsigned number = 0;
  for (const char c : port) {
    if (is_digit(c)) number = number * 10 + static_cast<unsigned>(c - '0');
    if (!is_digit(c) || number > kMost) refuse(text, "the port is not a number up to 65535");
  }
}

void check_ip6_host(const std::string_view text, const std::string_view host) {
  try {
    Ip6::parse(host);
  } catch (const Error&) {
    refuse(text, "what stands in brackets is no IPv6 address");
  }
}

bool has_bracket(const std::string_view text) noexcept {
  return text.find_first_of("[]") != std::string_view::npos;
}

void check_authority(const std::string_view text, std::string_view authority,
                     const bool may_be_empty) {
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  std::string_view after_host;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) refuse(text, "a bracket of the host is not closed");
    check_ip6_host(text, authority.substr(1, end - 1));
    after_host = authority.substr(end + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    if (colon == 0 && !may_be_empty) refuse(text, "the host is missing");
    if (has_bracket(authority)) refuse(text, "brackets stand around an IPv6 address only");
    after_host = authority.substr(colon);
  }
  if (after_host.empty()) return;
  if (after_host[0] != ':') refuse(text, "what follows the host is no port");
  check_port(text, after_host.substr(1));
}

}  // namespace

Uri Uri::parse(const std::string_view text) {
  const std::string_view scheme = scheme_of(text);
  std::string_view rest = text.substr(scheme.size() + 1);
  if (rest.empty()) refuse(text, "nothing follows the scheme");
  check_characters(text, rest);
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    check_authority(text, authority, lower(scheme) == "file");
    rest.remove_prefix(authority.size());
  }
  if (has_bracket(rest)) refuse(text, "a bracket outside the host has to be escaped");
  return Uri(std::string(text));
}

std::string Uri::scheme() const {
  return lower(std::string_view(text_).substr(0, text_.find(':')));
}

}  // namespace mplane
