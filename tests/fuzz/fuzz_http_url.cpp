// A text as the URL of a request, as clients and redirects have it: what is taken says where to
// connect, holds no password, and means the same when it is read again.
#include "http_url.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probes/common/host_target.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mplane;
  try {
    const auto url = detail::parse_http_url(std::string(reinterpret_cast<const char*>(data), size));
    require(url.port > 0 && is_host_name(url.host));
    require(url.text.starts_with(url.secure ? "https://" : "http://"));
    require(url.text.find('#') == std::string::npos);
    const auto again = detail::parse_http_url(url.text);
    require(again.text == url.text && again.host == url.host && again.port == url.port);
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::Invalid);
  }
  return 0;
}
