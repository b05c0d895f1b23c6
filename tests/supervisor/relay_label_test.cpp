#include "relay_label.hpp"

#include <string>

#include <catch2/catch.hpp>

using mplane::detail::fingerprint;
using mplane::detail::relay_label;

namespace {
const std::string kPattern = "{label}@{component}";
}

TEST_CASE("a relay says what and whose it is", "[supervisor][label]") {
  CHECK(relay_label(kPattern, "ping", "org.example.probe") == "ping@org.example.probe");
  CHECK(relay_label("{component}.{label}", "ping", "a") == "a.ping");
}

TEST_CASE("a fingerprint is the same everywhere", "[supervisor][label]") {
  CHECK(fingerprint("") == "cbf29ce484222325");
  CHECK(fingerprint("a") == "af63dc4c8601ec8c");
  CHECK(fingerprint("foobar") == "85944171f73967e8");
}

TEST_CASE("names that no label can say are told apart by a fingerprint", "[supervisor][label]") {
  const std::string blank = relay_label(kPattern, "ping", "a b");
  CHECK(blank == "ping@a_b-" + fingerprint("a b"));
  CHECK(relay_label(kPattern, "ping", "a_b") == "ping@a_b");
  CHECK(relay_label(kPattern, "ping", "a/b") != blank);
  CHECK(relay_label(kPattern, "ping", "::1") == "ping@__1-" + fingerprint("::1"));
}

TEST_CASE("long names are cut, and still differ", "[supervisor][label]") {
  const std::string common(200, 'x');
  const std::string a = relay_label(kPattern, "ping", common + "a");
  const std::string b = relay_label(kPattern, "ping", common + "b");
  CHECK(a.size() == 128);
  CHECK(a != b);
}

TEST_CASE("a pattern that names no component does not make two the same", "[supervisor][label]") {
  CHECK(relay_label("{label}", "ping", "a") != relay_label("{label}", "ping", "b"));
}
