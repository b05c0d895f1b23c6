#include "mplane/session/pattern.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace mplane;

TEST_CASE("a pattern matches whole texts, a star any part") {
  struct Row {
    const char* pattern;
    const char* text;
    bool matches;
  };
  const Row rows[] = {
      {"org.a", "org.a", true},
      {"org.a", "org.ab", false},
      {"org.a", "xorg.a", false},
      {"org.*", "org.", true},
      {"org.*", "org.a.b", true},
      {"org.*", "or", false},
      {"*", "", true},
      {"*", "anything", true},
      {"", "", true},
      {"", "a", false},
      {"*.a", "x.a", true},
      {"*.a", "x.a.b", false},
      {"a*b*c", "a1b2c", true},
      {"a*b*c", "abbc", true},
      {"a*b*c", "acb", false},
      {"**a**", "a", true},
      {"*ab", "aab", true},
      {"a.c", "abc", false},
      {"org\\.x", "org\\.x", true},
      {"a*a", "a", false},
      {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaa", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.text);
    CHECK(matches(row.pattern, row.text) == row.matches);
  }
}
