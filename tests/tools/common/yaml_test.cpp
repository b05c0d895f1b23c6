#include "mplane/tools/yaml.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

std::vector<std::string> mistakes_in(const std::string& text) {
  Mistakes mistakes;
  parse_yaml(text, "f", mistakes);
  std::vector<std::string> lines;
  for (const Error& mistake : mistakes.all()) lines.emplace_back(mistake.what());
  return lines;
}

std::string json_of(const std::string& text) {
  Mistakes mistakes;
  const ConfigNode root = parse_yaml(text, "f", mistakes);
  mistakes.raise();
  return to_json(root);
}

}  // namespace

TEST_CASE("YAML becomes JSON") {
  struct Row {
    const char* yaml;
    const char* json;
  };
  const Row rows[] = {
      {"a: 1\nb: [x, -2.5e3, true, null, ~]\n", R"({"a":1,"b":["x",-2.5e3,true,null,null]})"},
      {"a: '1'\nb: \"true\"\n", R"({"a":"1","b":"true"})"},
      {"a: 01\nb: 1.\nc: 0x10\nd: .5\n", R"({"a":"01","b":"1.","c":"0x10","d":".5"})"},
      {"a:\n- b: c\n  d: e\n- f\n", R"({"a":[{"b":"c","d":"e"},"f"]})"},
      {"when: now ... future / 1s\n", R"({"when":"now ... future / 1s"})"},
      {"url: http://example.org/a\n", R"({"url":"http://example.org/a"})"},
      {"a: \"\\n\\t\\x01\\\"\\\\é\"\n", R"({"a":"\n\t\u0001\"\\é"})"},
      {"a: |\n  two\n  lines\n", R"({"a":"two\nlines\n"})"},
      {"# nothing\n", "null"},
      {"{}", "{}"},
      {"[]", "[]"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    CHECK(json_of(row.yaml) == row.json);
  }
}

TEST_CASE("what YAML would let pass is a mistake with its line") {
  struct Row {
    const char* yaml;
    std::vector<std::string> mistakes;
  };
  const Row rows[] = {
      {"a: 1\nb: 2\na: 3\n", {"f:3: key \"a\" stands here again, first in line 1"}},
      {"a: &x 1\nb: *x\n",
       {"f:1: anchors (&name) are not supported: write the value out",
        "f:2: aliases (*name) are not supported: write the value out"}},
      {"a: &x [*x]\n",
       {"f:1: anchors (&name) are not supported: write the value out",
        "f:1: aliases (*name) are not supported: write the value out"}},
      {"a: !!int 1\nb: !mine {}\n",
       {"f:1: tags (!name) are not supported", "f:2: tags (!name) are not supported"}},
      {"a: 'open\nb: 2\n", {"f:1: this quote is never closed"}},
      {"- a\nb: c\n",
       {"f:2: this does not belong to what stands above; only one document is read"}},
      {"[a]: b\n", {"f:1: a key has to be a text, not a list"}},
      {"a: 1\n---\nb: 2\n",
       {"f:3: this does not belong to what stands above; only one document is read"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    CHECK(mistakes_in(row.yaml) == row.mistakes);
  }
}

TEST_CASE("text that is no YAML is one mistake with its line") {
  for (const char* const text :
       {"a: [1, 2\n", "a: \"open\n", "- a\n  b: c\n", "a:\n\t- b\n", "{a: b", "a: b: c\n"}) {
    CAPTURE(text);
    const auto lines = mistakes_in(text);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].substr(0, 2) == "f:");
  }
}

TEST_CASE("deep nesting is refused, not followed until the stack ends") {
  CHECK(mistakes_in(std::string(100'000, '[')).size() == 1);
  CHECK(mistakes_in(std::string(100'000, '{')).size() == 1);
}

TEST_CASE("a file that cannot be read is an error that names it") {
  Mistakes mistakes;
  CHECK_THROWS_WITH(read_yaml("/nowhere/at.all", mistakes),
                    "/nowhere/at.all: cannot be read: No such file or directory");
  CHECK_THROWS_WITH(read_yaml("/", mistakes), "/: cannot be read: it is a directory");
  CHECK_THROWS_WITH(read_text("/dev/zero"), "/dev/zero: cannot be read: it has more than 16 MiB");
}
