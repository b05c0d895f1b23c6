#pragma once

#include <cstdint>
#include <string>

namespace mplane::detail {

/// What of a URL says where to connect. A value.
struct HttpUrl {
  std::string text;  ///< all of it, without user, password and fragment
  std::string host;  ///< a name, or an address without brackets
  std::uint16_t port = 0;
  bool secure = false;
};

/// @throws Error{Invalid} naming the URL that is not http or https, or has no host.
HttpUrl parse_http_url(const std::string& text);

}  // namespace mplane::detail
