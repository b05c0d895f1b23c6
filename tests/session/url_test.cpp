#include "mplane/session/url.hpp"

#include "mplane/model/error.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

TEST_CASE("a URL is taken apart", "[url]") {
  const Url url = Url::parse("HTTPS://Probe.Example.org:8890/capability/x?when=now%20+%201s");
  CHECK(url.scheme() == "https");
  CHECK(url.host() == "probe.example.org");
  CHECK(url.port() == 8890);
  CHECK(url.path() == "/capability/x?when=now%20+%201s");
  CHECK(url.authority() == "probe.example.org:8890");
  CHECK(url.is_secure());
  CHECK_FALSE(url.is_address());
}

TEST_CASE("URLs are written in one form", "[url]") {
  const auto [text, canonical] = GENERATE(table<std::string, std::string>({
      {"http://localhost", "http://localhost/"},
      {"http://localhost:80/", "http://localhost/"},
      {"https://LOCALHOST:443/A", "https://localhost/A"},
      {"http://127.0.0.1:8890/a/b", "http://127.0.0.1:8890/a/b"},
      {"https://[::1]:8890", "https://[::1]:8890/"},
      {"https://[2001:DB8::1]/x", "https://[2001:db8::1]/x"},
      {"http://h?q=1", "http://h/?q=1"},
      {"mplane-https://collector.example.org/p", "mplane-https://collector.example.org/p"},
      {"http://a_b-c.d/", "http://a_b-c.d/"},
      {"http://h/%2F~!$&'()*+,;=:@", "http://h/%2F~!$&'()*+,;=:@"},
  }));
  CHECK(to_string(Url::parse(text)) == canonical);
  CHECK(Url::parse(canonical) == Url::parse(text));
}

TEST_CASE("what is not a URL of ours is refused with the reason", "[url]") {
  const auto [text, reason] = GENERATE(table<std::string, std::string>({
      {"", "not a URL"},
      {"localhost:8890", "not a URL"},
      {"ftp://h/", "the scheme is none of"},
      {"file:///etc/passwd", "the scheme is none of"},
      {"http://", "the host is missing"},
      {"http:///x", "the host is missing"},
      {"http://:80/", "the host is missing"},
      {"http://user:secret@h/", "names and passwords"},
      {"http://h:0/", "port"},
      {"http://h:65536/", "port"},
      {"http://h:/", "port"},
      {"http://h:8x/", "port"},
      {"http://h:-1/", "port"},
      {"http://h:+1/", "port"},
      {"http://::1/", "needs brackets"},
      {"http://a:b:c/", "needs brackets"},
      {"http://127.0.0.256/", "not a host name or address"},
      {"http://1.2.3/", "not a host name or address"},
      {"http://a b/", "not a host name"},
      {"http://ü/", "not a host name"},
      {"http://[::1", "is not closed"},
      {"http://[::g]/", "not an IPv6 address"},
      {"http://[fe80::1%eth0]/", "not an IPv6 address"},
      {"http://[127.0.0.1]/", "not an IPv6 address"},
      {"http://[::1]x/", "only a port"},
      {"http://h/#top", "fragment"},
      {"http://h#top", "fragment"},
      {"http://h/a b", "percent-encoding"},
      {"http://h/a\r\nHost: x", "percent-encoding"},
      {"http://h/ü", "percent-encoding"},
      {"http://h/%2", "two hexadecimal digits"},
      {"http://h/%zz", "two hexadecimal digits"},
  }));
  CAPTURE(text);
  CHECK_THROWS_WITH(Url::parse(text), Catch::Contains(reason));
}

TEST_CASE("a host name longer than the name system's limit is refused", "[url]") {
  CHECK_NOTHROW(Url::parse("http://" + std::string(253, 'a') + "/"));
  CHECK_THROWS_AS(Url::parse("http://" + std::string(254, 'a') + "/"), Error);
}

TEST_CASE("a link on a page leads where a browser would go", "[url]") {
  const Url page = Url::parse("https://h:8890/show/specification?x=1");
  const auto [link, target] = GENERATE(table<std::string, std::string>({
      {"", "https://h:8890/show/specification?x=1"},
      {"/capability", "https://h:8890/capability"},
      {"result", "https://h:8890/show/result"},
      {"result/7?a=b", "https://h:8890/show/result/7?a=b"},
      {"?y=2", "https://h:8890/show/specification?y=2"},
      {"//other/x", "https://other/x"},
      {"http://other:1/x", "http://other:1/x"},
      {"/time/10:20", "https://h:8890/time/10:20"},
  }));
  CHECK(to_string(page.resolve(link)) == target);
}

TEST_CASE("a link that is no link is refused", "[url]") {
  const Url page = Url::parse("https://h/x");
  for (const char* const link : {"javascript:alert(1)", "mailto:a@b", "a b", "/a\nb", "#top"}) {
    CAPTURE(link);
    CHECK_THROWS_AS(page.resolve(link), Error);
  }
}

TEST_CASE("two URLs have the same origin when scheme, host and port agree", "[url]") {
  const Url url = Url::parse("https://h:8890/x");
  CHECK(url.same_origin(Url::parse("https://H:8890/y")));
  CHECK_FALSE(url.same_origin(Url::parse("http://h:8890/x")));
  CHECK_FALSE(url.same_origin(Url::parse("https://h/x")));
  CHECK_FALSE(url.same_origin(Url::parse("https://g:8890/x")));
}

TEST_CASE("a listener's address is read and written", "[url]") {
  CHECK(HostPort::parse("127.0.0.1:8890") == HostPort{"127.0.0.1", 8890});
  CHECK(HostPort::parse("[::]:0") == HostPort{"::", 0});
  CHECK(HostPort::parse("localhost:1") == HostPort{"localhost", 1});
  CHECK(to_string(HostPort{"::1", 443}) == "[::1]:443");
  for (const char* const text :
       {"", "8890", "localhost", "localhost:", "::1:80", "[::1]", "h:99999", "h:1/x", "a@b:1"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(HostPort::parse(text), Error);
  }
}

}  // namespace
}  // namespace mplane
