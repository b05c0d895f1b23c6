#include "mplane/session/access.hpp"

#include "mplane/model/error.hpp"

#include <catch2/catch.hpp>

namespace mplane {
namespace {

const Identity kGuest("org.mplane.Test.Clients.Client-1");
const Identity kAdmin("org.mplane.Test.Supervisors.S-1");

AccessControl access() {
  return {{{kGuest.text(), {"guest"}}, {kAdmin.text(), {"admin", "guest"}}, {"org.none", {}}},
          {{"ping", {"guest", "admin"}}, {"secret", {"admin"}}, {"0123abcd", {"guest"}}}};
}

TEST_CASE("a peer may use a capability when one of its roles may", "[access]") {
  CHECK(access().allows(kGuest, "ping", "t"));
  CHECK(access().allows(kAdmin, "ping", "t"));
  CHECK(access().allows(kAdmin, "secret", "t"));
  CHECK_FALSE(access().allows(kGuest, "secret", "t"));
}

TEST_CASE("what is not allowed is refused", "[access]") {
  CHECK_FALSE(access().allows(kGuest, "other", "t"));
  CHECK_FALSE(access().allows(Identity("org.none"), "ping", "t"));
  CHECK_FALSE(access().allows(Identity("org.unknown"), "ping", "t"));
  CHECK_FALSE(access().allows(Identity(), "ping", "t"));
  CHECK_FALSE(AccessControl().allows(kAdmin, "ping", "t"));
}

TEST_CASE("a star in the table stands for any text of a label", "[access]") {
  const AccessControl access({{kGuest.text(), {"guest"}}, {kAdmin.text(), {"admin"}}},
                             {{"ping@*", {"guest"}}, {"*", {"admin"}}, {"ping@b", {"nobody"}}});
  CHECK(access.allows(kGuest, "ping@a", "t"));
  CHECK(access.allows(kGuest, "ping@b", "t"));
  CHECK_FALSE(access.allows(kGuest, "ping", "t"));
  CHECK_FALSE(access.allows(kGuest, "traceroute@a", "t"));
  CHECK(access.allows(kAdmin, "traceroute@a", "t"));
  CHECK_FALSE(access.allows(Identity("org.unknown"), "ping@a", "t"));
  CHECK_FALSE(access.allows(kGuest, "secret", "ping@a"));
  CHECK_FALSE(access.allows(kAdmin, "", "0123abcd"));
}

TEST_CASE("labels, tokens and identities match whole", "[access]") {
  for (const char* const label : {"ping-detail", "my-ping", "pin", "Ping", "ping ", "", "secre"}) {
    CAPTURE(label);
    CHECK_FALSE(access().allows(kAdmin, label, "t"));
  }
  CHECK_FALSE(access().allows(Identity(kGuest.text() + ".x"), "ping", "t"));
  CHECK_FALSE(access().allows(Identity("Client-1"), "ping", "t"));
  CHECK_FALSE(access().allows(kGuest, "other", "0123abc"));
}

TEST_CASE("a capability can be authorized by its token, with or without a label", "[access]") {
  CHECK(access().allows(kGuest, "other", "0123abcd"));
  CHECK(access().allows(kGuest, "", "0123abcd"));
}

TEST_CASE("open access has to be asked for by name", "[access]") {
  CHECK(AccessControl::open().allows(Identity(), "anything", ""));
  CHECK(AccessControl::open().is_open());
  CHECK_FALSE(AccessControl().is_open());
}

TEST_CASE("tables without names are refused", "[access]") {
  using Table = AccessControl::Table;
  CHECK_THROWS_AS(AccessControl(Table{{"", {"guest"}}}, Table{}), Error);
  CHECK_THROWS_AS(AccessControl(Table{}, Table{{"", {"guest"}}}), Error);
  CHECK_THROWS_WITH(AccessControl(Table{{"org.x", {""}}}, Table{}),
                    "roles/org.x: a role has no name");
}

TEST_CASE("role names are separated by commas, spaces around them do not count", "[access]") {
  using Names = AccessControl::RoleNames;
  CHECK(parse_role_names("guest, admin") == Names{"admin", "guest"});
  CHECK(parse_role_names(" guest ") == Names{"guest"});
  CHECK(parse_role_names("night watch,admin") == Names{"admin", "night watch"});
  CHECK(parse_role_names("").empty());
  CHECK(parse_role_names("  ").empty());
  CHECK_THROWS_AS(parse_role_names("guest,,admin"), Error);
  CHECK_THROWS_AS(parse_role_names("guest,"), Error);
}

}  // namespace
}  // namespace mplane
