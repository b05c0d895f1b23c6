#include "mplane/probe/target_policy.hpp"

#include "mplane/model/error.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

std::vector<Address> prefixes(const std::vector<std::string>& texts) {
  std::vector<Address> parsed;
  for (const std::string& text : texts) parsed.push_back(Address::parse(text));
  return parsed;
}

bool admitted(const TargetPolicy& policy, const std::string& target) {
  return policy.objection(Address::parse(target)).empty();
}

}  // namespace

TEST_CASE("without lists the public internet may be measured, and nothing else", "[targets]") {
  const TargetPolicy policy;
  for (const char* const target : {"8.8.8.8", "1.1.1.1", "223.255.255.254", "172.15.255.255",
                                   "2606:4700::1", "2a00::1", "::ffff:808:808"}) {
    CAPTURE(target);
    CHECK(admitted(policy, target));
  }
  for (const char* const target : {"127.0.0.1",
                                   "10.1.2.3",
                                   "172.16.0.1",
                                   "172.31.255.255",
                                   "192.168.0.1",
                                   "169.254.1.1",
                                   "100.64.0.1",
                                   "0.0.0.0",
                                   "192.0.2.1",
                                   "198.18.0.1",
                                   "224.0.0.1",
                                   "239.255.255.255",
                                   "255.255.255.255",
                                   "::1",
                                   "::",
                                   "fe80::1",
                                   "fc00::1",
                                   "fdff::1",
                                   "ff02::1",
                                   "2001:db8::1",
                                   "::ffff:7f00:1",
                                   "::ffff:a00:1",
                                   "::7f00:1",
                                   "64:ff9b::7f00:1",
                                   "2002:7f00:1::1",
                                   "2001:0:1::1",
                                   "0.0.0.0/0",
                                   "8.0.0.0/5",
                                   "::/0",
                                   "126.0.0.0/7",
                                   "::ffff:0:0/96",
                                   "::ffff:7f00:0/120"}) {
    CAPTURE(target);
    CHECK_FALSE(admitted(policy, target));
  }
}

TEST_CASE("a range that is not public is allowed by a prefix inside it", "[targets]") {
  const TargetPolicy policy(
      {.allow = prefixes({"0.0.0.0/0", "127.0.0.0/8", "10.1.0.0/16", "::1/128"})});
  CHECK(admitted(policy, "127.0.0.1"));
  CHECK(admitted(policy, "::ffff:7f00:1"));
  CHECK(admitted(policy, "10.1.255.255"));
  CHECK(admitted(policy, "10.1.128.0/17"));
  CHECK(admitted(policy, "8.8.8.8"));
  CHECK(admitted(policy, "::1"));
  CHECK_FALSE(admitted(policy, "10.2.0.1"));
  CHECK_FALSE(admitted(policy, "10.0.0.0/8"));
  CHECK_FALSE(admitted(policy, "fe80::1"));
  CHECK_FALSE(admitted(policy, "2606:4700::1"));
}

TEST_CASE("a list of what is allowed leaves everything else out", "[targets]") {
  const TargetPolicy policy({.allow = prefixes({"127.0.0.1", "203.0.113.0/24"})});
  CHECK(admitted(policy, "127.0.0.1"));
  CHECK(admitted(policy, "203.0.113.9"));
  CHECK_FALSE(admitted(policy, "127.0.0.2"));
  CHECK_FALSE(admitted(policy, "8.8.8.8"));
  CHECK_FALSE(admitted(TargetPolicy({.allow = {}}), "8.8.8.8"));
}

TEST_CASE("what is denied stays denied, whatever is allowed", "[targets]") {
  const TargetPolicy policy({.allow = prefixes({"0.0.0.0/0", "10.1.2.3"}),
                             .deny = prefixes({"10.0.0.0/8", "8.8.8.8", "::ffff:101:101"})});
  CHECK_FALSE(admitted(policy, "10.1.2.3"));
  CHECK_FALSE(admitted(policy, "8.8.8.8"));
  CHECK_FALSE(admitted(policy, "::ffff:808:808"));
  CHECK_FALSE(admitted(policy, "1.1.1.1"));
  CHECK_FALSE(admitted(policy, "8.8.0.0/16"));  // one of its hosts is denied
  CHECK(admitted(policy, "8.8.4.4"));
}

TEST_CASE("a refused target is named, with the range that it is in", "[targets]") {
  try {
    TargetPolicy().check(Address::parse("127.0.0.1"));
    FAIL("it was let through");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Refused);
    CHECK_THAT(error.message(), Catch::Contains("127.0.0.1 is in 127.0.0.0/8 (loopback)"));
  }
  CHECK_NOTHROW(TargetPolicy().check(Address::parse("9.9.9.9")));
}
