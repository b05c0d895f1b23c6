#include "mpsup/question_key.hpp"

#include "support/scratch.hpp"

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using std::filesystem::perms;

TEST_CASE("a key is made once, for its owner alone", "[mpsup][key]") {
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "state";
  const std::string key = question_key(folder);
  CHECK(key.size() == 32);
  CHECK(read_file(folder / "question.key") == key);
  CHECK(std::filesystem::status(folder / "question.key").permissions() ==
        (perms::owner_read | perms::owner_write));
  CHECK(question_key(folder) == key);
  CHECK(question_key(scratch.path() / "another") != key);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CHECK(entry.path().filename() == "question.key");  // no draft is left
  }
}

TEST_CASE("a key that is cut short is refused", "[mpsup][key]") {
  const ScratchFolder scratch;
  const std::string file = scratch.write("question.key", "short");
  std::filesystem::permissions(file, perms::owner_read | perms::owner_write);
  CHECK_THROWS_WITH(question_key(scratch.path()),
                    Catch::StartsWith(file) && Catch::Contains("too short"));
  CHECK(read_file(file) == "short");
}

TEST_CASE("a key that others can read is refused", "[mpsup][key]") {
  const ScratchFolder scratch;
  const std::string file = scratch.write("question.key", std::string(32, 'k'));
  std::filesystem::permissions(file, perms::owner_read | perms::group_read);
  CHECK_THROWS_WITH(question_key(scratch.path()),
                    Catch::StartsWith(file) && Catch::Contains("chmod 600"));
  std::filesystem::permissions(file, perms::owner_read);
  CHECK(question_key(scratch.path()) == std::string(32, 'k'));
}
