#include "relay_label.hpp"

#include "mplane/model/detail/label.hpp"
#include "mplane/model/detail/md5.hpp"

#include <string>
#include <utility>

#include <catch2/catch.hpp>

using mplane::detail::is_label;
using mplane::detail::md5_hex;
using mplane::detail::relay_label;

namespace {
const std::string kPattern = "{label}@{component}";
}

TEST_CASE("a relay says what and whose it is", "[supervisor][label]") {
  CHECK(relay_label(kPattern, "ping", "org.example.probe") == "ping@org.example.probe");
  CHECK(relay_label(kPattern, "ping", "probe-7") == "ping@probe-7");
  CHECK(relay_label(kPattern, "ping@probe", "supervisor") == "ping@probe@supervisor");
  CHECK(relay_label("{component}.{label}", "ping", "a") == "a.ping");
  CHECK(relay_label("net.{component}.{label}-x", "ping", "a") == "net.a.ping-x");
}

TEST_CASE("names that no label can say are told apart by a mark", "[supervisor][label]") {
  const std::string blank = relay_label(kPattern, "ping", "a b");
  CHECK(blank == "ping@a_b-" + md5_hex("ping\na b"));
  CHECK(relay_label(kPattern, "ping", "a_b") == "ping@a_b");
  CHECK(relay_label(kPattern, "ping", "::1") == "ping@__1-" + md5_hex("ping\n::1"));
}

TEST_CASE("no two are called the same", "[supervisor][label]") {
  using Names = std::pair<std::string, std::string>;  // label and component
  struct Case {
    std::string why;
    std::string pattern;
    Names a;
    Names b;
  };
  const std::string common(111, 'x');
  const std::string marked = relay_label(kPattern, "ping", "a b").substr(5);
  const Case cases[] = {
      {"no component in the pattern", "{label}", {"ping", "a"}, {"ping", "b"}},
      {"no label in the pattern", "{component}", {"ping", "a"}, {"trace", "a"}},
      {"nothing in the pattern", "relay", {"ping", "a"}, {"trace", "b"}},
      {"a word twice", "{label}{label}{component}", {"a", "aab"}, {"aa", "b"}},
      {"nothing between them", "{label}{component}", {"ping", "a"}, {"pin", "ga"}},
      {"letters that become the same", kPattern, {"ping", "a b"}, {"ping", "a/b"}},
      {"labels that begin the same", kPattern, {common + "a", "probe"}, {common + "b", "probe"}},
      {"components that begin the same", kPattern, {"ping", common + "a"}, {"ping", common + "b"}},
      {"the dot of the pattern in names", "{component}.{label}", {"b.c", "a"}, {"c", "a.b"}},
      {"an impostor's label", kPattern, {"loop@probe", "site"}, {"loop", "probe@site"}},
      {"text that may begin earlier", "{label}--{component}", {"a-", "b"}, {"a", "-b"}},
      {"an impostor with a mark in its name", kPattern, {"ping", "a b"}, {"ping", marked}},
  };
  for (const Case& each : cases) {
    CAPTURE(each.why);
    const std::string a = relay_label(each.pattern, each.a.first, each.a.second);
    const std::string b = relay_label(each.pattern, each.b.first, each.b.second);
    CHECK(is_label(a));
    CHECK(is_label(b));
    CHECK(a != b);
    CHECK(a == relay_label(each.pattern, each.a.first, each.a.second));
  }
}
