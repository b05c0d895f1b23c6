#include "http_url.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/model/uri.hpp"
#include "mplane/probes/common/host_target.hpp"

#include <charconv>
#include <memory>

#include <curl/curl.h>

namespace mplane::detail {
namespace {

struct Free {
  void operator()(CURLU* url) const noexcept { ::curl_url_cleanup(url); }
};

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw Error(ErrorKind::Invalid, "parameters/destination.url", quoted(text) + " " + why);
}

std::string part(CURLU* url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (::curl_url_get(url, what, &text, flags) != CURLUE_OK) return {};
  std::string copy = text;
  ::curl_free(text);
  return copy;
}

}  // namespace

HttpUrl parse_http_url(const std::string& text) {
  const std::unique_ptr<CURLU, Free> url(::curl_url());
  if (url == nullptr || ::curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    refuse(text, "is no URL");
  }
  for (const CURLUPart private_part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT}) {
    ::curl_url_set(url.get(), private_part, nullptr, 0);
  }
  HttpUrl parsed;
  const std::string scheme = part(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") refuse(text, "is neither http nor https");
  parsed.secure = scheme == "https";
  parsed.text = part(url.get(), CURLUPART_URL);
  parsed.host = part(url.get(), CURLUPART_HOST);
  if (parsed.host.starts_with('[')) parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  const std::string port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), parsed.port);
  if (!is_host_name(parsed.host) || parsed.port == 0) refuse(text, "has no host to ask");
  try {
    Uri::parse(parsed.text);  // results tell it
  } catch (const Error& error) {
    refuse(text, "is no URL: " + error.message());
  }
  return parsed;
}

}  // namespace mplane::detail
