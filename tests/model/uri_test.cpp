#include "mplane/model/uri.hpp"

#include "error_of.hpp"

#include <string>
#include <string_view>
#include <utility>

using mplane::ErrorKind;
using mplane::Uri;

TEST_CASE("a URL is kept as it was given", "[uri]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"http://example.com/", "http"},
      {"HTTP://Example.COM:8080/a;b=c/%7Euser?q=1,2&r#part", "http"},
      {"https://user:secret@example.com", "https"},
      {"mplane-https://collector.example:8888/result", "mplane-https"},
      {"http://127.0.0.1:65535", "http"},
      {"http://[::1]/x", "http"},
      {"http://[2001:db8::1]:8888", "http"},
      {"http://example.com:/", "http"},
      {"ftp://x", "ftp"},
      {"file:///etc/hostname", "file"},
      {"FILE:///x", "file"},
      {"mailto:someone@example.com", "mailto"},
      {"urn:ietf:rfc:3986", "urn"},
      {"a+b-c.1:x", "a+b-c.1"},
      {"http:/only-a-path", "http"},
      {"http://example.com?query", "http"},
      {"http://example.com#", "http"},
  };
  for (const auto& [text, scheme] : cases) {
    CAPTURE(text);
    const Uri uri = Uri::parse(text);
    CHECK(uri.text() == text);
    CHECK(uri.scheme() == scheme);
  }
  CHECK(Uri::parse("http://a/") == Uri::parse("http://a/"));
  CHECK(Uri::parse("http://a/") != Uri::parse("http://A/"));
}

TEST_CASE("what is no URL is refused with the reason", "[uri]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "it has no scheme"},
      {"not a url", "it has no scheme"},
      {"example.com", "it has no scheme"},
      {"//example.com/", "it has no scheme"},
      {":x", "what stands before the colon is no scheme"},
      {"1http://x", "what stands before the colon is no scheme"},
      {"ht tp://x", "what stands before the colon is no scheme"},
      {"http:", "nothing follows the scheme"},
      {"http://", "the host is missing"},
      {"http:///x", "the host is missing"},
      {"http://:80/", "the host is missing"},
      {"http://user@/x", "the host is missing"},
      {"http://?x", "the host is missing"},
      {"http://a b/", R"(the character " " has to be escaped)"},
      {"http://a/\n", R"(the character "\n" has to be escaped)"},
      {"http://a/ü", "has to be escaped"},
      {"http://a/<x>", R"(the character "<" has to be escaped)"},
      {"http://a/\"", "has to be escaped"},
      {"http://a/%", "a % is not followed by two hexadecimal digits"},
      {"http://a/%4", "a % is not followed by two hexadecimal digits"},
      {"http://a/%4g", "a % is not followed by two hexadecimal digits"},
      {"http://a/#b#c", "a second # has to be escaped"},
      {"http://a:65536/", "the port is not a number up to 65535"},
      {"http://a:8a/", "the port is not a number up to 65535"},
      {"http://a:-1/", "the port is not a number up to 65535"},
      {"http://a:99999999999999999999/", "the port is not a number up to 65535"},
      {"http://::1/", "the host is missing"},
      {"http://[::1/", "a bracket of the host is not closed"},
      {"http://[]/", "what stands in brackets is no IPv6 address"},
      {"http://[1.2.3.4]/", "what stands in brackets is no IPv6 address"},
      {"http://[::1]x/", "what follows the host is no port"},
      {"http://a[::1]/", "brackets stand around an IPv6 address only"},
      {"http://a/[x]", "a bracket outside the host has to be escaped"},
      {"x:[y]", "a bracket outside the host has to be escaped"},
  };
  for (const auto& [text, reason] : cases) {
    CAPTURE(text);
    const auto error = error_of([&text = text] { Uri::parse(text); });
    CHECK(error.kind() == ErrorKind::Malformed);
    CHECK_THAT(error.message(), Catch::Contains(std::string(reason)));
  }
}
