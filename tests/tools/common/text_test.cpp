#include "mplane/tools/text.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using Align = TextTable::Align;

TEST_CASE("what could steer a terminal is not shown", "[mpcli][text]") {
  struct Case {
    std::string text;
    std::string shown;
  };
  const std::vector<Case> cases{
      {"", ""},
      {"plain", "plain"},
      {"wörld 世界 😀", "wörld 世界 😀"},
      {"a\nb\tc", "a?b?c"},
      {"\x1b[2J", "?[2J"},
      {"\x7f", "?"},
      {"\xc2\x9b"
       "31m",
       "??31m"},
      {"\xc2\xa0", "\xc2\xa0"},
      {"cut \xe4\xb8", "cut ??"},
      {"\xff\xfe", "??"},
      {"\xc0\x80", "??"},
      {std::string("\0", 1), "?"},
  };
  for (const auto& [text, shown] : cases) CHECK(printable(text) == shown);
}

TEST_CASE("characters count, not bytes", "[mpcli][text]") {
  CHECK(width_of("") == 0);
  CHECK(width_of("abc") == 3);
  CHECK(width_of("wörld") == 5);
}

TEST_CASE("columns are as wide as what is in them", "[mpcli][text]") {
  TextTable table({Align::Left, Align::Right, Align::Left});
  table.add({"name", "delay", "note"});
  table.add({"wörld", "7", ""});
  table.add({"x", "123456", "ok"});
  CHECK(table.to_string() ==
        "name    delay  note\n"
        "wörld       7\n"
        "x      123456  ok\n");
  CHECK(table.width() == 19);
  CHECK(table.to_records() ==
        "name   wörld\n"
        "delay  7\n"
        "note\n"
        "\n"
        "name   x\n"
        "delay  123456\n"
        "note   ok\n");
}

TEST_CASE("an empty table is empty", "[mpcli][text]") {
  const TextTable table({Align::Left});
  CHECK(table.to_string().empty());
  CHECK(table.to_records().empty());
}
