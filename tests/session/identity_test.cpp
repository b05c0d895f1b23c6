#include "mplane/session/identity.hpp"

#include <set>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

TEST_CASE("an identity is the subject's values joined by dots, in order", "[identity]") {
  struct Row {
    SubjectName subject;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {{{{"DC", "ch"}}, {{"DC", "ethz"}}, {{"CN", "client-33"}}}, "ch.ethz.client-33"},
      {{{{"CN", "client-33"}}, {{"DC", "ethz"}}, {{"DC", "ch"}}}, "client-33.ethz.ch"},
      {{{{"O", "Foo, Inc"}}, {{"CN", "a=b"}}}, "Foo, Inc.a=b"},
      {{{{"O", "UPPER"}}, {{"CN", "MiXeD"}}}, "UPPER.MiXeD"},
      {{{{"O", ""}}, {{"CN", "x"}}}, ".x"},
      {{{{"CN", "x"}}, {{"O", ""}}}, "x."},
      {{{{"CN", "ä"}}}, "ä"},
      {SubjectName{}, ""},
  }));
  CHECK(identity_of(row.subject).text() == row.text);
}

TEST_CASE("dots and backslashes inside a value are escaped", "[identity]") {
  CHECK(identity_of({{{"O", "Test"}}, {{"CN", "a.b.c"}}}).text() == "Test.a\\.b\\.c");
  CHECK(identity_of({{{"emailAddress", "a@b.c"}}, {{"CN", "mail"}}}).text() == "a@b\\.c.mail");
  CHECK(identity_of({{{"CN", "a\\b"}}}).text() == "a\\\\b");
}

TEST_CASE("subjects that differ in where a dot belongs have different identities", "[identity]") {
  const std::set<Identity> identities{identity_of({{{"O", "a"}}, {{"CN", "b.c"}}}),
                                      identity_of({{{"O", "a.b"}}, {{"CN", "c"}}}),
                                      identity_of({{{"O", "a"}}, {{"OU", "b"}}, {{"CN", "c"}}}),
                                      identity_of({{{"O", "a\\"}}, {{"CN", "b.c"}}}),
                                      identity_of({{{"O", "a\\.b"}}, {{"CN", "c"}}})};
  CHECK(identities.size() == 5);
}

TEST_CASE("of a name with several attributes in an RDN the first counts", "[identity]") {
  CHECK(identity_of({{{"O", "Test"}, {"OU", "Multi"}}, {{"CN", "m"}}}).text() == "Test.m");
}

TEST_CASE("who comes without TLS has the unauthenticated identity", "[identity]") {
  CHECK(Identity().text() == "Identity.Unauthenticated.Default");
  CHECK(Identity() == Identity("Identity.Unauthenticated.Default"));
  CHECK(Identity() != Identity(""));
}

}  // namespace
}  // namespace mplane
