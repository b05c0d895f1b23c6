#include "certificate.hpp"

#include "support/scratch.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

std::optional<detail::CertificateFacts> facts_in(const std::string& name) {
  const std::string text = test::read_file(MPLANE_SOURCE "/tests/fuzz/corpus/certificate/" + name);
  return detail::read_certificate(std::vector<std::uint8_t>(text.begin(), text.end()));
}

}  // namespace

TEST_CASE("a certificate's subject, names and validity are read", "[tls]") {
  const auto facts = facts_in("names");
  REQUIRE(facts);
  CHECK(facts->subject == "CN=www.example.org,O=Example\\, Inc.,C=CH");
  CHECK(facts->issuer == facts->subject);
  CHECK(facts->names ==
        "www.example.org,*.example.org,192.0.2.1,2001:db8::1,a@example.org,https://example.org/");
  CHECK(*facts->not_after - *facts->not_before == std::chrono::hours(24 * 30));
  CHECK(facts_in("without-names")->names.empty());
}

TEST_CASE("what a certificate's maker wrote is printable, and of bounded length", "[tls]") {
  CHECK(facts_in("unicode")->subject == R"(CN=Z\C3\BCrich \"quoted\" \<\>\;)");
  // A name that ends early for who reads strings as C does, and one that pretends to be two.
  CHECK_THAT(facts_in("control-characters")->names,
             Catch::StartsWith(R"(www\00\ff\2cample.org,*.example.org)"));
  CHECK(facts_in("long-name")->names == std::string(4'096, 'a'));
  CHECK(facts_in("short-address")->names.find(R"(,\c0\00\02\01,)") != std::string::npos);
}

TEST_CASE("what is no certificate has no facts", "[tls]") {
  CHECK_FALSE(facts_in("empty"));
  CHECK_FALSE(facts_in("cut"));
}
