#include "mplane/model/quoted.hpp"

#include <string>
#include <utility>

#include <catch2/catch.hpp>

using mplane::quoted;
using namespace std::string_literals;

TEST_CASE("a text is shown in quotes, what would disturb a log escaped", "[quoted]") {
  const std::pair<std::string, std::string> cases[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"say \"hi\" \\", R"("say \"hi\" \\")"},
      {"a\nb\tc\rd", R"("a\nb\tc\x0dd")"},
      {"nul\0"s, R"("nul\x00")"},
      {"\x1b[31m\x7f", R"("\x1b[31m\x7f")"},
      {"Zürich…", R"("Zürich…")"},
      {"c1\xC2\x9B", R"("c1\xc2\x9b")"},
      {"bad\xFF\xC3(", R"("bad\xff\xc3(")"},
      {"cut\xE2\x82", R"("cut\xe2\x82")"},
  };
  for (const auto& [text, shown] : cases) CHECK(quoted(text) == shown);
}

TEST_CASE("a long text is cut between two characters", "[quoted]") {
  CHECK(quoted(std::string(100, 'x')) == "\"" + std::string(100, 'x') + "\"");
  CHECK(quoted(std::string(101, 'x')) == "\"" + std::string(100, 'x') + "…\"");
  CHECK(quoted(std::string(64 << 20, 'x')).size() == 105);
  std::string umlauts;
  for (int i = 0; i < 99; ++i) umlauts += "ü";
  CHECK(quoted("x" + umlauts) == "\"x" + umlauts.substr(0, 100) + "…\"");
}
