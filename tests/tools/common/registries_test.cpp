#include "mplane/tools/registries.hpp"

#include "mplane/model/error.hpp"
#include "support/scratch.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::test::ScratchFolder;

namespace {

constexpr const char* kOne =
    R"({"registry-format": "mplane-0", "registry-uri": "http://a.org/r/one",
  "registry-revision": 0, "elements": [{"name": "one.thing", "prim": "natural"}]})";
constexpr const char* kTwo =
    R"({"registry-format": "mplane-0", "registry-uri": "http://a.org/r/two",
  "registry-revision": 0, "includes": ["http://a.org/r/one"],
  "elements": [{"name": "two.things", "prim": "natural"}]})";

}  // namespace

TEST_CASE("a registry is found by name in the first folder that has it") {
  const ScratchFolder first;
  const ScratchFolder second;
  second.write("one.json", kOne);
  const Registry registry = load_registry("one", ".", {first.path(), second.path()});
  CHECK(registry.uri() == "http://a.org/r/one");
  CHECK(registry.find("one.thing") != nullptr);
}

TEST_CASE("only a program where it was built looks into the source tree") {
  const auto directories_of = [](const std::filesystem::path& program) {
    std::vector<std::string> directories;
    for (const auto& directory : registry_directories(program)) {
      directories.push_back(directory.string());
    }
    return directories;
  };
  const std::string source = MPLANE_TEST_SOURCE_DIR "/registry";
  const auto built = directories_of(std::filesystem::read_symlink("/proc/self/exe"));
  CHECK_THAT(built, Catch::VectorContains(source));
  CHECK(load_registry("loopback", ".", registry_directories()).find("test.input") != nullptr);

  for (const char* const elsewhere : {"/opt/mplane/bin/mpcom", MPLANE_TEST_SOURCE_DIR "/x", ""}) {
    INFO(elsewhere);
    const auto installed = directories_of(elsewhere);
    CHECK_THAT(installed, !Catch::VectorContains(source));
    CHECK_THAT(installed, Catch::VectorContains(std::string(MPLANE_TEST_INSTALLED_REGISTRY)));
  }
  CHECK(directories_of("/opt/mplane/bin/mpcom").front() == "/opt/mplane/share/mplane/registry");
}

TEST_CASE("a registry's includes are found beside it") {
  const ScratchFolder folder;
  folder.write("one.json", kOne);
  folder.write("two.json", kTwo);
  const Registry registry = load_registry("two.json", folder.path(), {});
  CHECK(registry.find("one.thing") != nullptr);
  CHECK(registry.find("two.things") != nullptr);
}

TEST_CASE("a registry may be written in YAML") {
  const ScratchFolder folder;
  folder.write("r.yaml",
               "registry-format: mplane-0\nregistry-uri: http://a.org/r/r\nregistry-revision: 3\n"
               "elements:\n- name: some.thing\n  prim: natural\n");
  const Registry registry = load_registry("./r.yaml", folder.path(), {});
  CHECK(registry.revision() == 3);
  CHECK(registry.find("some.thing") != nullptr);
}

TEST_CASE("the first of several registries knows the others") {
  const ScratchFolder folder;
  folder.write("one.json", kOne);
  const Registry registry = load_registries({"core", "one"}, ".", {folder.path()});
  CHECK(registry.uri() == kCoreRegistryUri);
  REQUIRE(registry.known("http://a.org/r/one") != nullptr);
  CHECK(load_registries({}, ".", {}).uri() == kCoreRegistryUri);
}

TEST_CASE("registries that cannot be loaded are named, with what is wrong") {
  const ScratchFolder folder;
  const std::string at = folder.path().string();
  folder.write("bad.json", "{");
  folder.write("liar.json", R"({"registry-format": "mplane-0", "registry-uri": "http://a.org/r/b",
    "registry-revision": 0, "includes": ["http://a.org/r/one"], "elements": []})");
  CHECK_THROWS_WITH(load_registry("none", ".", {folder.path()}),
                    "there is no registry file \"none.json\" in " + at);
  CHECK_THROWS_WITH(load_registry("./none.json", folder.path(), {}),
                    at + "/none.json: cannot be read: No such file or directory");
  CHECK_THROWS_WITH(load_registry("bad", ".", {folder.path()}),
                    Catch::StartsWith(at + "/bad.json: "));
  CHECK_THROWS_WITH(load_registry("liar", ".", {folder.path()}), Catch::Contains("one.json"));
  folder.write("one.json", R"({"registry-format": "mplane-0", "registry-uri": "http://a.org/other",
    "registry-revision": 0, "elements": []})");
  CHECK_THROWS_WITH(load_registry("liar", ".", {folder.path()}),
                    Catch::Contains("http://a.org/r/one"));
}
