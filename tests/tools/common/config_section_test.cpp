#include "mplane/tools/config_section.hpp"

#include "mplane/tools/yaml.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

namespace {

/// A configuration file's text, and what reading it gathers.
struct Reading {
  explicit Reading(const std::string& text, const char* const file = "f.yaml")
      : root(parse_yaml(text, file, context.mistakes)), section(root, context) {}

  std::vector<std::string> mistakes() const {
    std::vector<std::string> lines;
    for (const Error& mistake : context.mistakes.all()) lines.emplace_back(mistake.what());
    return lines;
  }

  ConfigContext context;
  ConfigNode root;
  ConfigSection section;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("keys are read by their kind") {
  Reading file(
      "text: some words\nyes: true\nnumber: 7\ntime: 250ms\nsize: 16MiB\nword: b\n"
      "one: x\nmany: [x, y]\nmap: {k: v, l: [w, z]}\nbelow: {deep: 1}\nlist: [{n: 1}, {n: 2}]\n");
  CHECK(file.section.text("text") == "some words");
  CHECK(file.section.boolean("yes", false));
  CHECK(file.section.natural("number", 1, 0, 9) == 7);
  CHECK(file.section.duration("time", 1s) == 250ms);
  CHECK(file.section.bytes("size", 1) == 16'777'216);
  CHECK(file.section.choice("word", 0, {"a", "b"}) == 1);
  CHECK(file.section.texts("one") == Lines{"x"});
  CHECK(file.section.texts("many") == Lines{"x", "y"});
  const auto table = file.section.table("map");
  CHECK(table.at("k").texts == Lines{"v"});
  CHECK(table.at("l").texts == Lines{"w", "z"});
  CHECK(table.at("l").where == "f.yaml:9");
  CHECK(file.section.section("below").natural("deep", 0, 0, 9) == 1);
  auto list = file.section.sections("list");
  REQUIRE(list.size() == 2);
  CHECK(list[1].natural("n", 0, 0, 9) == 2);
  file.section.refuse_others();
  CHECK(file.mistakes().empty());
}

TEST_CASE("what is missing has its default") {
  Reading file("");
  CHECK(file.section.text("a", "words") == "words");
  CHECK(file.section.boolean("b", true));
  CHECK(file.section.natural("c", 3, 0, 9) == 3);
  CHECK(file.section.duration("d", 5s) == 5s);
  CHECK(file.section.path("e").empty());
  CHECK(file.section.texts("f", {"x", "y"}) == Lines{"x", "y"});
  CHECK(file.section.table("g").empty());
  CHECK(file.section.sections("h").empty());
  CHECK(file.section.section("i").section("j").natural("k", 4, 0, 9) == 4);
  CHECK(file.mistakes().empty());
  CHECK(file.context.keys == std::map<std::string, std::string>{{"a", "words"},
                                                                {"b", "true"},
                                                                {"c", "3"},
                                                                {"d", "5s"},
                                                                {"e", ""},
                                                                {"f", "x, y"},
                                                                {"g", ""},
                                                                {"i.j.k", "4"}});
}

TEST_CASE("a wrong value is a mistake with its line, and gives the default") {
  Reading file(
      "a: maybe\nb: 11\nc: -1\nd: soon\ne: huge\nf: c\ng: [1]\nh:\ni: {x: y}\nj: 1\nk: z\n");
  CHECK(file.section.boolean("a", true));
  CHECK(file.section.natural("b", 3, 1, 10) == 3);
  CHECK(file.section.natural("c", 3, 1, 10) == 3);
  CHECK(file.section.duration("d", 5s) == 5s);
  CHECK(file.section.bytes("e", 9) == 9);
  CHECK(file.section.choice("f", 0, {"a", "b"}) == 0);
  CHECK(file.section.text("g", "t") == "t");
  CHECK(file.section.text("h", "t") == "t");
  CHECK(file.section.texts("i").empty());
  CHECK(file.section.section("j").text("x").empty());
  CHECK(file.section.sections("k").empty());
  CHECK(file.mistakes() ==
        Lines{"f.yaml:1: 'a': \"maybe\" is neither true nor false",
              "f.yaml:2: 'b': 11 is not within 1 ... 10",
              "f.yaml:3: 'c': \"-1\" is no whole number",
              "f.yaml:4: 'd': \"soon\" is no duration, such as 5s, 1h30m or 250ms",
              "f.yaml:5: 'e': \"huge\" is no number of bytes, such as 4096, 64kB or 16MiB",
              "f.yaml:6: 'f': \"c\" is not a or b", "f.yaml:7: 'g' has to be a text, not a list",
              "f.yaml:8: 'h' has no value", "f.yaml:9: 'i' has to be a text, not a map",
              "f.yaml:10: 'j' has to be a map of keys, not a text",
              "f.yaml:11: 'k' has to be a list, not a text"});
}

TEST_CASE("an unknown key is refused with the nearest known one") {
  Reading file("lissten: x\nzebra: y\nbelow: {ports: 1}\n");
  file.section.text("listen");
  auto below = file.section.section("below");
  below.natural("port", 1, 0, 9);
  below.refuse_others();
  file.section.refuse_others();
  CHECK(file.mistakes() ==
        Lines{"f.yaml:3: unknown key \"ports\" in 'below'; did you mean \"port\"?",
              "f.yaml:1: unknown key \"lissten\"; did you mean \"listen\"?",
              "f.yaml:2: unknown key \"zebra\""});
}

TEST_CASE("a text alone may stand for a map with one key") {
  Reading file("list:\n- one\n- name: two\n  more: x\n- [three]\n");
  std::vector<std::string> names;
  for (ConfigSection& section : file.section.sections("list", "name")) {
    names.push_back(section.text("name"));
    CHECK(section.has("name") == section.is_valid());
    CHECK(section.text("more") == (names.size() == 2 ? "x" : ""));
    section.refuse_others();
  }
  CHECK(names == Lines{"one", "two", ""});
  CHECK(file.mistakes() == Lines{"f.yaml:5: 'list[]' has to be a map of keys, not a list"});
}

TEST_CASE("a relative path is seen from the file that names it") {
  Reading file("a: pki/ca.crt\nb: /etc/ca.crt\nc: ../x\n", "/etc/mplane/component.yaml");
  CHECK(file.section.path("a") == "/etc/mplane/pki/ca.crt");
  CHECK(file.section.path("b") == "/etc/ca.crt");
  CHECK(file.section.path("c") == "/etc/x");
  Reading beside("a: ca.crt\n", "component.yaml");
  CHECK(beside.section.path("a") == "ca.crt");
}

TEST_CASE("all mistakes are told at once, a line each") {
  Reading file("a: 1\nb: 2\n");
  file.section.mistake("a", "is wrong");
  file.section.mistake("b", "is wrong, too");
  file.section.attempt("a", [] { throw Error(ErrorKind::Invalid, "there", "fails"); });
  CHECK_THROWS_WITH(file.context.mistakes.raise(),
                    "f.yaml:1: is wrong\nf.yaml:1: there: fails\nf.yaml:2: is wrong, too");
  CHECK_NOTHROW(Mistakes().raise());
}
