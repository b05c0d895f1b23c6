#include "mplane/session/pki.hpp"

#include "mplane/model/error.hpp"
#include "support/pki.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

const SubjectName kAuthority{{{"DC", "org"}}, {{"DC", "example"}}, {{"CN", "Authority"}}};
const SubjectName kProbe{{{"DC", "org"}}, {{"OU", "Components"}}, {{"CN", "probe.1"}}};

TEST_CASE("an issued certificate says what was asked for", "[pki]") {
  const pki::Validity validity = test::valid_today();
  const pki::Credential authority = pki::make_authority(kAuthority, validity);
  const pki::Credential probe = pki::issue(authority, {.subject = kProbe,
                                                       .dns = {"probe.example.org", "localhost"},
                                                       .ips = {"127.0.0.1", "2001:db8::1"},
                                                       .validity = validity});
  const pki::Description seen = pki::describe(probe.certificate, "probe");
  CHECK(seen.identity.text() == "org.Components.probe\\.1");
  CHECK(seen.issuer.text() == "org.example.Authority");
  CHECK(seen.dns == std::vector<std::string>{"probe.example.org", "localhost"});
  CHECK(seen.ips == std::vector<std::string>{"127.0.0.1", "2001:db8::1"});
  CHECK_FALSE(seen.is_authority);
  const auto off = seen.validity.until - validity.until;
  CHECK(std::chrono::abs(off) <= std::chrono::seconds(1));
  CHECK(pki::describe(authority.certificate, "authority").is_authority);
}

TEST_CASE("no two certificates share a serial number", "[pki]") {
  const pki::Credential authority = pki::make_authority(kAuthority, test::valid_today());
  const pki::Request request{.subject = kProbe, .validity = test::valid_today()};
  const auto serial = [&] {
    return pki::describe(pki::issue(authority, request).certificate, "probe").serial;
  };
  CHECK(serial() != serial());
}

TEST_CASE("several attributes can form one element of a name", "[pki]") {
  const pki::Credential authority =
      pki::make_authority({{{"O", "Test"}, {"OU", "Multi"}}, {{"CN", "m"}}}, test::valid_today());
  const pki::Description seen = pki::describe(authority.certificate, "authority");
  REQUIRE(seen.subject.size() == 2);
  CHECK(seen.subject[0].size() == 2);
  CHECK(seen.subject[1][0].type == "CN");
}

TEST_CASE("names that no certificate can hold are refused", "[pki]") {
  const pki::Credential authority = pki::make_authority(kAuthority, test::valid_today());
  const auto issue = [&](const pki::Request& request) { pki::issue(authority, request); };
  const pki::Validity validity = test::valid_today();
  CHECK_THROWS_AS(issue({.subject = {}, .validity = validity}), Error);
  CHECK_THROWS_AS(issue({.subject = {{{"CN", std::string(65, 'x')}}}, .validity = validity}),
                  Error);
  CHECK_THROWS_AS(issue({.subject = {{{"XX", "x"}}}, .validity = validity}), Error);
  CHECK_THROWS_WITH(issue({.subject = kProbe, .dns = {"a b"}, .validity = validity}),
                    Catch::Contains("\"a b\" is not a host name"));
  CHECK_THROWS_WITH(issue({.subject = kProbe, .ips = {"1.2.3"}, .validity = validity}),
                    Catch::Contains("\"1.2.3\" is not an IP address"));
}

TEST_CASE("only an authority issues certificates", "[pki]") {
  const pki::Credential authority = pki::make_authority(kAuthority, test::valid_today());
  const pki::Request request{.subject = kProbe, .validity = test::valid_today()};
  const pki::Credential probe = pki::issue(authority, request);
  CHECK_THROWS_AS(pki::issue(probe, request), Error);
  CHECK_THROWS_AS(pki::issue({authority.certificate, probe.key}, request), Error);
  CHECK_THROWS_AS(pki::issue({"nonsense", authority.key}, request), Error);
}

TEST_CASE("what is no certificate is not described", "[pki]") {
  CHECK_THROWS_WITH(pki::describe("nonsense", "x.crt"), "x.crt: holds no PEM certificate");
}

}  // namespace
}  // namespace mplane
